import assert from 'node:assert/strict';
import type { ApiAnswer, ApiObject, ApiRequest } from './ask.ts';

/** Where objects are made: an API server, or whoever asks one. */
export interface Asks {
  ask(request: ApiRequest): Promise<ApiAnswer>;
}

/** Makes an object at the path of its kind's list, and gives it as it was stored. */
export async function createObject(server: Asks, path: string, body: ApiObject): Promise<ApiObject> {
  const answer = await server.ask({ method: 'POST', path, body });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body;
}

/** A Pod of one container with one image. */
export function podOf(image: string, metadata: ApiObject, spec: ApiObject = {}): ApiObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [{ name: 'app', image }], ...spec } };
}

/** A Deployment of one Pod of that kind. */
export function deploymentOf(image: string, name: string): ApiObject {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'app', image }] } };
  const spec = { selector: { matchLabels: labels }, template };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec };
}

/** Makes a namespace, and the service account that a controller would make in it, without which it takes no Pods. */
export async function makeNamespace(server: Asks, name: string): Promise<void> {
  await createObject(server, '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } };
  await createObject(server, `/api/v1/namespaces/${name}/serviceaccounts`, account);
}

/** What a webhook configuration of a test says. */
export interface WebhookParts {
  readonly kind: 'ValidatingWebhookConfiguration' | 'MutatingWebhookConfiguration';
  readonly name: string;
  /** Where reviews go (admissionregistration.k8s.io/v1, `WebhookClientConfig`). */
  readonly clientConfig: ApiObject;
  readonly rules: readonly WebhookRule[];
  /** Reviews come only from namespaces with the label `kubernetes.io/metadata.name` of this value. */
  readonly namespace: string;
}

/** Which requests are reviewed (admissionregistration.k8s.io/v1, `RuleWithOperations`). */
export interface WebhookRule {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly resources: readonly string[];
  readonly operations: readonly string[];
}

/** Installs a configuration with one webhook. The API server begins to ask it some moments later. */
export async function installWebhook(server: Asks, parts: WebhookParts): Promise<void> {
  const { kind, name, clientConfig, rules, namespace } = parts;
  const list = `${kind.toLowerCase()}s`;
  await createObject(server, `/apis/admissionregistration.k8s.io/v1/${list}`, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: { name },
    webhooks: [
      {
        name: `${name}.seaworthy.test`,
        clientConfig,
        rules,
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
      },
    ],
  });
}

/**
 * Makes a Service that stands for loopback, so that webhooks are asked as in a cluster: by the name of a service, and with what the
 * API server does for services alone.
 */
export async function makeLoopbackService(server: Asks, namespace: string, name: string): Promise<void> {
  await createObject(server, `/api/v1/namespaces/${namespace}/services`, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { type: 'ExternalName', externalName: 'localhost' },
  });
}
