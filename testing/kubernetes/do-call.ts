import type { IncomingMessage, ServerResponse } from 'node:http';
import { apiVersionOf, type KubernetesObject } from '../../src/kubernetes/model.ts';
import { type Change, type Changed, createObject, deleteObject, updateObject } from './change-object.ts';
import type { Fault } from './faults.ts';
import type { Answer, HandlerParts } from './handle-call.ts';
import { applyJsonPatch, PatchFailure } from './json-patch.ts';
import { mergePatch, strategicMergePatch } from './merge-patch.ts';
import { objectKey } from './object-store.ts';
import type { ParsedCall } from './parse-call.ts';
import { builtInTypes, type FakeType, typeKey } from './resource-types.ts';
import { parseFieldSelector, parseLabelSelector, type Selects } from './selectors.ts';
import { failure, type Json } from './status.ts';
import type { User } from './users.ts';
import { openWatchStream, partialOf } from './watch-stream.ts';

/** A call that may be done. */
export interface PermittedCall {
  readonly call: ParsedCall;
  readonly type: FakeType;
  readonly user: User;
  readonly body: Buffer;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly parts: HandlerParts;
  readonly fault: Fault | undefined;
}

/** Does what a call asks for; undefined where it goes on answering by itself. @throws ApiFailure */
export async function doCall(permitted: PermittedCall): Promise<Answer | undefined> {
  const { call, type, user, body, request, parts } = permitted;
  const change: Change = { type, call, user, admission: parts.admission, now: parts.clock.now() };
  checkSubresource(type, call);
  switch (call.verb) {
    case 'get': {
      const key = objectKey(type.namespaced ? call.namespace : undefined, call.name);
      const object = parts.admission.store.get(typeKey(type), key);
      if (object === undefined) throw failure.notFound(type.resource, call.name);
      return { status: 200, document: object };
    }
    case 'list':
      return { status: 200, document: list(permitted) };
    case 'watch':
      watch(permitted);
      return undefined;
    case 'create':
      if (type.isReview === true) return { status: 201, document: review(type, parseBody(body), parts) };
      return answerOf(await createObject(change, parseBody(body)), 201);
    case 'update':
      return answerOf(await updateObject(change, () => parseBody(body)), 200);
    case 'patch':
      return await patch(change, body, request.headers['content-type'] ?? '');
    default: {
      // The options are in the body where there is one, and in the query where there is none.
      const deletion = body.length === 0 ? {} : (parseBody(body) as Json);
      const dryRun = body.length === 0 ? call.dryRun : Array.isArray(deletion['dryRun']);
      const changed = await deleteObject({ ...change, call: { ...call, dryRun } }, deletion);
      if (type === builtInTypes.namespaces && !dryRun) emptyNamespace(call.name, parts);
      return answerOf(changed, 200);
    }
  }
}

function answerOf({ object, warnings }: Changed, status: number): Answer {
  return { status, document: object, warnings };
}

function checkSubresource(type: FakeType, { subresource, resource }: ParsedCall): void {
  if (subresource === '' || type.subresources?.includes(subresource) === true) return;
  throw failure.notFound(resource, subresource);
}

function parseBody(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    throw failure.badRequest('the body of the request is not JSON');
  }
}

async function patch(change: Change, body: Buffer, contentType: string): Promise<Answer> {
  const wanted = parseBody(body);
  const { type, call, admission } = change;
  switch (contentType.split(';')[0]) {
    case 'application/json-patch+json':
      return answerOf(await updateObject(change, (old) => jsonPatched(old, wanted)), 200);
    case 'application/merge-patch+json':
      return answerOf(await updateObject(change, (old) => mergePatch(old, wanted)), 200);
    case 'application/strategic-merge-patch+json':
      return answerOf(await updateObject(change, (old) => strategicMergePatch(old, wanted)), 200);
    case 'application/apply-patch+yaml': {
      if (call.query['fieldManager'] === undefined)
        throw failure.badRequest('fieldManager is required for apply patch');
      const key = objectKey(type.namespaced ? call.namespace : undefined, call.name);
      if (admission.store.get(typeKey(type), key) === undefined)
        return answerOf(await createObject(change, wanted), 201);
      return answerOf(await updateObject(change, (old) => strategicMergePatch(old, wanted)), 200);
    }
    default:
      throw failure.badRequest(`the patch type ${contentType} is not known`);
  }
}

