import { isDeepStrictEqual } from 'node:util';
import { apiVersionOf, type KubernetesObject, type ResourceType } from '../../kubernetes/model.ts';
import { resourceTypes } from '../cluster/resource-types.ts';
import { ownLabels } from '../ownership.ts';
import type { ReviewPhase } from '../server/model.ts';
import type { Webhook, WebhookSettings } from './model.ts';

/** The kinds of the objects that webhooks are registered by. */
export const configurationTypes: Readonly<Record<ReviewPhase, ResourceType>> = {
  mutate: resourceTypes.mutatingWebhooks,
  validate: resourceTypes.validatingWebhooks,
};

/** The object that registers webhooks, as it is to be. */
export function configurationOf(
  phase: ReviewPhase,
  webhooks: readonly Webhook[],
  { name, labels = {}, annotations, owner }: WebhookSettings,
): KubernetesObject {
  const type = configurationTypes[phase];
  return {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    metadata: {
      name,
      labels: { ...labels, ...ownLabels },
      ...(annotations === undefined ? {} : { annotations }),
      ...(owner === undefined ? {} : { ownerReferences: [owner] }),
    },
    webhooks,
  };
}

/** Whether a configuration registers just what another one does; what others wrote beside it does not count. */
export function isAsWanted(found: KubernetesObject, wanted: KubernetesObject): boolean {
  const { labels = {}, annotations = {}, ownerReferences = [] } = wanted.metadata;
  return (
    isDeepStrictEqual(found['webhooks'], wanted['webhooks']) &&
    has(found.metadata.labels, labels) &&
    has(found.metadata.annotations, annotations) &&
    ownerReferences.every(({ uid }) => found.metadata.ownerReferences?.some((each) => each.uid === uid) === true)
  );
}

/** What is to take the place of a configuration that others wrote into: theirs stays but for the webhooks. */
export function mended(found: KubernetesObject, wanted: KubernetesObject): KubernetesObject {
  const { labels, annotations, ownerReferences } = wanted.metadata;
  return {
    ...wanted,
    metadata: {
      ...found.metadata,
      labels: { ...found.metadata.labels, ...labels },
      ...(annotations === undefined ? {} : { annotations: { ...found.metadata.annotations, ...annotations } }),
      ...(ownerReferences === undefined ? {} : { ownerReferences }),
    },
  };
}

/** The authorities that the webhooks of a configuration trust, in base64; each once. */
export function bundlesOf(found: KubernetesObject): readonly string[] {
  const configs = webhooksOf(found).map(({ clientConfig }) => clientConfig as Readonly<Record<string, unknown>>);
  return [...new Set(configs.map(({ caBundle }) => (typeof caBundle === 'string' ? caBundle : '')))];
}

/** A configuration as it is, with other authorities. */
export function withBundle(found: KubernetesObject, caBundle: string): KubernetesObject {
  const webhooks = webhooksOf(found).map((webhook) => ({
    ...webhook,
    clientConfig: { ...(webhook['clientConfig'] as object), caBundle },
  }));
  return { ...found, webhooks };
}

function webhooksOf({ webhooks }: KubernetesObject): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(webhooks) ? (webhooks as readonly Readonly<Record<string, unknown>>[]) : [];
}

function has(found: Readonly<Record<string, string>> = {}, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([name, value]) => found[name] === value);
}
