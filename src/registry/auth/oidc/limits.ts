/** Caps on issuers of OpenID Connect and on what their tokens become. */
export const oidcLimits: {
  readonly issuers: number;
  readonly rules: number;
  /** Claims that one rule asks for, and patterns for one claim. */
  readonly claims: number;
  readonly patterns: number;
  /** Groups that one rule gives, those of a list in a claim counted one by one. */
  readonly groups: number;
  readonly audiences: number;
  /** Characters of a template. */
  readonly templateLength: number;
} = { issuers: 50, rules: 200, claims: 50, patterns: 100, groups: 200, audiences: 20, templateLength: 500 };
