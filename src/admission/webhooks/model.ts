import type { OwnerReference } from '../../kubernetes/model.ts';
import type { FailurePolicy, ReviewPhase } from '../server/model.ts';

/** How API servers reach the webhook (admissionregistration.k8s.io/v1, `WebhookClientConfig`). */
export type WebhookAddress =
  | { readonly service: { readonly namespace: string; readonly name: string; readonly port: number } }
  /** `https://host:port` without a path. */
  | { readonly url: string };

/** What webhooks are registered with besides what policies say. */
export interface WebhookSettings {
  /** Of both configurations. */
  readonly name: string;
  /** Where the webhook runs: nothing in it is reviewed, so that the webhook can start again when it is gone. */
  readonly namespace: string;
  readonly address: WebhookAddress;
  /** Namespaces that are left out besides the webhook's own and `kube-system`. */
  readonly leftOut?: readonly string[];
  /** Milliseconds that API servers wait where a policy says nothing else; 10 s unless said otherwise. */
  readonly timeout?: number;
  /** Of both configurations, for tools that want to find them or to leave them alone. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /**
   * Somebody else writes the authorities into what is registered, by the annotations: what they wrote counts, and is not mended. What is
   * registered for the first time has ours, so that there is no moment at which API servers trust nobody.
   */
  readonly isInjected?: boolean;
  /** What the configurations go with: where it is removed, they are no more in anybody's way. */
  readonly owner?: OwnerReference;
}

/** One webhook as it is registered. Every field that has a default is there, so that what others changed is seen. */
export interface Webhook {
  readonly name: string;
  readonly clientConfig: WebhookClientConfig;
  readonly rules: readonly WebhookRule[];
  readonly failurePolicy: 'Fail' | 'Ignore';
  readonly matchPolicy: 'Equivalent';
  readonly namespaceSelector: WebhookSelector;
  /** Always empty: whoever makes an object labels it, and would exempt it. */
  readonly objectSelector: Readonly<Record<string, never>>;
  readonly sideEffects: 'NoneOnDryRun';
  readonly timeoutSeconds: number;
  readonly admissionReviewVersions: readonly ['v1'];
  readonly matchConditions?: readonly MatchCondition[];
  /** Of mutating ones. */
  readonly reinvocationPolicy?: 'IfNeeded';
}

/** Where a webhook is, and whom to trust there. */
export interface WebhookClientConfig {
  /** Base64 of PEM. */
  readonly caBundle: string;
  readonly url?: string;
  readonly service?: {
    readonly namespace: string;
    readonly name: string;
    readonly path: string;
    readonly port: number;
  };
}

/** Requests that a webhook is asked about (admissionregistration.k8s.io/v1, `RuleWithOperations`). */
export interface WebhookRule {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly resources: readonly string[];
  readonly operations: readonly string[];
  readonly scope: '*';
}

/** Which namespaces a webhook is asked about (Kubernetes API, LabelSelector). */
export interface WebhookSelector {
  readonly matchExpressions: readonly {
    readonly key: string;
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
    readonly values?: readonly string[];
  }[];
}

/** A condition that API servers look at themselves; where it is false, nobody is asked. */
export interface MatchCondition {
  readonly name: string;
  /** CEL. */
  readonly expression: string;
}

/** What is to be registered. */
export interface WantedWebhooks {
  readonly mutating: readonly Webhook[];
  readonly validating: readonly Webhook[];
}

/** The paths of the webhooks, as `server/route.ts` reads them. @param policy the only one that is asked */
export function webhookPath(phase: ReviewPhase, failure: FailurePolicy, policy?: string): string {
  return `/${phase}/${failure}${policy === undefined ? '' : `/${policy}`}`;
}
