import type { MatchConstraints } from '../../../resource/match-constraints/model.ts';

/** A policy about images in CEL, as it is written (policies.kyverno.io, `ImageValidatingPolicy`). */
export interface ImageValidatingPolicy {
  readonly apiVersion: string;
  readonly kind: 'ImageValidatingPolicy' | 'NamespacedImageValidatingPolicy';
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: ImageValidatingSpec;
}

/** An expression with a name. */
export interface NamedExpression {
  readonly name: string;
  readonly expression: string;
}

/** What the policy says. */
export interface ImageValidatingSpec {
  readonly matchConstraints?: MatchConstraints;
  readonly matchConditions?: readonly NamedExpression[];
  readonly failurePolicy?: 'Fail' | 'Ignore';
  readonly validationActions?: readonly ('Deny' | 'Audit' | 'Warn')[];
  readonly variables?: readonly NamedExpression[];
  readonly validationConfigurations?: {
    readonly mutateDigest?: boolean;
    readonly verifyDigest?: boolean;
    readonly required?: boolean;
  };
  /** All images when left out or empty. */
  readonly matchImageReferences?: readonly { readonly glob?: string; readonly expression?: string }[];
  readonly credentials?: {
    readonly allowInsecureRegistry?: boolean;
    readonly providers?: readonly ('default' | 'amazon' | 'azure' | 'google' | 'github')[];
    readonly secrets?: readonly string[];
  };
  /** Images besides those of pods. */
  readonly images?: readonly NamedExpression[];
  readonly attestors?: readonly ImageAttestor[];
  readonly attestations?: readonly ImageAttestation[];
  readonly validations?: readonly ImageValidation[];
  readonly auditAnnotations?: readonly { readonly key: string; readonly valueExpression: string }[];
  readonly webhookConfiguration?: { readonly timeoutSeconds?: number };
  readonly evaluation?: {
    readonly mode?: string;
    readonly admission?: { readonly enabled?: boolean };
    readonly background?: { readonly enabled?: boolean; readonly interval?: string };
  };
  readonly autogen?: { readonly podControllers?: { readonly controllers?: readonly string[] } };
}

/** An expression that must be true. */
export interface ImageValidation {
  readonly expression: string;
  readonly message?: string;
  readonly messageExpression?: string;
  /** For the status of the answer; Kyverno's webhooks answer with the same for all, and so does this. */
  readonly reason?: string;
}

/** A statement, attached as in-toto has it or as an artifact. */
export interface ImageAttestation {
  readonly name: string;
  readonly intoto?: { readonly type: string };
  readonly referrer?: { readonly type: string };
}

/** Somebody who signs. */
export interface ImageAttestor {
  readonly name: string;
  readonly cosign?: CosignAttestor;
  readonly notary?: { readonly certs?: TextOrExpression; readonly tsaCerts?: TextOrExpression };
}

/** A text, or an expression that gives one. */
export interface TextOrExpression {
  readonly value?: string;
  readonly expression?: string;
}

/** Somebody who signs with cosign, by exactly one of a key, certificates of an authority, and a certificate. */
export interface CosignAttestor {
  readonly key?: {
    readonly data?: string;
    readonly secretRef?: { readonly name: string; readonly namespace?: string };
    readonly kms?: string;
    readonly hashAlgorithm?: 'sha224' | 'sha256' | 'sha384' | 'sha512';
    readonly expression?: string;
  };
  readonly keyless?: {
    readonly identities?: readonly {
      readonly issuer?: string;
      readonly issuerRegExp?: string;
      readonly subject?: string;
      readonly subjectRegExp?: string;
    }[];
    readonly roots?: string;
  };
  readonly certificate?: { readonly cert?: TextOrExpression; readonly certChain?: TextOrExpression };
  readonly source?: {
    readonly repository?: string;
    readonly tagPrefix?: string;
    /** In the namespace of the object. */
    readonly PullSecrets?: readonly { readonly name?: string }[];
  };
  readonly ctlog?: {
    readonly url?: string;
    readonly rekorPubKey?: string;
    readonly ctLogPubKey?: string;
    readonly tsaCertChain?: string;
    readonly insecureIgnoreTlog?: boolean;
    readonly insecureIgnoreSCT?: boolean;
  };
  readonly tuf?: unknown;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly trustedRoot?: TextOrExpression;
}
