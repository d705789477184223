/** What a hostile image may make this folder read or hold; real images stay far below. */
export const limits = {
  /** Bytes of a manifest or index; registries refuse larger ones (distribution-spec, "Pushing Manifests"). */
  manifestBytes: 4_194_304,
  /** Bytes of an image config. */
  configBytes: 8_388_608,
  /** Layers of one image; overlay file systems stop at 500. */
  layers: 1024,
  /** Manifests that one index may list. */
  indexEntries: 4096,
  /** Indexes within indexes. */
  indexDepth: 4,
  /** Nested indexes and manifests read in search of one platform. */
  indexReads: 64,
  /** Steps of an image's history. */
  historyEntries: 16_384,
  /** Labels, annotations or variables in one map or list. */
  mapEntries: 16_384,
} as const;
