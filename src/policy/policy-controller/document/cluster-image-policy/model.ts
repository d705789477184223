import type { LabelSelector } from '../../../kyverno/document/match/model.ts';

/** A policy of Sigstore's policy-controller, as it is written (policy.sigstore.dev, `ClusterImagePolicy`). */
export interface ClusterImagePolicy {
  readonly apiVersion: 'policy.sigstore.dev/v1alpha1' | 'policy.sigstore.dev/v1beta1';
  readonly kind: 'ClusterImagePolicy';
  readonly metadata: { readonly name: string };
  readonly spec: ClusterImagePolicySpec;
}

/** Which images, and who must have signed them: one of the authorities is enough. */
export interface ClusterImagePolicySpec {
  readonly images: readonly { readonly glob: string }[];
  readonly authorities?: readonly Authority[];
  readonly mode?: 'enforce' | 'warn';
  /** All objects with pods when left out or empty. */
  readonly match?: readonly MatchResource[];
  /** In CUE or Rego. */
  readonly policy?: WrittenPolicy;
}

/** Objects of one kind, with labels of their own. */
export interface MatchResource {
  readonly group?: string;
  readonly version?: string;
  readonly resource?: string;
  readonly selector?: LabelSelector;
}

/** Somebody who signs, or an answer that is always the same. */
export interface Authority {
  /** `authority-0` by its place when left out. */
  readonly name?: string;
  readonly key?: KeyRef;
  readonly keyless?: KeylessRef;
  readonly static?: { readonly action: 'pass' | 'fail'; readonly message?: string };
  /** Where signatures lie, when not beside the image. */
  readonly source?: readonly Source[];
  readonly ctlog?: { readonly url?: string; readonly trustRootRef?: string };
  readonly rfc3161timestamp?: { readonly trustRootRef?: string };
  /** Statements that must all be there; then no signature of the image itself is asked for. */
  readonly attestations?: readonly Attestation[];
  readonly signatureFormat?: 'legacy' | 'bundle';
}

/** A key, in exactly one of the ways. */
export interface KeyRef {
  readonly data?: string;
  readonly secretRef?: { readonly name?: string; readonly namespace?: string };
  readonly kms?: string;
  readonly hashAlgorithm?: 'sha224' | 'sha256' | 'sha384' | 'sha512';
}

/** Certificates of an authority, by who they were issued to. */
export interface KeylessRef {
  readonly url?: string;
  readonly identities?: readonly {
    readonly issuer?: string;
    readonly issuerRegExp?: string;
    readonly subject?: string;
    readonly subjectRegExp?: string;
  }[];
  readonly trustRootRef?: string;
  readonly insecureIgnoreSCT?: boolean;
  readonly 'ca-cert'?: KeyRef;
}

/** A place of signatures. */
export interface Source {
  readonly oci?: string;
  readonly tagPrefix?: string;
  /** In the namespace of the object. */
  readonly signaturePullSecrets?: readonly { readonly name?: string }[];
}

/** A statement that must be there. */
export interface Attestation {
  readonly name: string;
  /** A name that cosign gives, or a URI. */
  readonly predicateType: string;
  readonly policy?: WrittenPolicy;
}

/** A policy in a language of its own. */
export interface WrittenPolicy {
  readonly type: string;
  readonly data?: string;
  readonly url?: string;
  readonly configMapRef?: { readonly name?: string; readonly namespace?: string; readonly key?: string };
  readonly remote?: { readonly url?: string; readonly sha256sum?: string };
  readonly fetchConfigFile?: boolean;
  readonly includeSpec?: boolean;
  readonly includeObjectMeta?: boolean;
  readonly includeTypeMeta?: boolean;
}
