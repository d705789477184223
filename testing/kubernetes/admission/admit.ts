import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject } from '../../../src/kubernetes/model.ts';
import { applyJsonPatch } from '../json-patch.ts';
import type { ObjectStore } from '../object-store.ts';
import { builtInTypes, typeKey } from '../resource-types.ts';
import { ApiFailure, failure, type Json } from '../status.ts';
import type { Attributes } from './attributes.ts';
import { CallFailure, callWebhook, type WebhookDoor } from './call-webhook.ts';
import { ConditionFailure, matchesWebhook } from './match-webhook.ts';
import type { WebhookAnswer } from './review.ts';
import { type Webhook, webhooksOf } from './webhook.ts';

/** What was asked of a webhook, and what came of it. */
export interface WebhookCall {
  readonly webhook: string;
  readonly kind: Webhook['kind'];
  readonly attributes: Attributes;
  readonly answer: WebhookAnswer | undefined;
  readonly failure: string | undefined;
}

/** What admission works with. */
export interface Admission {
  readonly store: ObjectStore;
  readonly door: WebhookDoor;
  readonly calls: WebhookCall[];
}

/** What was let through: the object as webhooks changed it, and what they warn of. */
export interface Admitted {
  readonly object: KubernetesObject | undefined;
  readonly warnings: readonly string[];
}

/**
 * Lets webhooks change an object, one after the other by name, and then lets others judge it, all at once (Kubernetes documentation,
 * "Dynamic Admission Control").
 *
 * @throws ApiFailure where it is denied, or where a webhook fails that must not
 */
export async function admit(attributes: Attributes, admission: Admission): Promise<Admitted> {
  const warnings: string[] = [];
  const object = await mutate(attributes, admission, warnings);
  const judged = { ...attributes, object };
  const hooks = webhooksOf(admission.store, 'validating').map((hook) => ask(hook, judged, admission, warnings));
  for (const outcome of await Promise.allSettled(hooks)) if (outcome.status === 'rejected') throw outcome.reason;
  return { object, warnings };
}

async function mutate(
  attributes: Attributes,
  admission: Admission,
  warnings: string[],
): Promise<KubernetesObject | undefined> {
  let { object } = attributes;
  // Those that may be called again, and those of them that must be, since another one changed the object after them.
  const called = new Set<Webhook>();
  let again = new Set<Webhook>();
  const hooks = webhooksOf(admission.store, 'mutating');
  for (const round of [0, 1]) {
    const wanted = again;
    again = new Set();
    for (const hook of hooks) {
      if (round === 1 && !wanted.has(hook)) continue;
      const answer = await ask(hook, { ...attributes, object }, admission, warnings);
      const patched = answer === undefined ? object : patch(hook, object, answer);
      if (!isDeepStrictEqual(patched, object)) {
        for (const one of called) again.add(one);
        called.clear();
      }
      object = patched;
      if (answer !== undefined && hook.reinvocationPolicy === 'IfNeeded') called.add(hook);
    }
  }
  return object;
}

/** Apiserver, "mutatingDispatcher.callAttrMutatingHook": what goes wrong here is nobody's failure policy. */
function patch(
  hook: Webhook,
  object: KubernetesObject | undefined,
  answer: WebhookAnswer,
): KubernetesObject | undefined {
  const operations = answer.patch;
  if (operations === undefined || (Array.isArray(operations) && operations.length === 0)) return object;
  if (object === undefined) {
    throw failure.internal(
      `admission webhook "${hook.name}" attempted to modify the object, which is not supported for this operation`,
    );
  }
  let patched: KubernetesObject;
  try {
    patched = applyJsonPatch(object, operations) as KubernetesObject;
  } catch (error) {
    throw failure.internal((error as Error).message);
  }
  if (
    typeof patched?.metadata !== 'object' ||
    patched.kind !== object.kind ||
    patched.apiVersion !== object.apiVersion
  ) {
    throw failure.internal('the patched object is of another kind');
  }
  return patched;
}

/** Undefined where it is not called, or where its failure is forgiven. @throws ApiFailure */
async function ask(
  hook: Webhook,
  attributes: Attributes,
  { store, door, calls }: Admission,
  warnings: string[],
): Promise<WebhookAnswer | undefined> {
  let answer: WebhookAnswer;
  try {
    if (!matchesWebhook(hook, attributes, namespaceLabels(store, attributes.namespace))) return undefined;
    if (attributes.dryRun && !['None', 'NoneOnDryRun'].includes(hook.sideEffects)) {
      throw failure.badRequest(`admission webhook "${hook.name}" does not support dry run`);
    }
    answer = await callWebhook(hook, attributes, door);
  } catch (error) {
    if (!(error instanceof CallFailure) && !(error instanceof ConditionFailure)) throw error;
    calls.push({ webhook: hook.name, kind: hook.kind, attributes, answer: undefined, failure: error.message });
    if (hook.failurePolicy === 'Ignore') return undefined;
    throw failure.internal(error.message);
  }
  calls.push({ webhook: hook.name, kind: hook.kind, attributes, answer, failure: undefined });
  warnings.push(...answer.warnings);
  if (!answer.allowed) throw denial(hook.name, answer.result);
  return answer;
}

/** Apiserver, "webhookerrors.ToStatusErr". */
function denial(name: string, result: Json = {}): ApiFailure {
  const code = Number(result['code'] ?? 0);
  const reason = typeof result['reason'] === 'string' ? result['reason'] : '';
  const message = typeof result['message'] === 'string' ? result['message'] : '';
  const denied = `admission webhook "${name}" denied the request`;
  const said = message === '' ? reason : message;
  return new ApiFailure(
    code < 400 ? 400 : code,
    reason,
    said === '' ? `${denied} without explanation` : `${denied}: ${said}`,
  );
}

function namespaceLabels(store: ObjectStore, namespace: string): Readonly<Record<string, string>> {
  return store.get(typeKey(builtInTypes.namespaces), `/${namespace}`)?.metadata.labels ?? {};
}
