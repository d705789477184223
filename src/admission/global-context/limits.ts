/** What is kept for policies that ask for it by name. Times in milliseconds. */
export const globalLimits = {
  /** Entries that are kept; further ones are told and not kept. */
  entries: 100,
  /** Objects of one entry, and characters of JSON of one entry's data. */
  objects: 20_000,
  characters: 8_388_608,
  /** Bytes of a list, which comes before what is kept of it. */
  listBytes: 33_554_432,
  /** Bytes of the answer of one call. */
  answerBytes: 2_097_152,
  /** How often a call is asked anew where the entry does not say, and at least and at most. */
  refresh: 600_000,
  leastRefresh: 1000,
  mostRefresh: 86_400_000,
  /** How often it is tried before it counts as failed, where the entry does not say, and at most. */
  tries: 3,
  mostTries: 10,
  /** The pause after a try that failed, doubled with each one more (client-go, "retry.DefaultBackoff" begins so). */
  pause: 10,
  /** One call. */
  callTime: 30_000,
  /** How long what was followed counts while the cluster cannot be asked. */
  behindTime: 60_000,
  /** Between two looks at whether the cluster has entries at all. */
  lookEvery: 60_000,
  firstLookEvery: 2000,
} as const;
