import type { JsonValue } from '../../../../lang/jmespath/value.ts';
import type { ConditionBlock, Conditions } from '../conditions/model.ts';
import type { LabelSelector, MatchBlock } from '../match/model.ts';
import type { KyvernoVerification, RegistryCredentials } from '../verification/model.ts';

/** A policy of Kyverno as it is written (kyverno.io/docs, "ClusterPolicy"), with every field that it has, and nothing filled in. */
export interface KyvernoPolicy {
  readonly apiVersion: 'kyverno.io/v1' | 'kyverno.io/v2beta1';
  readonly kind: 'ClusterPolicy' | 'Policy';
  readonly metadata: KyvernoMetadata;
  readonly spec: KyvernoSpec;
}

/** Of an object of Kubernetes, what policies go by. */
export interface KyvernoMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What becomes of an object that breaks a rule; small letters are what older policies have. */
export type FailureAction = 'Audit' | 'Enforce' | 'audit' | 'enforce';

/** What all rules of a policy have in common. */
export interface KyvernoSpec {
  readonly rules: readonly KyvernoRule[];
  readonly applyRules?: 'All' | 'One';
  readonly admission?: boolean;
  readonly background?: boolean;
  readonly emitWarning?: boolean;
  readonly failurePolicy?: 'Fail' | 'Ignore';
  readonly webhookTimeoutSeconds?: number;
  readonly webhookConfiguration?: WebhookConfiguration;
  readonly validationFailureAction?: FailureAction;
  readonly validationFailureActionOverrides?: readonly FailureActionOverride[];
  readonly schemaValidation?: boolean;
  readonly generateExisting?: boolean;
  readonly generateExistingOnPolicyUpdate?: boolean;
  readonly mutateExistingOnPolicyUpdate?: boolean;
  readonly useServerSideApply?: boolean;
}

/** How the API server is to ask. */
export interface WebhookConfiguration {
  readonly failurePolicy?: 'Fail' | 'Ignore';
  readonly timeoutSeconds?: number;
  readonly matchConditions?: readonly { readonly name: string; readonly expression: string }[];
}

/** Another action in some namespaces. */
export interface FailureActionOverride {
  readonly action?: FailureAction;
  readonly namespaces?: readonly string[];
  readonly namespaceSelector?: LabelSelector;
}

/** One rule, which does one of four things. */
export interface KyvernoRule {
  readonly name: string;
  readonly match: MatchBlock;
  readonly exclude?: MatchBlock;
  readonly context?: readonly ContextEntry[];
  readonly preconditions?: Conditions;
  readonly celPreconditions?: readonly { readonly name: string; readonly expression: string }[];
  readonly imageExtractors?: Readonly<Record<string, readonly ImageExtractor[]>>;
  readonly skipBackgroundRequests?: boolean;
  readonly reportProperties?: Readonly<Record<string, string>>;
  readonly verifyImages?: readonly KyvernoVerification[];
  readonly validate?: KyvernoValidation;
  readonly mutate?: JsonValue;
  readonly generate?: JsonValue;
}

/** A value that expressions may use by its name. */
export interface ContextEntry {
  readonly name: string;
  readonly configMap?: { readonly name: string; readonly namespace?: string };
  readonly variable?: { readonly value?: JsonValue; readonly jmesPath?: string; readonly default?: JsonValue };
  readonly apiCall?: ApiCall;
  readonly imageRegistry?: ImageRegistryLookup;
  readonly globalReference?: { readonly name: string; readonly jmesPath?: string };
}

/** A request to the API server, or to a service, which Seaworthy never makes. */
export interface ApiCall {
  readonly urlPath?: string;
  readonly method?: 'GET' | 'POST';
  readonly data?: JsonValue;
  readonly service?: JsonValue;
  readonly jmesPath?: string;
  readonly default?: JsonValue;
}

/** What a registry says of an image. */
export interface ImageRegistryLookup {
  readonly reference: string;
  readonly jmesPath?: string;
  readonly imageRegistryCredentials?: RegistryCredentials;
}

/** Where objects of a kind have images. */
export interface ImageExtractor {
  readonly path: string;
  readonly value?: string;
  readonly name?: string;
  readonly key?: string;
  readonly jmesPath?: string;
}

/** What an object must be like; one of the forms. */
export interface KyvernoValidation extends ValidationForms {
  readonly message?: string;
  readonly failureAction?: FailureAction;
  readonly failureActionOverrides?: readonly FailureActionOverride[];
  readonly allowExistingViolations?: boolean;
  readonly cel?: CelValidation;
  readonly podSecurity?: JsonValue;
  readonly manifests?: JsonValue;
  readonly assert?: JsonValue;
}

/** Expressions that must be true (Kubernetes, ValidatingAdmissionPolicy). */
export interface CelValidation {
  readonly expressions?: readonly CelExpression[];
  readonly variables?: readonly { readonly name: string; readonly expression: string }[];
  readonly auditAnnotations?: JsonValue;
  readonly paramKind?: JsonValue;
  readonly paramRef?: JsonValue;
  /** Whether Kyverno has the API server judge instead, which says the same. */
  readonly generate?: boolean;
}

/** One of them. */
export interface CelExpression {
  readonly expression: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: string;
}

/** What elements of a list, too, may be held to. */
export interface ValidationForms {
  readonly pattern?: JsonValue;
  readonly anyPattern?: readonly JsonValue[];
  readonly deny?: { readonly conditions?: Conditions };
  readonly foreach?: readonly ForeachValidation[];
}

/** What each element of a list must be like. */
export interface ForeachValidation extends ValidationForms {
  readonly list: string;
  readonly elementScope?: boolean;
  readonly context?: readonly ContextEntry[];
  readonly preconditions?: ConditionBlock;
}
