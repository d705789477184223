/** Sizes of RSA keys: shorter ones are within reach of attackers, longer ones only cost time. */
export const rsaBits = {
  least: 2048,
  most: 16_384,
  /** What Go's crypto/rsa takes, and so every tool around cosign. */
  largestExponent: 0x7f_ff_ff_ffn,
} as const;

/** Caps on where keys come from. */
export const keyLimits = {
  /** Bytes of a kubeconfig, and of each file that it names. */
  configBytes: 1_048_576,
  /** Files that `KUBECONFIG` names. */
  configFiles: 32,
  /** Levels of nesting in a kubeconfig. */
  configDepth: 32,
  /** Bytes of an answer of an API: a cluster's secret may have 1 MiB. */
  answerBytes: 4_194_304,
  /** Bytes of what a plugin prints. */
  outputBytes: 1_048_576,
  /** Time that a plugin or credential program may take. */
  programMs: 60_000,
  /** Versions of one managed key that are verified with, the newest first. */
  versions: 100,
  /** Pages in which a service lists versions, of 100 each. */
  pages: 20,
  /** Time that credentials are used again before they are fetched anew; all that are given out live longer. */
  credentialsMs: 60_000,
  /** Time that a metadata service may take; where there is none, nobody answers. */
  metadataMs: 2_000,
} as const;
