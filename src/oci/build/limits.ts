/** What one image may be made of; whoever adds a whole disk by mistake hears of it before it is full. */
export const buildLimits = {
  /** Files, folders and links of one layer. */
  entries: 2_000_000,
  /** Bytes of a path in the image, and of what a link leads to: Linux takes no longer ones (PATH_MAX). */
  pathBytes: 4096,
  /** Bytes of one name in a path (NAME_MAX). */
  nameBytes: 255,
  /** Folders within folders. */
  depth: 256,
  /** Bytes of the files of one layer: no reader unpacks more (src/codec/compression/limits.ts). */
  layerBytes: 68_719_476_736,
  /** Layers that one build adds. */
  layers: 128,
  /** Layers of the image, with those of its base: overlay file systems stop at 500, and Docker at 127. */
  allLayers: 500,
  platforms: 32,
  /** Owners: what the kernel's 32 bits hold, without the one that means nobody was named. */
  id: 4_294_967_294,
} as const;
