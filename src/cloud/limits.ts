/** What services of clouds, and files for them, may make this folder read, hold or wait for. Times are milliseconds. */
export const cloudLimits = {
  /** Bytes of an answer: those of key services and clusters come through here as well, and a secret of a cluster may have 1 MiB. */
  answerBytes: 4_194_304,
  /** Bytes of a file with credentials, settings or a token. */
  fileBytes: 1_048_576,
  /** Characters of a token, which becomes a header. */
  tokenLength: 65_536,
  /** What a program that knows credentials may print, and how long it may take. */
  outputBytes: 1_048_576,
  programTime: 60_000,
  /** To connect to a metadata service, and for the head of its answer: where there is none, nobody answers. */
  metadataConnect: 1000,
  metadataAnswer: 5000,
  /** For the first answer of an instance of Amazon, which never comes to a container that is too many hops away. */
  instanceAnswer: 1000,
  /** Profiles that build on each other. */
  profiles: 8,
  /** For everything that one token takes, whoever waits for it. */
  tokenTime: 30_000,
  /** Before the end of a token at which another is got; half of its time where it has less than twice that. */
  renewal: 600_000,
  /** After which another is got in any case: whoever is somebody else since is shown as that. */
  kept: 3_600_000,
  /** Time at the end of a token in which it is not shown any more. */
  spare: 20_000,
  /** The time that a token is taken to have at least and at most, whatever its service says. */
  shortest: 60_000,
  longest: 43_200_000,
  /** How long it counts that there are no credentials, and that they could not be had. */
  absentTime: 60_000,
  failedTime: 10_000,
  /** Tokens that are kept, each for a registry: names of registries come from anybody. */
  tokens: 256,
} as const;
