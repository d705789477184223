/** Whom to trust in place of the public services (policy.sigstore.dev, `TrustRoot`), in exactly one of the ways. */
export interface TrustRoot {
  readonly apiVersion: 'policy.sigstore.dev/v1alpha1';
  readonly kind: 'TrustRoot';
  readonly metadata: { readonly name: string };
  readonly spec: {
    /** Where a repository of TUF is. */
    readonly remote?: { readonly root: string; readonly mirror: string };
    /** A whole repository of TUF. */
    readonly repository?: { readonly root: string; readonly mirrorFS: string; readonly targets?: string };
    readonly sigstoreKeys?: SigstoreKeys;
    /** Sigstore's own document. */
    readonly trustedRootJSON?: unknown;
  };
}

/** Keys and certificates themselves. */
export interface SigstoreKeys {
  readonly certificateAuthorities?: readonly TrustedAuthority[];
  readonly tLogs?: readonly TrustedLog[];
  readonly ctLogs?: readonly TrustedLog[];
  readonly timestampAuthorities?: readonly TrustedAuthority[];
}

/** A chain of certificates; its name and address are for people. */
export interface TrustedAuthority {
  readonly subject: { readonly organization: string; readonly commonName: string };
  readonly uri: string;
  /** PEM in base64. */
  readonly certChain: string;
}

/** The key of a log. */
export interface TrustedLog {
  readonly baseURL: string;
  readonly hashAlgorithm: string;
  /** PEM in base64. */
  readonly publicKey: string;
}
