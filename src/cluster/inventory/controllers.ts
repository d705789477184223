import type { KubernetesObject } from '../../kubernetes/model.ts';
import { type JsonObject, type JsonValue, memberOf } from '../../lang/jmespath/value.ts';
import { podSpecOf } from '../../policy/resource/images.ts';
import { pullWishesOf } from '../../workload/pull-wishes.ts';
import { ClusterError } from '../error.ts';
import type { ListedKind } from '../kinds.ts';
import { clusterLimits as limits } from '../limits.ts';
import type { Labels } from '../model.ts';
import { type Controller, controllerOf, identityOf, labelsOf } from './object-facts.ts';
import { type PodImages, readPodImages } from './pod-images.ts';

/** What is kept of an object that makes Pods, or what makes Pods. */
export interface ListedController {
  readonly namespace: string;
  readonly name: Controller;
  /** Who controls it itself. */
  readonly owner: Controller | undefined;
  /** Whether it is made for its owner, as ReplicaSets are for Deployments. */
  readonly isLink: boolean;
  /** What it says; absent for one that is made for another and wants no Pods, of which there are many. */
  readonly facts: ControllerFacts | undefined;
}

/** What an object says of itself and of the Pods that it makes. */
export interface ControllerFacts extends PodImages {
  readonly labels: Labels;
  readonly created: string | undefined;
  readonly replicas: number | undefined;
  readonly pullSecrets: readonly string[];
  readonly serviceAccount: string;
}

/** By what tells objects apart. */
export type Controllers = Map<string, ListedController>;

/** Keeps what matters of an object. @throws ClusterError LIMIT_EXCEEDED */
export function keepController(controllers: Controllers, kind: ListedKind, object: KubernetesObject): void {
  const { namespace = '', name, uid = '' } = object.metadata;
  const self: Controller = { group: kind.group, kind: kind.kind, name, uid };
  if (controllers.size >= limits.objects) {
    const sentence = `The cluster has more than ${limits.objects} ${kind.resource}; name some of its namespaces with --include-namespaces`;
    throw new ClusterError('LIMIT_EXCEEDED', sentence);
  }
  const isLink = kind.use === 'links';
  const owner = controllerOf(object);
  const replicas = replicasOf(object, kind.kind);
  const isIdle = isLink && owner !== undefined && replicas === 0;
  controllers.set(identityOf(namespace, self), {
    namespace,
    name: self,
    owner,
    isLink,
    facts: isIdle ? undefined : readFacts(object, kind, replicas),
  });
}

function readFacts(object: KubernetesObject, kind: ListedKind, replicas: number | undefined): ControllerFacts {
  const spec = podSpecOf({ group: kind.group, kind: kind.kind, object: object as unknown as JsonObject }) ?? null;
  const { secrets, serviceAccount } = pullWishesOf(spec);
  return {
    ...readPodImages(spec),
    labels: labelsOf(object),
    created: object.metadata.creationTimestamp,
    replicas,
    pullSecrets: secrets.slice(0, limits.pullSecrets),
    serviceAccount,
  };
}

/** How many Pods an object wants: a DaemonSet says it in its status, a Job by how many may go at a time until it is done. */
function replicasOf(object: KubernetesObject, kind: string): number | undefined {
  const value = object as unknown as JsonValue;
  const spec = memberOf(value, 'spec');
  const status = memberOf(value, 'status');
  switch (kind) {
    case 'CronJob':
      return undefined;
    case 'DaemonSet':
      return numberOf(memberOf(status, 'desiredNumberScheduled'));
    case 'Job':
      return memberOf(status, 'completionTime') === null && !hasFailed(status)
        ? (numberOf(memberOf(spec, 'parallelism')) ?? 1)
        : 0;
    default:
      return numberOf(memberOf(spec, 'replicas')) ?? 1;
  }
}

/** A Job that gave up has no time of completion (Kubernetes API, JobStatus, "conditions"). */
function hasFailed(status: JsonValue): boolean {
  const conditions = memberOf(status, 'conditions');
  return (
    Array.isArray(conditions) &&
    (conditions as readonly JsonValue[]).some(
      (each) => memberOf(each, 'type') === 'Failed' && memberOf(each, 'status') === 'True',
    )
  );
}

function numberOf(value: JsonValue): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
