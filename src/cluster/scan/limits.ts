/** What reading the images of a cluster may take. Times in milliseconds. */
export const scanLimits = {
  /** Ways in which one image is looked for: names under which it is written, and credentials of its workloads. */
  ways: 5,
  /** Platforms of one image that are read. */
  platforms: 10,
  /** Images of one registry that are read at a time. */
  perRegistry: 4,
  /** Failures of a registry in a row, or of one image, after which it is given up; and how long it is left alone after each. */
  outages: { most: 7, firstPause: 2000, mostPause: 60_000 },
} as const;
