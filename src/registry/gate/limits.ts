/** What judging one image may take. Times in milliseconds. */
export const gateLimits = {
  /** Documents attached to one image that are looked at, and of those at once. */
  referrers: 1000,
  referrersPage: 200,
  /** Of one file. */
  policyBytes: 4_194_304,
  keyBytes: 65_536,
  trustBytes: 4_194_304,
  /**
   * Indexes of a repository that may vouch for an image; and manifests that a blob is judged by: the first look at them, images of which
   * none lets it pass (fewer than `scanningLimits.cachedImages`), and all.
   */
  parents: 20,
  holders: 50,
  imageHolders: 250,
  bareHolders: 1000,
  /** Layers of a manifest that are read to tell whether they are texts, and bytes of each. */
  claimedLayers: 64,
  claimedBytes: 4_194_304,
  /**
   * Images whose layers are fetched ahead of their scans, layers of each at a time, bytes that are left of one when the next begins, and
   * the most bytes of an image that is. Images of which next to nothing came for `scanningLimits.paceTime` do not
   * count until there are so many in all; how often that is looked at of each, and how many more may wait.
   */
  aheadImages: 20,
  aheadMost: 100,
  aheadWaiting: 1000,
  aheadLook: 500,
  aheadLayers: 3,
  aheadRest: 4_194_304,
  aheadBytes: 8_589_934_592,
  /** Times that an image is judged anew at once, because what is known of it changed meanwhile. */
  rounds: 3,
  /** How long a look at an image may take where clients are held for less, in milliseconds. */
  lookTime: 5000,
  /** How long what was verified of signatures is taken for true, and that nothing could be verified. */
  verifiedTime: 60_000,
  unverifiedTime: 5000,
  /** Verdicts and signature checks that are remembered. */
  remembered: 10_000,
  /** Characters of a refusal: clients print it, and some cut it. */
  message: 4000,
} as const;
