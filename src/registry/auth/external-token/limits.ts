/** Caps on tokens of another token service. */
export const externalTokenLimits: {
  /** Verified tokens that are remembered. */
  readonly remembered: number;
} = { remembered: 20_000 };
