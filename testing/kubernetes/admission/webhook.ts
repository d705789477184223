import { builtInTypes, typeKey } from '../resource-types.ts';
import type { ObjectStore } from '../object-store.ts';
import { failure, type Json } from '../status.ts';

/** A webhook of a configuration, with the defaults of admissionregistration.k8s.io/v1. */
export interface Webhook {
  /** Of the webhook, which messages name. */
  readonly name: string;
  /** Of its configuration. */
  readonly configuration: string;
  readonly kind: 'mutating' | 'validating';
  readonly clientConfig: Json;
  readonly rules: readonly Json[];
  readonly failurePolicy: 'Fail' | 'Ignore';
  readonly namespaceSelector: unknown;
  readonly objectSelector: unknown;
  readonly sideEffects: string;
  readonly timeoutSeconds: number;
  readonly reinvocationPolicy: 'Never' | 'IfNeeded';
  readonly matchConditions: readonly { readonly name: string; readonly expression: string }[];
}

/** All webhooks of one kind, by the names of their configurations, in which they keep their order. */
export function webhooksOf(store: ObjectStore, kind: Webhook['kind']): Webhook[] {
  const type = kind === 'mutating' ? builtInTypes.mutatingWebhooks : builtInTypes.validatingWebhooks;
  return store.list(typeKey(type)).flatMap(([, configuration]) =>
    ((configuration['webhooks'] ?? []) as readonly Json[]).map((webhook): Webhook => ({
      name: String(webhook['name']),
      configuration: configuration.metadata.name,
      kind,
      clientConfig: webhook['clientConfig'] as Json,
      rules: (webhook['rules'] ?? []) as readonly Json[],
      failurePolicy: (webhook['failurePolicy'] ?? 'Fail') as Webhook['failurePolicy'],
      namespaceSelector: webhook['namespaceSelector'],
      objectSelector: webhook['objectSelector'],
      sideEffects: String(webhook['sideEffects']),
      timeoutSeconds: Number(webhook['timeoutSeconds'] ?? 10),
      reinvocationPolicy: (webhook['reinvocationPolicy'] ?? 'Never') as Webhook['reinvocationPolicy'],
      matchConditions: (webhook['matchConditions'] ?? []) as Webhook['matchConditions'],
    })),
  );
}

/** Refuses a configuration as the API server does (kubernetes, "ValidateValidatingWebhookConfiguration" and its sibling). */
export function checkConfiguration(
  kind: string,
  object: Json & { readonly metadata: { readonly name: string } },
): void {
  const { name } = object.metadata;
  const webhooks = (object['webhooks'] ?? []) as readonly Json[];
  const names = new Set<unknown>();
  webhooks.forEach((webhook, index) => {
    const invalid = (field: string, message: string): never => {
      throw failure.invalid(kind, name, `webhooks[${index}].${field}`, message);
    };
    const known = (field: string, values: readonly string[], isNeeded = false): void => {
      const value = webhook[field];
      if (value === undefined ? isNeeded : !values.includes(value as string))
        invalid(field, `Unsupported value: ${JSON.stringify(value)}`);
    };
    if (String(webhook['name']).split('.').length < 3)
      invalid('name', 'should be a domain with at least three segments');
    if (names.has(webhook['name'])) invalid('name', 'Duplicate value');
    names.add(webhook['name']);
    known('sideEffects', ['None', 'NoneOnDryRun'], true);
    known('failurePolicy', ['Fail', 'Ignore']);
    known('matchPolicy', ['Exact', 'Equivalent']);
    known('reinvocationPolicy', ['Never', 'IfNeeded']);
    const versions = webhook['admissionReviewVersions'];
    if (!Array.isArray(versions) || !versions.includes('v1')) invalid('admissionReviewVersions', 'must include v1');
    const { timeoutSeconds = 10, clientConfig } = webhook as {
      readonly timeoutSeconds?: number;
      readonly clientConfig?: Json;
    };
    if (!Number.isInteger(timeoutSeconds) || timeoutSeconds < 1 || timeoutSeconds > 30) {
      invalid('timeoutSeconds', 'the timeout value must be between 1 and 30 seconds');
    }
    if ((clientConfig?.['url'] === undefined) === (clientConfig?.['service'] === undefined)) {
      invalid('clientConfig', 'exactly one of url or service is required');
    }
    const url = clientConfig?.['url'];
    if (url !== undefined && !(typeof url === 'string' && url.startsWith('https://')))
      invalid('clientConfig.url', "'https' is the only allowed URL scheme");
    for (const rule of (webhook['rules'] ?? []) as readonly Json[]) {
      for (const field of ['apiGroups', 'apiVersions', 'resources', 'operations']) {
        if (!Array.isArray(rule[field]) || rule[field].length === 0) invalid(`rules.${field}`, 'Required value');
      }
    }
  });
}
