/** A certificate and its key, in PEM; the key is not encrypted. */
export interface KeyedCertificate {
  readonly certificate: string;
  readonly key: string;
}

/**
 * What the webhook's own certificates are made of: a value, for all replicas together. The authority that signs from now on, and the leaf
 * that is served; while another authority takes over, also the certificate of the one before, as long as a leaf of it may be served.
 */
export interface CertificateState {
  readonly authority: KeyedCertificate;
  /**
   * Whether whoever connects trusts the authority already: the API servers have a bundle with it. Until then no leaf of it takes the
   * place of one that works.
   */
  readonly isPublished: boolean;
  readonly leaf: KeyedCertificate;
  /** Of the authority before, in PEM, without its key: nothing is signed with it any more. */
  readonly previous?: string;
  /** When the leaf took the place of the one before, in milliseconds since 1970; absent while it is of the authority before. */
  readonly leafSince?: number;
}

/** For which names leaves are made, and for how long all of it holds. */
export interface CertificatePlan {
  /** The first is the leaf's name; all are among its alternative names (RFC 6125). Addresses are taken as such. */
  readonly dnsNames: readonly [string, ...string[]];
  readonly lifetimes?: Partial<CertificateLifetimes>;
}

/** All in milliseconds. */
export interface CertificateLifetimes {
  readonly authority: number;
  readonly leaf: number;
  /** Before its end, a certificate gets a successor. */
  readonly renewBefore: number;
  /** By which clocks may differ. */
  readonly skew: number;
  /** For which an authority stays in the bundle when no leaf of it is to be served any more: replicas take the new leaf one by one. */
  readonly overlap: number;
}

const day = 86_400_000;

/** What is taken where nothing is said: the times of other webhooks in the field, which operators know. */
export const defaultLifetimes: CertificateLifetimes = {
  authority: 365 * day,
  leaf: 150 * day,
  renewBefore: 15 * day,
  skew: 600_000,
  overlap: day,
};

/** The names by which a Service is reached in its cluster (Kubernetes, "DNS for Services and Pods"); API servers use the first. */
export function serviceNames(service: string, namespace: string): readonly [string, ...string[]] {
  const short = `${service}.${namespace}`;
  return [`${short}.svc`, `${short}.svc.cluster.local`, short];
}
