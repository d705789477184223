/** The tags of an rpm header that are read (rpm, include/rpm/rpmtag.h). */
export const rpmTag = {
  signatureMd5: 261,
  headerSha1: 269,
  headerSha256: 273,
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  vendor: 1011,
  license: 1014,
  packager: 1015,
  arch: 1022,
  /** Whole paths, in headers older than rpm 4. */
  oldFileNames: 1027,
  fileModes: 1030,
  sourceRpm: 1044,
  provideName: 1047,
  requireName: 1049,
  directoryIndexes: 1116,
  baseNames: 1117,
  directoryNames: 1118,
  modularityLabel: 5096,
} as const;
