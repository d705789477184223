import { type Logger, silentLogger } from '../base/logger.ts';
import { printable } from '../base/printable.ts';
import { type Clock, systemClock } from '../net/clock.ts';
import { openNetwork } from '../net/open-network.ts';
import type {
  ChangeOptions,
  JsonAnswer,
  KubernetesClient,
  ListOptions,
  NewObject,
  ObjectOptions,
  ObjectPage,
  PatchRequest,
  RemoveOptions,
  ServerVersion,
  WatchEvent,
  WatchOptions,
} from './client.ts';
import type { ClusterConfig } from './config/model.ts';
import { type ConnectionOptions, Connections, type OpenNetwork } from './connections.ts';
import { discover } from './discovery/discover.ts';
import type { Discovery } from './discovery/model.ts';
import { isKubernetesError, KubernetesError } from './error.ts';
import { openWatch } from './follow/open-watch.ts';
import { asObject, asText, parseJson } from './json.ts';
import { listPages } from './list-pages.ts';
import { apiVersionOf, type KubernetesObject, type ResourceType } from './model.ts';
import { readAnyObject, readObject } from './object.ts';
import { RateLimit, type RateLimitOptions } from '../net/rate-limit.ts';
import { resourcePath } from './resource-path.ts';
import { Transport } from './transport.ts';

/** How a client behaves; the configuration says with whom it speaks. */
export interface ClientOptions extends ConnectionOptions {
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** By default as often as its user asks; the server has limits of its own. */
  readonly rateLimit?: RateLimitOptions;
  /** `openNetwork` where nothing else is given. */
  readonly openNetwork?: OpenNetwork;
}

/** Makes a client. Nothing is asked yet: the first request tells whether the configuration is right. */
export function openKubernetesClient(
  config: ClusterConfig,
  options: ClientOptions = {},
): KubernetesClient & AsyncDisposable {
  const { clock = systemClock, logger = silentLogger, rateLimit, openNetwork: open = openNetwork, ...rest } = options;
  const connections = new Connections(config, { ...rest, clock, logger }, open);
  const limit = rateLimit === undefined ? undefined : new RateLimit(rateLimit, clock);
  const transport = new Transport({ config, connections, clock, logger, rateLimit: limit });
  return new Client(config.namespace, transport, connections);
}

const patchTypes: Readonly<Record<PatchRequest['kind'], string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  // YAML takes in JSON; servers before 1.33 know no other name for it.
  apply: 'application/apply-patch+yaml',
};

class Client implements KubernetesClient, AsyncDisposable {
  readonly namespace: string;
  readonly #transport: Transport;
  readonly #connections: Connections;

  constructor(namespace: string, transport: Transport, connections: Connections) {
    this.namespace = namespace;
    this.#transport = transport;
    this.#connections = connections;
  }

  async get(type: ResourceType, name: string, options: ObjectOptions = {}): Promise<KubernetesObject | undefined> {
    const path = this.#path(type, { name, namespace: options.namespace });
    const what = `get ${type.resource} ${name}`;
    try {
      const body = await this.#transport.read({ what, method: 'GET', path, signal: options.signal });
      return readObject(parseJson(body), type, 'alone');
    } catch (error) {
      if (saysThereIsNone(error)) return undefined;
      throw error;
    }
  }