function jsonPatched(old: KubernetesObject, operations: unknown): unknown {
  try {
    return applyJsonPatch(old, operations);
  } catch (error) {
    if (error instanceof PatchFailure) throw failure.invalid(old.kind, old.metadata.name, 'patch', error.message);
    throw error;
  }
}

function selectsOf({ query }: ParsedCall): Selects {
  const label = parseLabelSelector(query['labelSelector'] ?? '');
  const field = query['fieldSelector'] === undefined ? (): boolean => true : parseFieldSelector(query['fieldSelector']);
  return (object) => label(object) && field(object);
}

/** Of lists of metadata alone (API concepts, "PartialObjectMetadata"). */
const partialVersion = 'meta.k8s.io/v1';

interface PageToken {
  readonly version: number;
  readonly after: string;
}

function list({ call, type, parts, request }: PermittedCall): Json {
  const { store } = parts.admission;
  const { limit = '0', continue: text = '' } = call.query;
  const token = text === '' ? undefined : (JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as PageToken);
  const version = token?.version ?? store.version;
  const selects = selectsOf(call);
  const all = store
    .list(typeKey(type), version)
    .filter(([key, object]) => (call.namespace === '' || key.startsWith(`${call.namespace}/`)) && selects(object))
    .filter(([key]) => token === undefined || key > token.after);
  const most = Number(limit) || all.length;
  const page = all.slice(0, most);
  const last = page.at(-1)?.[0] ?? '';
  const next = Buffer.from(JSON.stringify({ version, after: last } satisfies PageToken)).toString('base64url');
  const isPartial = /\bas=PartialObjectMetadataList\b/.test(request.headers.accept ?? '');
  return {
    kind: isPartial ? 'PartialObjectMetadataList' : `${type.kind}List`,
    apiVersion: isPartial ? partialVersion : apiVersionOf(type),
    metadata: {
      resourceVersion: String(version),
      ...(all.length > page.length ? { continue: next, remainingItemCount: all.length - page.length } : {}),
    },
    // As the types of Kubernetes itself are listed.
    items: page.map(([, object]) =>
      isPartial ? partialOf(object) : { ...object, apiVersion: undefined, kind: undefined },
    ),
  };
}

function watch({ call, type, request, response, parts, fault }: PermittedCall): void {
  const ofWatch = fault !== undefined && 'after' in fault ? fault : undefined;
  const { store } = parts.admission;
  const isPartial = /\bas=PartialObjectMetadata\b/.test(request.headers.accept ?? '');
  const selects = selectsOf(call);
  const stream = { store, type, call, selects, isPartial, fault: ofWatch, response, clock: parts.clock };
  const opened = openWatchStream(stream, (ended) => parts.watches.delete(ended));
  if (!response.writableEnded) parts.watches.add(opened);
}

function review(type: FakeType, question: unknown, { tokens, authorize }: HandlerParts): Json {
  const asked = question as Json;
  const spec = (asked['spec'] ?? {}) as Json;
  if (type === builtInTypes.tokenReviews) {
    const user = tokens.get(String(spec['token']));
    return {
      ...asked,
      metadata: {},
      status: user === undefined ? { authenticated: false } : { authenticated: true, user },
    };
  }
  const {
    verb = '',
    resource = '',
    namespace = '',
    name = '',
  } = (spec['resourceAttributes'] ?? {}) as Readonly<Record<string, string>>;
  const user: User = { username: String(spec['user']), groups: (spec['groups'] ?? []) as readonly string[] };
  const call = {
    method: '',
    verb,
    path: '',
    query: {},
    resource,
    subresource: '',
    namespace,
    name,
    user,
    authorization: undefined,
  };
  return { ...asked, metadata: {}, status: { allowed: authorize(user, call) } };
}

/** What is in a namespace goes with it. */
function emptyNamespace(namespace: string, { types, admission }: HandlerParts): void {
  for (const type of types.values()) {
    if (!type.namespaced) continue;
    for (const [key] of admission.store.list(typeKey(type))) {
      if (key.startsWith(`${namespace}/`)) admission.store.remove(typeKey(type), key);
    }
  }
}
