/** What a hostile registry may make this folder read, hold or repeat; real ones stay far below. */
export const clientLimits = {
  /** Characters of a `WWW-Authenticate` header. */
  challengeLength: 8192,
  /** Challenges in one header, and parameters in one challenge. */
  challengeParts: 32,
  /** Bytes of a token endpoint's answer. */
  tokenAnswerBytes: 131_072,
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
  /** Bytes of a configuration file with credentials. */
  authFileBytes: 4_194_304,
  /** Bytes of a credential helper's answer. */
  helperBytes: 65_536,
  /** Time given to a credential helper; some open a browser or ask a cloud. */
  helperMs: 30_000,
} as const;
