/** Caps on Java archives, in bytes unless said otherwise. */
export const javaLimits = {
  /** Archives larger than this are reported, not read. */
  file: 536_870_912,
  /** One archive inside another; it lies in memory as long as those inside it are read. */
  nestedFile: 268_435_456,
  /** Archives in archives. Three levels (an application in an installer in an image) are the most that is usual. */
  depth: 16,
  /** UTF-16 units of the path of an archive in archives: every package in it repeats that. Real ones have some 300. */
  innerPath: 2048,
  /** Archives inside one file, at any depth. */
  archives: 20_000,
  /** Entries of a file and all archives inside it. */
  entries: 2_000_000,
  /** Maven descriptors that are read of one file, at any depth. */
  descriptors: 20_000,
  /** All those descriptors together: parsing them is what costs most. */
  descriptorBytes: 67_108_864,
  manifest: 10_485_760,
  /** The manifest's main section; what follows it are checksums of signed archives. */
  manifestMainSection: 1_048_576,
  properties: 262_144,
  pom: 2_097_152,
  /** Entries of a pom's `properties`. */
  pomProperties: 1000,
  /** Characters of a pom's element that is looked at. */
  pomValue: 500,
  /** Problems that are listed one by one. */
  problems: 50,
} as const;
