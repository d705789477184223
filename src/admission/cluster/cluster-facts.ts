import { errorMessage } from '../../base/error.ts';
import type { Logger } from '../../base/logger.ts';
import { RememberedReads } from '../../base/remembered-reads.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { isKubernetesError } from '../../kubernetes/error.ts';
import type { KubernetesObject, ResourceType } from '../../kubernetes/model.ts';
import type { JsonValue } from '../../lang/jmespath/value.ts';
import type { Clock } from '../../net/clock.ts';
import type { Gathered } from '../../policy/evidence.ts';
import { podSpecOf } from '../../policy/resource/images.ts';
import type { ResourceSubject } from '../../policy/resource/model.ts';
import type { Lookup } from '../../policy/resource/policy.ts';
import { pullWishesOf, secretNames } from '../../workload/pull-wishes.ts';
import type { ClusterFacts } from '../resource/model.ts';
import { FollowedObjects } from './followed-objects.ts';
import { clusterLimits } from './limits.ts';
import { ownSecretsReason, readsOwnSecrets } from './own-secrets.ts';
import { resourceTypes as types } from './resource-types.ts';
import { keptOfBinding, rolesOf } from './role-bindings.ts';

/** What facts about a cluster are learnt with. */
export interface ClusterFactsParts {
  readonly client: KubernetesClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Manifest and config of an image, in Kyverno's shape. */
  readonly imageData: (
    lookup: Lookup & { readonly kind: 'imageData' },
    signal: AbortSignal,
  ) => Promise<Gathered<JsonValue>>;
  /** What is kept for all policies, by name. @throws the signal's reason */
  readonly globalReference: (name: string, signal: AbortSignal) => Promise<Gathered<JsonValue>>;
}

/** Learns of a cluster from its API server: what changes little is followed, the rest is read and remembered for a moment. */
export class KubernetesFacts implements ClusterFacts {
  readonly #parts: ClusterFactsParts;
  readonly #reads: RememberedReads<Gathered<JsonValue>>;
  readonly #namespaces: FollowedObjects;
  readonly #roleBindings: FollowedObjects;
  readonly #clusterRoleBindings: FollowedObjects;

  /** @param signal ends what is followed */
  constructor(parts: ClusterFactsParts, signal: AbortSignal) {
    this.#parts = parts;
    const isKnown = ({ state }: Gathered<JsonValue>): boolean => state === 'known';
    this.#reads = new RememberedReads(() => parts.clock.now(), clusterLimits.reads, isKnown);
    const { client } = parts;
    this.#namespaces = new FollowedObjects(client, types.namespaces, keptOfNamespace, parts, signal);
    this.#roleBindings = new FollowedObjects(client, types.roleBindings, keptOfBinding, parts, signal);
    this.#clusterRoleBindings = new FollowedObjects(client, types.clusterRoleBindings, keptOfBinding, parts, signal);
  }

  async look(lookup: Lookup, subject: ResourceSubject, signal: AbortSignal): Promise<Gathered<JsonValue>> {
    switch (lookup.kind) {
      case 'namespaceLabels':
        return await this.#namespaceLabels(lookup.namespace, signal);
      case 'roles':
        return await this.#roles(subject, signal);
      case 'configMap':
        return await this.#object(types.configMaps, lookup.namespace, lookup.name, signal);
      case 'api':
        return await this.#reads.get(`api ${lookup.path}`, () => this.#api(lookup.path), signal);
      case 'globalReference':
        return await this.#parts.globalReference(lookup.name, signal);
      default:
        return await this.#parts.imageData(lookup, signal);
    }
  }

  async pullSecrets(subject: ResourceSubject, signal: AbortSignal): Promise<Gathered<readonly string[]>> {
    const { secrets, serviceAccount } = pullWishesOf(podSpecOf(subject) ?? null);
    const { namespace } = subject;
    const own = secrets.map((name) => `${namespace}/${name}`);
    const at = this.#parts.clock.now();
    if (namespace === '') return { state: 'known', value: own, at };
    const account = await this.#object(types.serviceAccounts, namespace, serviceAccount, signal);
    if (account.state !== 'known') return account.state === 'absent' ? { state: 'known', value: own, at } : account;
    const { imagePullSecrets = null } = account.value as Readonly<Record<string, JsonValue>>;
    const all = [...own, ...secretNames(imagePullSecrets).map((name) => `${namespace}/${name}`)];
    return { state: 'known', value: [...new Set(all)].slice(0, clusterLimits.secrets), at: account.at };
  }

  async #namespaceLabels(name: string, signal: AbortSignal): Promise<Gathered<JsonValue>> {
    const currency = await this.#namespaces.ready(signal);
    const held = this.#namespaces.get('', name);
    // A namespace that was just made may not have been told of yet.
    if (currency.current && held !== undefined) return this.#known(held.metadata.labels ?? {});
    const read = await this.#object(types.namespaces, '', name, signal);
    if (read.state !== 'known') return read;
    return { ...read, value: ((read.value as unknown as KubernetesObject).metadata.labels ?? {}) as JsonValue };
  }

  async #roles({ user }: ResourceSubject, signal: AbortSignal): Promise<Gathered<JsonValue>> {
    if (user === undefined) return { state: 'absent', at: this.#parts.clock.now() };
    const both = [this.#roleBindings, this.#clusterRoleBindings] as const;
    for (const currency of await Promise.all(both.map((each) => each.ready(signal)))) {
      if (!currency.current) return { state: 'unavailable', reason: currency.reason };
    }
    return this.#known({ ...rolesOf(user, both[0].values(), both[1].values()) });
  }

  async #object(
    type: ResourceType,
    namespace: string,
    name: string,
    signal: AbortSignal,
  ): Promise<Gathered<JsonValue>> {
    const where = namespace === '' ? {} : { namespace };
    const read = (): Promise<unknown> => this.#parts.client.get(type, name, where);
    return await this.#reads.get(`${type.resource} ${namespace} ${name}`, () => this.#read(read), signal);
  }

  async #api(path: string): Promise<Gathered<JsonValue>> {
    if (readsOwnSecrets(path, this.#parts.client.namespace)) return { state: 'unavailable', reason: ownSecretsReason };
    return await this.#read(() => this.#parts.client.read(path, { maxBytes: clusterLimits.answerBytes }));
  }

  async #read(read: () => Promise<unknown>): Promise<Gathered<JsonValue>> {
    try {
      const value = await read();
      const at = this.#parts.clock.now();
      return value === undefined ? { state: 'absent', at } : { state: 'known', value: value as JsonValue, at };
    } catch (error) {
      if (!isKubernetesError(error)) throw error;
      return { state: 'unavailable', reason: errorMessage(error).replace(/\.$/, '') };
    }
  }

  #known(value: unknown): Gathered<JsonValue> {
    return { state: 'known', value: value as JsonValue, at: this.#parts.clock.now() };
  }
}

function keptOfNamespace({ apiVersion, kind, metadata: { name, labels } }: KubernetesObject): KubernetesObject {
  return { apiVersion, kind, metadata: { name, ...(labels === undefined ? {} : { labels }) } };
}
