/** What decides which images pass, and what becomes of those that wait. */
export interface GateConfig {
  /** Files with policies, which count together; absolute. Without any, everything passes. */
  readonly policies: readonly string[];
  /** Milliseconds that a client is held while an image is looked at. */
  readonly holdMs: number;
  /** Milliseconds after which a client may try again that was held for so long. */
  readonly retryAfterMs: number;
  /** Platforms by whose images an index is judged: `linux/amd64`. */
  readonly platforms: readonly string[];
  /** Who may pull and push what the policy refuses, such as those who sign images. */
  readonly exempt: readonly ExemptConfig[];
  /** Whom signatures by certificates are trusted by: a `trusted_root.json`; absolute. */
  readonly trustedRoot?: string;
  /** The TUF repository that says whom to trust, where `trustedRoot` does not; Sigstore's own where it is not named. */
  readonly tufMirror?: string;
  /** The root metadata that this repository is trusted by; absolute. The program has that of Sigstore's own. */
  readonly tufRoot?: string;
  /** Whether signatures by keys must be in a transparency log too. */
  readonly logKeys: boolean;
}

/** Who is not held back, and where. */
export interface ExemptConfig {
  /** Patterns. */
  readonly repositories: readonly string[];
  /** Subjects, as in permissions. */
  readonly to: readonly string[];
}
