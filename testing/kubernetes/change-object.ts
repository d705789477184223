import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { apiVersionOf, type KubernetesObject } from '../../src/kubernetes/model.ts';
import { type Admission, type Admitted, admit } from './admission/admit.ts';
import type { Attributes } from './admission/attributes.ts';
import { checkConfiguration } from './admission/webhook.ts';
import { objectKey } from './object-store.ts';
import type { ParsedCall } from './parse-call.ts';
import { builtInTypes, type FakeType, typeKey } from './resource-types.ts';
import { failure, type Json } from './status.ts';
import type { User } from './users.ts';

/** What was kept, or would have been, and what clients are to be warned of. */
export interface Changed {
  readonly object: KubernetesObject;
  readonly warnings: readonly string[];
}

/** One change that a client asks for. */
export interface Change {
  readonly type: FakeType;
  readonly call: ParsedCall;
  readonly user: User;
  readonly admission: Admission;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** How often a change is tried anew that others were faster than (apiserver, "OptimisticLockErrorMsg"). */
const tries = 5;

/** Keeps a new object. @throws ApiFailure */
export async function createObject(change: Change, body: unknown): Promise<Changed> {
  const { type, call, admission, now } = change;
  const asked = checkBody(body, type, call);
  const { generateName } = asked.metadata;
  const name = asked.metadata.name || (generateName === undefined ? '' : `${generateName}${randomUUID().slice(0, 5)}`);
  if (name === '')
    throw failure.invalid(type.kind, '', 'metadata.name', 'Required value: name or generateName is required');
  const namespace = type.namespaced ? call.namespace : undefined;
  if (namespace !== undefined && admission.store.get(typeKey(builtInTypes.namespaces), `/${namespace}`) === undefined) {
    throw failure.notFound('namespaces', namespace);
  }
  const { resourceVersion: _, ...given } = asked.metadata;
  const metadata = {
    ...given,
    ...(asked.metadata.name ? { name } : {}),
    ...(namespace === undefined ? {} : { namespace }),
    uid: randomUUID(),
    creationTimestamp: new Date(now).toISOString().replace(/\.\d+/, ''),
    generation: 1,
    managedFields: managedBy(type, call, now),
  };
  // Webhooks see it before its name is made up.
  const seen = { ...asked, metadata } as KubernetesObject;
  const { object, warnings } = await decide(change, 'CREATE', seen, undefined, asked.metadata.name ?? '');
  const named = { ...object, metadata: { ...object.metadata, name } };
  const key = objectKey(namespace, name);
  if (admission.store.get(typeKey(type), key) !== undefined) throw failure.alreadyExists(type.resource, name);
  return { object: call.dryRun ? named : admission.store.put(typeKey(type), key, named), warnings };
}

/**
 * Puts what `make` makes of an object in its place.
 *
 * @param make is called again where somebody else was faster, and nothing was said of a version
 * @throws ApiFailure
 */
export async function updateObject(change: Change, make: (old: KubernetesObject) => unknown): Promise<Changed> {
  const { type, call, admission } = change;
  const { store } = admission;
  const key = objectKey(type.namespaced ? call.namespace : undefined, call.name);
  for (let round = 1; ; round += 1) {
    const old = store.get(typeKey(type), key);
    if (old === undefined) throw failure.notFound(type.resource, call.name);
    const asked = checkBody(make(old), type, call);
    const wanted = asked.metadata.resourceVersion ?? '';
    if (wanted !== '' && wanted !== old.metadata.resourceVersion) throw stale(type, call.name);
    if (asked.metadata.uid !== undefined && asked.metadata.uid !== old.metadata.uid) {
      throw failure.conflict(type.resource, call.name, 'Precondition failed: UID in precondition');
    }
    const next = follow(old, asked, call.subresource);
    const { object, warnings } = await decide(change, 'UPDATE', next, old, call.name);
    if (call.dryRun || isDeepStrictEqual(object, old)) return { object, warnings };
    if (store.get(typeKey(type), key) !== old) {
      if (wanted === '' && round < tries) continue;
      throw stale(type, call.name);
    }
    const isOver = old.metadata.deletionTimestamp !== undefined && (object.metadata.finalizers ?? []).length === 0;
    if (isOver) return { object: store.remove(typeKey(type), key) as KubernetesObject, warnings };
    return { object: store.put(typeKey(type), key, object), warnings };
  }
}

/** Removes an object; with finalizers, it is asked to go. @throws ApiFailure */
export async function deleteObject(change: Change, options: Json): Promise<Changed> {
  const { type, call, admission, now } = change;
  const { store } = admission;
  const namespace = type.namespaced ? call.namespace : undefined;
  const key = objectKey(namespace, call.name);
  const old = store.get(typeKey(type), key);
  if (old === undefined) throw failure.notFound(type.resource, call.name);
  const { uid, resourceVersion } = (options['preconditions'] ?? {}) as Readonly<Record<string, string | undefined>>;
  if ((uid ?? old.metadata.uid) !== old.metadata.uid)
    throw failure.conflict(type.resource, call.name, 'Precondition failed: UID');
  if ((resourceVersion ?? old.metadata.resourceVersion) !== old.metadata.resourceVersion) throw stale(type, call.name);
  const { warnings } = await decide(change, 'DELETE', undefined, old, call.name);
  if (call.dryRun) return { object: old, warnings };
  if ((old.metadata.finalizers ?? []).length > 0) {
    if (old.metadata.deletionTimestamp !== undefined) return { object: old, warnings };
    const deletionTimestamp = new Date(now).toISOString().replace(/\.\d+/, '');
    const going = { ...old, metadata: { ...old.metadata, deletionTimestamp } };
    return { object: store.put(typeKey(type), key, going), warnings };
  }
  return { object: store.remove(typeKey(type), key) as KubernetesObject, warnings };
}

function checkBody(body: unknown, type: FakeType, { namespace, name }: ParsedCall): KubernetesObject {
  const object = body as KubernetesObject | undefined;
  if (object?.kind !== type.kind || object.apiVersion !== apiVersionOf(type)) {
    throw failure.badRequest(`the object provided is unrecognized: expected ${apiVersionOf(type)}, Kind=${type.kind}`);
  }
  const metadata = object.metadata ?? {};
  if (name !== '' && (metadata.name ?? name) !== name)
    throw failure.badRequest('the name of the object does not match the name on the URL');
  if (type.namespaced && (metadata.namespace ?? namespace) !== namespace) {
    throw failure.badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (type.kind.endsWith('WebhookConfiguration')) checkConfiguration(type.kind, { ...object, metadata });
  return { ...object, metadata };
}

/** What no client decides stays, and a subresource changes its own part alone. */
function follow(old: KubernetesObject, asked: KubernetesObject, subresource: string): KubernetesObject {
  const { uid, creationTimestamp, deletionTimestamp, resourceVersion, managedFields } = old.metadata as Json;
  const kept = Object.fromEntries(
    Object.entries({ uid, creationTimestamp, deletionTimestamp, resourceVersion, managedFields }).filter(
      ([, value]) => value !== undefined,
    ),
  );
  const { deletionTimestamp: _, ...metadata } = asked.metadata;
  const next: KubernetesObject = {
    ...asked,
    metadata: {
      ...metadata,
      name: old.metadata.name,
      ...('namespace' in old.metadata ? { namespace: old.metadata.namespace } : {}),
      ...kept,
    },
  };
  if (subresource === 'status') return { ...old, status: next['status'] };
  if (subresource !== 'ephemeralcontainers') return next;
  const { ephemeralContainers } = (next['spec'] ?? {}) as Json;
  return { ...old, spec: { ...(old['spec'] as Json), ephemeralContainers } };
}

async function decide(
  { type, call, user, admission }: Change,
  operation: 'CREATE',
  object: KubernetesObject,
  oldObject: undefined,
  name: string,
): Promise<Admitted & { readonly object: KubernetesObject }>;
async function decide(
  change: Change,
  operation: Attributes['operation'],
  object: KubernetesObject | undefined,
  oldObject: KubernetesObject | undefined,
  name: string,
): Promise<Admitted & { readonly object: KubernetesObject }>;
async function decide(
  { type, call, user, admission }: Change,
  operation: Attributes['operation'],
  object: KubernetesObject | undefined,
  oldObject: KubernetesObject | undefined,
  name: string,
): Promise<Admitted & { readonly object: KubernetesObject }> {
  const namespace = type === builtInTypes.namespaces ? name : type.namespaced ? call.namespace : '';
  const kind = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' }[operation];
  const options = {
    kind,
    apiVersion: 'meta.k8s.io/v1',
    ...(call.query['fieldManager'] === undefined ? {} : { fieldManager: call.query['fieldManager'] }),
    ...(call.dryRun ? { dryRun: ['All'] } : {}),
  };
  const { subresource, dryRun } = call;
  const attributes = { type, subresource, operation, name, namespace, user, object, oldObject, dryRun, options };
  return (await admit(attributes, admission)) as Admitted & { readonly object: KubernetesObject };
}

/** As large in real objects as the rest of them. */
function managedBy(type: FakeType, { query }: ParsedCall, now: number): readonly Json[] {
  const [manager, time] = [query['fieldManager'] ?? 'test', new Date(now).toISOString()];
  return [{ manager, operation: 'Update', apiVersion: apiVersionOf(type), time, fieldsType: 'FieldsV1', fieldsV1: {} }];
}

function stale(type: FakeType, name: string): Error {
  return failure.conflict(
    type.resource,
    name,
    'the object has been modified; please apply your changes to the latest version and try again',
  );
}
