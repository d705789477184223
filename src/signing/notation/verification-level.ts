/** What a verification consists of (trust-store-trust-policy.md, "Signature Verification details"). */
export const validations = ['integrity', 'authenticity', 'authenticTimestamp', 'expiry', 'revocation'] as const;

/** One part of it. */
export type Validation = (typeof validations)[number];

/** What follows when it fails: the signature does not hold, the failure is told, or nobody looks. */
export type Action = 'enforce' | 'log' | 'skip';

/** What is done about each. */
export type Enforcement = Readonly<Record<Validation, Action>>;

/** The levels that have names; `skip` does not look at signatures at all. */
export const levels: Readonly<Record<'strict' | 'permissive' | 'audit', Enforcement>> = {
  strict: {
    integrity: 'enforce',
    authenticity: 'enforce',
    authenticTimestamp: 'enforce',
    expiry: 'enforce',
    revocation: 'enforce',
  },
  permissive: {
    integrity: 'enforce',
    authenticity: 'enforce',
    authenticTimestamp: 'log',
    expiry: 'log',
    revocation: 'log',
  },
  audit: {
    integrity: 'enforce',
    authenticity: 'log',
    authenticTimestamp: 'log',
    expiry: 'log',
    revocation: 'log',
  },
};

/** "Custom Verification Level": what may be done about what. */
export const overrides: Readonly<Record<Exclude<Validation, 'integrity'>, readonly Action[]>> = {
  authenticity: ['enforce', 'log'],
  authenticTimestamp: ['enforce', 'log'],
  expiry: ['enforce', 'log'],
  revocation: ['enforce', 'log', 'skip'],
};
