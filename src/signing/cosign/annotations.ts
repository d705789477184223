/** What cosign writes beside a layer of a `.sig` or `.att` image. */
export const layerAnnotations = {
  /** Base64; empty where the layer is an envelope that has its signature inside. */
  signature: 'dev.cosignproject.cosign/signature',
  /** PEM of the leaf, and of what signed it. */
  certificate: 'dev.sigstore.cosign/certificate',
  chain: 'dev.sigstore.cosign/chain',
  /** What the log promised, as JSON. */
  bundle: 'dev.sigstore.cosign/bundle',
  timestamp: 'dev.sigstore.cosign/rfc3161timestamp',
  predicateType: 'predicateType',
} as const;

/** What cosign writes beside a bundle, into its manifest. */
export const bundleAnnotations = {
  content: 'dev.sigstore.bundle.content',
  predicateType: 'dev.sigstore.bundle.predicateType',
  created: 'org.opencontainers.image.created',
} as const;

/** The predicate type of a statement that says nothing but "signed". */
export const signPredicateType = 'https://sigstore.dev/cosign/sign/v1';