  async read(
    path: string,
    { maxBytes, signal }: { readonly maxBytes?: number; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<JsonAnswer | undefined> {
    if (!path.startsWith('/') || path.startsWith('//')) {
      throw new KubernetesError('REQUEST_INVALID', 'A path of the API server begins with one slash; write /api/…');
    }
    const limits = maxBytes === undefined ? {} : { limits: { maxBodyBytes: maxBytes } };
    const what = `get ${printable(path, 200)}`;
    try {
      const body = await this.#transport.read({ what, method: 'GET', path, signal, ...limits });
      return asObject(parseJson(body), 'the answer');
    } catch (error) {
      if (saysThereIsNone(error)) return undefined;
      throw error;
    }
  }

  list(type: ResourceType, options: ListOptions = {}): AsyncIterable<ObjectPage> {
    return listPages(this.#transport, type, options);
  }

  watch(type: ResourceType, options: WatchOptions): Promise<AsyncIterable<WatchEvent>> {
    return openWatch(this.#transport, type, options);
  }

  async create(
    type: ResourceType,
    object: NewObject,
    options: ChangeOptions & { readonly of?: { readonly name: string; readonly subresource: string } } = {},
  ): Promise<KubernetesObject> {
    const { of, signal } = options;
    const namespace = namespaceOf(object);
    const path = this.#path(type, { namespace, name: of?.name, subresource: of?.subresource });
    const what = `create ${type.resource} ${of?.name ?? asText(object.metadata?.['name']) ?? ''}`.trimEnd();
    const query = changeQuery(options);
    const body = await this.#transport.read({ what, method: 'POST', path, query, body: object, signal });
    return of === undefined ? readObject(parseJson(body), type, 'alone') : readAnyObject(parseJson(body));
  }

  async replace(
    type: ResourceType,
    object: KubernetesObject,
    options: ChangeOptions & { readonly subresource?: string } = {},
  ): Promise<KubernetesObject> {
    const { subresource, signal } = options;
    const { name } = object.metadata;
    const path = this.#path(type, { namespace: namespaceOf(object), name, subresource });
    const query = changeQuery(options);
    const what = `replace ${type.resource} ${name}`;
    const body = await this.#transport.read({ what, method: 'PUT', path, query, body: object, signal });
    return subresource === undefined ? readObject(parseJson(body), type, 'alone') : readAnyObject(parseJson(body));
  }

  async patch(
    type: ResourceType,
    name: string,
    patch: PatchRequest,
    options: ObjectOptions & ChangeOptions = {},
  ): Promise<KubernetesObject> {
    const { namespace, signal } = options;
    const { kind, body: content, force, subresource } = patch;
    if (kind === 'apply' && options.fieldManager === undefined) {
      throw new KubernetesError('REQUEST_INVALID', 'What is applied has a field manager; name one');
    }
    const body = await this.#transport.read({
      what: `patch ${type.resource} ${name}`,
      method: 'PATCH',
      path: this.#path(type, { namespace, name, subresource }),
      query: { ...changeQuery(options), force: force === true ? 'true' : undefined },
      contentType: patchTypes[kind],
      body: content,
      // The same intent twice is the same intent.
      idempotent: kind === 'apply',
      signal,
    });
    return subresource === undefined ? readObject(parseJson(body), type, 'alone') : readAnyObject(parseJson(body));
  }

  async remove(type: ResourceType, name: string, options: RemoveOptions = {}): Promise<boolean> {
    const { namespace, preconditions, propagationPolicy, dryRun, signal } = options;
    const what = `delete ${type.resource} ${name}`;
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      ...(preconditions === undefined ? {} : { preconditions }),
      ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
      ...(dryRun === true ? { dryRun: ['All'] } : {}),
    };
    try {
      const path = this.#path(type, { namespace, name });
      await this.#transport.read({ what, method: 'DELETE', path, body, signal });
      return true;
    } catch (error) {
      if (saysThereIsNone(error)) return false;
      throw error;
    }
  }

  async review(
    type: ResourceType,
    question: NewObject,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<JsonAnswer> {
    const path = this.#path(type, { namespace: namespaceOf(question) });
    const asked = { what: `answer ${type.resource}`, method: 'POST', path, body: question, idempotent: true } as const;
    const answer = readAnyObject(parseJson(await this.#transport.read({ ...asked, signal })));
    if (answer.apiVersion === apiVersionOf(type) && answer.kind === type.kind) return answer;
    throw new KubernetesError(
      'ANSWER_INVALID',
      `The cluster answered a ${type.kind} with something else; check its address`,
    );
  }

  discover(signal?: AbortSignal): Promise<Discovery> {
    return discover(this.#transport, signal);
  }

  async version(signal?: AbortSignal): Promise<ServerVersion> {
    const body = await this.#transport.read({ what: 'tell its version', method: 'GET', path: '/version', signal });
    const { gitVersion, major, minor } = asObject(parseJson(body), 'the version');
    return { gitVersion: asText(gitVersion) ?? '', major: asText(major) ?? '', minor: asText(minor) ?? '' };
  }

  async readyz(signal?: AbortSignal): Promise<boolean> {
    const asked = { what: 'say whether it is ready', method: 'GET', path: '/readyz', accept: '*/*' } as const;
    try {
      await this.#transport.read({ ...asked, idempotent: false, signal });
      return true;
    } catch (error) {
      // Its own word for "not yet" (Kubernetes API health endpoints).
      if (isKubernetesError(error, 'SERVER_FAILED')) return false;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connections[Symbol.asyncDispose]();
  }

  #path(
    type: ResourceType,
    place: {
      readonly namespace: string | undefined;
      readonly name?: string | undefined;
      readonly subresource?: string | undefined;
    },
  ): string {
    const namespace = type.namespaced ? (place.namespace ?? this.namespace) : place.namespace;
    return resourcePath(type, { ...place, namespace });
  }
}

/** The API server's own word for it. Somebody on the way who knows no such path has looked nowhere. */
function saysThereIsNone(error: unknown): boolean {
  return isKubernetesError(error, 'NOT_FOUND') && error.reason === 'NotFound';
}

function namespaceOf({ metadata }: NewObject): string | undefined {
  return asText(metadata?.['namespace']);
}

function changeQuery({ dryRun, fieldManager }: ChangeOptions): Readonly<Record<string, string | undefined>> {
  return { dryRun: dryRun === true ? 'All' : undefined, fieldManager };
}
