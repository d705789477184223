/** What a hostile registry may make this folder read, hold or repeat; real ones stay far below. */
export const clientLimits = {
  /** Characters of a `WWW-Authenticate` header. */
  challengeLength: 8192,
  /** Challenges in one header, and parameters in one challenge. */
  challengeParts: 32,
  /** Bytes of a token endpoint's answer. */
  tokenAnswerBytes: 131_072,
  /** What was shown to a registry before, and is kept out of its messages still. */
  pastSecrets: 16,
  /** Characters of a token. */
  tokenLength: 65_536,
  /** Bytes read of an error's body. */
  errorBytes: 16_384,
  /** Time given to an error's body. */
  errorMs: 5000,
  /** Characters of the registry's own words kept in a message. */
  errorTextLength: 300,
  /** How often a blob that broke off is continued. */
  resumes: 5,
  /** How often a manifest that broke off is fetched in all. */
  manifestTries: 3,
  /** Manifests kept per image while it is being resolved. */
  keptManifests: 16,
  /** Pages of one list. */
  listPages: 256,
  /** Bytes of one page, and of all pages of one list together. */
  pageBytes: 4_194_304,
  listBytes: 33_554_432,
  /** Referrers of one manifest; nothing honest has as many. */
  referrers: 10_000,
  /** Tags of one repository, and repositories of one registry. */
  tags: 100_000,
  repositories: 100_000,
  /** Characters of a `Link` header. */
  linkLength: 8192,
  /** Repositories of which it is remembered whether they answer the referrers API, and for how long. */
  rememberedRepositories: 1024,
  rememberedMs: 300_000,
  /** How often a manifest that others change as well is changed anew, read after that, and the longest pause between. */
  changeTries: 48,
  changeReads: 10,
  changePauseMs: 1000,
  /** Bytes of a configuration file with credentials. */
  authFileBytes: 4_194_304,
  /** Bytes of a credential helper's answer. */
  helperBytes: 65_536,
  /** Time given to a credential helper; some open a browser or ask a cloud. */
  helperMs: 30_000,
} as const;
