/** Bounds for policies, which people write, and for verdicts, which are kept by the thousand and sent to clients. */
export const policyLimits = {
  rules: 200,
  signers: 200,
  /** Exceptions grow with the number of teams. */
  exceptions: 5000,
  /** Kinds of objects of a policy, or ways to choose some, in one list. */
  objects: 100,
  /** Keys, or identities, of one signer. */
  credentials: 50,
  /** Texts of which a claim must match all. */
  texts: 10,
  /** Signers that one rule names. */
  ruleSigners: 50,
  /** Ids of vulnerabilities, or digests, in one list. */
  ids: 1000,
  /** Code units of a name. */
  name: 100,
  /** Code units of any other text: a reason, a help. */
  text: 2048,
  /** Code units of a key in PEM; RSA keys of 16,384 bits have about 2,900. */
  key: 16_384,
  /** Code units of certificates, or keys of logs, in PEM. */
  pems: 65_536,
  /** Code units of a condition. */
  condition: 16_384,
  /** Comparisons of one set of Kyverno's conditions. */
  conditionSteps: 1_000_000,
  /** Ways to put statements together of which conditions use one each. */
  statementChoices: 100,
  /** Documents in one file. */
  documents: 100,
  /** Facts that the verdict of one rule holds, worst first; their number is told besides. */
  facts: 100,
  /** Facts that one sentence tells. */
  toldFacts: 10,
  /** Rules that one message tells. */
  toldRules: 10,
  /** Code units that a text from outside has in a sentence. */
  told: 200,
  /** Code units of why signatures do not count, which may be for several reasons, and of who would. */
  reason: 600,
  /** Code units of what one rule says of an object. */
  message: 4096,
  /** Sets of signers within each other. */
  signerSets: 4,
  /** Steps in which it is looked for a way to count them. */
  signerSteps: 50_000,
} as const;
