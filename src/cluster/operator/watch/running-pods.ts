import type { Change } from '../../../kubernetes/follow/handler.ts';
import type { KubernetesObject } from '../../../kubernetes/model.ts';
import { objectKey } from '../../../kubernetes/object-key.ts';
import { controllerOf } from '../../inventory/object-facts.ts';
import { operatorLimits as limits } from '../limits.ts';
import type { ReportOwner } from '../model.ts';
import { type PodFacts, type PodForm, readPodFacts } from './pod-facts.ts';

/** An object that is followed, with what is made of it in the place of all else. */
interface Reduced<Facts> extends KubernetesObject {
  readonly facts: Facts;
}

/** Keeps of an object what tells it apart, and what was made of it. */
export function reduced({ apiVersion, kind, metadata }: KubernetesObject, facts: unknown): KubernetesObject {
  const { name, namespace, uid, resourceVersion } = metadata;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    facts,
  };
}

/** What is followed, by namespaces and names; no more of it than there is room for. */
export class FollowedFacts<Facts> {
  readonly #held = new Map<string, Facts>();
  #left = 0;

  /** Objects that are not known, since there are too many. */
  get left(): number {
    return this.#left;
  }

  get size(): number {
    return this.#held.size;
  }

  get(key: string): Facts | undefined {
    return this.#held.get(key);
  }

  values(): IterableIterator<Facts> {
    return this.#held.values();
  }

  /** All that is known, by `namespace/name`. */
  pairs(): IterableIterator<[key: string, facts: Facts]> {
    return this.#held.entries();
  }

  take(change: Change): void {
    if (change.kind === 'replaced') {
      this.#held.clear();
      this.#left = 0;
      for (const object of change.objects) this.#put(object);
    } else if (change.kind === 'changed') this.#put(change.object);
    else if (!this.#held.delete(objectKey(change.object))) this.#left = Math.max(0, this.#left - 1);
  }

  #put(object: KubernetesObject): void {
    const key = objectKey(object);
    if (this.#held.size >= limits.objects && !this.#held.has(key)) this.#left += 1;
    else this.#held.set(key, (object as Reduced<Facts>).facts);
  }
}

/** All Pods of a cluster, each by what matters of it. */
export class RunningPods extends FollowedFacts<PodFacts> {
  #forms = new Map<string, PodForm>();

  /** What Pods say, each once however many say it. */
  get forms(): number {
    return this.#forms.size;
  }

  /** For `follow()`. */
  readonly transform = (pod: KubernetesObject): KubernetesObject => reduced(pod, readPodFacts(pod, this.#forms));

  /** Forgets what Pods said that are gone. */
  tidy(): void {
    if (this.#forms.size < 1000) return;
    const used = new Set(this.#forms.values());
    for (const { form } of this.values()) used.delete(form);
    if (used.size > this.#forms.size / 2) {
      this.#forms = new Map([...this.#forms].filter(([, form]) => !used.has(form)));
    }
  }
}

/** CronJobs by the Jobs that they made. */
export class JobOwners extends FollowedFacts<ReportOwner | undefined> {
  /** For `follow()`, of metadata alone. */
  readonly transform = (job: KubernetesObject): KubernetesObject => {
    const controller = controllerOf(job);
    const isCron = controller?.group === 'batch' && controller.kind === 'CronJob';
    const owner = isCron
      ? { apiVersion: 'batch/v1', kind: 'CronJob', name: controller.name, uid: controller.uid }
      : undefined;
    return reduced(job, owner);
  };
}

/** The platforms of nodes, as their labels tell (Kubernetes, "Well-Known Labels"). */
export class NodePlatforms extends FollowedFacts<string | undefined> {
  /** For `follow()`, of metadata alone. */
  readonly transform = (node: KubernetesObject): KubernetesObject => {
    const labels: Readonly<Record<string, unknown>> = node.metadata.labels ?? {};
    const [os, architecture] = [labels['kubernetes.io/os'], labels['kubernetes.io/arch']];
    const isKnown = [os, architecture].every((text) => typeof text === 'string' && /^[a-z0-9_]{1,32}$/.test(text));
    return reduced(node, isKnown ? `${String(os)}/${String(architecture)}` : undefined);
  };
}
