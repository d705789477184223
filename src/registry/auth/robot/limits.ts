/** Caps on robot accounts. */
export const robotLimits: {
  /** Characters of a name and of a description. */
  readonly nameLength: number;
  readonly descriptionLength: number;
  /** Grants of one account, and patterns of one grant. */
  readonly grants: number;
  readonly repositories: number;
  /** Longest life of a secret and of an overlap after a new one was made, in milliseconds. */
  readonly maxLife: number;
  readonly maxOverlap: number;
  /** Times that a change is tried again when others changed the same account meanwhile. */
  readonly tries: number;
} = {
  nameLength: 100,
  descriptionLength: 1000,
  grants: 100,
  repositories: 100,
  maxLife: 5 * 365 * 24 * 60 * 60_000,
  maxOverlap: 30 * 24 * 60 * 60_000,
  tries: 5,
};
