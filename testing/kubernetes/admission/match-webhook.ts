import { compileCel } from '../../../src/lang/cel/compile.ts';
import { labelsMatch } from '../selectors.ts';
import type { Json } from '../status.ts';
import type { Attributes } from './attributes.ts';
import { admissionRequest } from './review.ts';
import type { Webhook } from './webhook.ts';

type Labels = Readonly<Record<string, string>>;

/** A condition could not be evaluated, which is a failure of the call. */
export class ConditionFailure extends Error {}

/**
 * Whether a webhook is to be called (apiserver, "ShouldCallHook").
 *
 * @param namespaceLabels of the namespace that the object is in
 * @throws ConditionFailure
 */
export function matchesWebhook(webhook: Webhook, attributes: Attributes, namespaceLabels: Labels): boolean {
  const { type } = attributes;
  // What configures webhooks is not for webhooks to refuse: else nobody could mend them.
  if (type.group === 'admissionregistration.k8s.io' && type.resource.endsWith('webhookconfigurations')) return false;
  if (!webhook.rules.some((rule) => matchesRule(rule, attributes))) return false;
  return (
    matchesNamespace(webhook, attributes, namespaceLabels) &&
    matchesObject(webhook, attributes) &&
    meetsConditions(webhook, attributes)
  );
}

/** Apiserver, "rules.Matcher". */
function matchesRule(rule: Json, { type, subresource, operation, namespace }: Attributes): boolean {
  const lists = (field: string, value: string): boolean => {
    const values = rule[field] as readonly string[];
    return values.includes('*') || values.includes(value);
  };
  const scope = rule['scope'] ?? '*';
  const isNamespaced = type.resource !== 'namespaces' && namespace !== '';
  return (
    lists('apiGroups', type.group) &&
    lists('apiVersions', type.version) &&
    lists('operations', operation) &&
    (scope === '*' || (scope === 'Namespaced') === isNamespaced) &&
    (rule['resources'] as readonly string[]).some((pattern) => {
      const [resource, sub = ''] = pattern.split('/');
      return (resource === '*' || resource === type.resource) && (sub === '*' || sub === subresource);
    })
  );
}

function matchesNamespace({ namespaceSelector }: Webhook, attributes: Attributes, labels: Labels): boolean {
  const { type, object, oldObject, namespace } = attributes;
  if (type.resource === 'namespaces' && type.group === '') {
    return labelsMatch(namespaceSelector, (object ?? oldObject)?.metadata.labels ?? {});
  }
  // What is in no namespace is not left out by one.
  return namespace === '' || labelsMatch(namespaceSelector, labels);
}

function matchesObject({ objectSelector }: Webhook, { object, oldObject }: Attributes): boolean {
  return [object, oldObject].some((one) => one !== undefined && labelsMatch(objectSelector, one.metadata.labels ?? {}));
}

/** One that is false decides, even where another one fails. */
function meetsConditions(webhook: Webhook, attributes: Attributes): boolean {
  let failed: Error | undefined;
  for (const { name, expression } of webhook.matchConditions) {
    try {
      const { object = null, oldObject = null } = attributes;
      const request = admissionRequest(attributes, '');
      if (!compileCel(expression, ['object', 'oldObject', 'request'])({ object, oldObject, request })) return false;
    } catch (cause) {
      failed ??= new ConditionFailure(`the match condition ${name} failed: ${String(cause)}`);
    }
  }
  if (failed !== undefined) throw failed;
  return true;
}
