/** Caps on what a directory may take and answer. Times in milliseconds. */
export const ldapLimits: {
  /** From the start of a connection to the end of its TLS handshake. */
  readonly connectMs: number;
  /** For one operation. */
  readonly operationMs: number;
  /** Seconds that the directory itself may search. */
  readonly searchSeconds: number;
  /** Bytes that one operation may answer with; an entry with a thousand groups has some hundred thousand. */
  readonly answerBytes: number;
  /** Bytes of the answer to a request for StartTLS. */
  readonly startTlsBytes: number;
  /** Passwords that are checked at the same time, each on a connection of its own. */
  readonly binds: number;
  /** Groups of one user: more are refused, since a part of them would be an accident. */
  readonly groups: number;
  /** Steps from a user to a group, by way of other groups, and groups that are asked about in one search. */
  readonly groupDepth: number;
  readonly groupsPerSearch: number;
  /** How long a user's groups are taken without asking again, and for how many users. */
  readonly renewFor: number;
  readonly renewed: number;
  /** Characters of a filter. */
  readonly filterLength: number;
} = {
  connectMs: 5000,
  operationMs: 10_000,
  searchSeconds: 8,
  answerBytes: 4 * 1024 * 1024,
  startTlsBytes: 4096,
  binds: 32,
  groups: 1000,
  groupDepth: 10,
  groupsPerSearch: 50,
  renewFor: 15_000,
  renewed: 10_000,
  filterLength: 4096,
};
