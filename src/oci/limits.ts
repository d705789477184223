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
  /** Manifests of one image or index that is copied, indexes included, and bytes of them together. */
  copiedManifests: 4096,
  copiedManifestBytes: 67_108_864,
  /** Blobs of a layout folder that are looked at in search of manifests that it does not name. */
  layoutBlobs: 65_536,
  /** Steps of an image's history. */
  historyEntries: 16_384,
  /** Labels, annotations or variables in one map or list. */
  mapEntries: 16_384,
} as const;
