import type { JsonValue } from '../../../lang/jmespath/value.ts';
import type { Digest } from '../../../oci/digest.ts';

/** What may come of a rule, in the words of Kyverno's results. */
export const resultWords = ['pass', 'fail', 'skip', 'error', 'warn'] as const;

/** One of {@link resultWords}. */
export type ResultWord = (typeof resultWords)[number];

/** A suite of tests as it is written: Kyverno's `Test` (kyverno.io/docs, "kyverno test"), or our `PolicyTest`. */
export interface SuiteDocument {
  readonly apiVersion?: string;
  readonly kind?: 'Test' | 'PolicyTest';
  readonly name?: string;
  readonly metadata?: { readonly name: string };
  /** Paths from the folder of the suite, as in what follows. */
  readonly policies: readonly string[];
  readonly resources: readonly string[];
  readonly exceptions?: readonly string[];
  /** A file of values, or the values themselves. */
  readonly variables?: string;
  readonly values?: SuiteValues;
  readonly userinfo?: string;
  /** Milliseconds since 1970 that it is while the tests run; now when left out. `PolicyTest` alone. */
  readonly now?: number;
  /** What is known of images. `PolicyTest` alone. */
  readonly images?: readonly GivenImage[];
  readonly results: readonly ExpectedResult[];
  /** Members that nothing here carries out; each result of the suite then says so. */
  readonly targetResources?: unknown;
  readonly checks?: unknown;
  readonly context?: unknown;
}

/** What a rule of a policy should say of some objects. */
export interface ExpectedResult {
  readonly policy: string;
  /** All rules of the policy, of which the worst counts, when left out. */
  readonly rule?: string;
  /** `name` or `namespace/name`. */
  readonly resources?: readonly string[];
  /** The older form of one. */
  readonly resource?: string;
  readonly namespace?: string;
  readonly kind?: string;
  readonly result?: ResultWord;
  /** The older name of `result`. */
  readonly status?: ResultWord;
  readonly patchedResource?: unknown;
  readonly patchedResources?: unknown;
  readonly generatedResource?: unknown;
  readonly cloneSourceResource?: unknown;
  readonly resourceSpecs?: unknown;
}

/** What a cluster would say (Kyverno's `Values`). Names of variables are paths: `request.operation`, `dictionary.data.role`. */
export interface SuiteValues {
  readonly globalValues?: Named;
  readonly namespaceSelector?: readonly { readonly name: string; readonly labels: Readonly<Record<string, string>> }[];
  readonly policies?: readonly PolicyValues[];
  readonly subresources?: unknown;
}

/** Values by names. */
export type Named = Readonly<Record<string, JsonValue>>;

/** Values for one policy: for objects by their names, and for rules. */
export interface PolicyValues {
  readonly name: string;
  readonly resources?: readonly { readonly name: string; readonly values?: Named }[];
  readonly rules?: readonly { readonly name: string; readonly values?: Named; readonly foreachValues?: unknown }[];
}

/** Who asks (Kyverno's `UserInfo`). */
export interface SuiteUser {
  readonly roles?: readonly string[];
  readonly clusterRoles?: readonly string[];
  readonly userInfo?: {
    readonly username?: string;
    readonly uid?: string;
    readonly groups?: readonly string[];
    readonly extra?: Readonly<Record<string, readonly string[]>>;
  };
}

/** What is known of an image. What is left out is not known, and never the same as that it is not there. */
export interface GivenImage {
  /** `ghcr.io/org/app:1.2`; all tags and digests of a repository are not named together. */
  readonly image: string;
  /** What the name stands for; made up from the name when left out. */
  readonly digest?: Digest;
  /** Whether its registry does not have it. */
  readonly absent?: boolean;
  readonly signatures?: readonly GivenSignature[];
  readonly attestations?: readonly GivenAttestation[];
  readonly sboms?: readonly { readonly format: string; readonly signatures?: readonly GivenSignature[] }[];
  readonly config?: GivenConfig;
}

/** A signature that holds, by who made it: a signer of the policy, a key, or whom a certificate is for. */
export interface GivenSignature {
  /** By the name that the policy has: it counts for that one, whatever else the signer asks for. */
  readonly signer?: string;
  /** A public key in PEM, or the reference that the policy has for it. */
  readonly key?: string;
  readonly issuer?: string;
  readonly subject?: string;
  /** Further claims of the certificate. */
  readonly claims?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Where it lies, when not beside the image. */
  readonly repository?: string;
}

/** A statement whose signatures hold. */
export interface GivenAttestation {
  readonly predicateType: string;
  readonly predicate: JsonValue;
  readonly signatures: readonly GivenSignature[];
  /** Milliseconds since 1970 that somebody vouches for. */
  readonly signedAt?: number;
}

/** What an image's config says. */
export interface GivenConfig {
  /** Milliseconds since 1970. */
  readonly created?: number;
  readonly user?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly environment?: readonly string[];
  readonly ports?: readonly string[];
  readonly healthcheck?: boolean;
}
