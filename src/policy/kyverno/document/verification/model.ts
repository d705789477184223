import type { ConditionBlock, Conditions } from '../conditions/model.ts';
import type { FailureAction } from '../policy/model.ts';

/** What signed images must be like: an entry of `verifyImages` (kyverno.io/docs, "Verify Images Rules"). */
export interface KyvernoVerification {
  readonly type?: 'Cosign' | 'SigstoreBundle' | 'Notary';
  readonly failureAction?: FailureAction;
  readonly imageReferences?: readonly string[];
  readonly skipImageReferences?: readonly string[];
  readonly attestors?: readonly AttestorSet[];
  readonly attestations?: readonly KyvernoAttestation[];
  readonly repository?: string;
  readonly cosignOCI11?: boolean;
  readonly mutateDigest?: boolean;
  readonly verifyDigest?: boolean;
  readonly required?: boolean;
  readonly useCache?: boolean;
  readonly validate?: { readonly message?: string; readonly deny?: { readonly conditions?: Conditions } };
  readonly imageRegistryCredentials?: RegistryCredentials;
  // Old forms of version 1, which stand for one attestor.
  readonly image?: string;
  readonly key?: string;
  readonly roots?: string;
  readonly subject?: string;
  readonly issuer?: string;
  readonly additionalExtensions?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** How registries are logged in to. */
export interface RegistryCredentials {
  readonly allowInsecureRegistry?: boolean;
  readonly providers?: readonly ('default' | 'amazon' | 'azure' | 'google' | 'github')[];
  readonly secrets?: readonly string[];
}

/** So many of the entries must have signed; all of them where no number is given. */
export interface AttestorSet {
  readonly count?: number;
  readonly entries: readonly Attestor[];
}

/** Somebody who signs: exactly one of the four. */
export interface Attestor {
  readonly keys?: KeyAttestor;
  readonly certificates?: CertificateAttestor;
  readonly keyless?: KeylessAttestor;
  /** A set within a set. */
  readonly attestor?: AttestorSet;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly repository?: string;
  readonly signatureAlgorithm?: SignatureAlgorithm;
}

/** The hash that is signed. */
export type SignatureAlgorithm = 'sha224' | 'sha256' | 'sha384' | 'sha512';

/** Public keys. */
export interface KeyAttestor extends LogTrust {
  /** One or several in PEM, `k8s://namespace/secret`, or a key of a key service. */
  readonly publicKeys?: string;
  readonly secret?: { readonly name: string; readonly namespace: string };
  readonly kms?: string;
  readonly signatureAlgorithm?: SignatureAlgorithm;
}

/** One certificate, or what it is issued by. */
export interface CertificateAttestor extends LogTrust {
  readonly cert?: string;
  readonly certChain?: string;
}

/** Certificates by who they were issued to. */
export interface KeylessAttestor extends LogTrust {
  readonly issuer?: string;
  readonly issuerRegExp?: string;
  readonly subject?: string;
  readonly subjectRegExp?: string;
  readonly roots?: string;
  readonly additionalExtensions?: Readonly<Record<string, string>>;
}

/** Which logs must know of a signature and of its certificate. */
export interface LogTrust {
  readonly rekor?: { readonly url?: string; readonly pubkey?: string; readonly ignoreTlog?: boolean };
  readonly ctlog?: {
    readonly ignoreSCT?: boolean;
    readonly pubkey?: string;
    readonly tsaCertChain?: string;
  };
}

/** A statement that must be there, and be as its conditions say. */
export interface KyvernoAttestation {
  readonly name?: string;
  readonly type?: string;
  /** The old name of `type`. */
  readonly predicateType?: string;
  readonly attestors?: readonly AttestorSet[];
  readonly conditions?: readonly ConditionBlock[];
}
