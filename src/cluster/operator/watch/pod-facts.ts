import { hash } from 'node:crypto';
import type { KubernetesObject, OwnerReference } from '../../../kubernetes/model.ts';
import { type JsonValue, memberOf } from '../../../lang/jmespath/value.ts';
import type { Digest } from '../../../oci/digest.ts';
import { pullWishesOf } from '../../../workload/pull-wishes.ts';
import { controllerOf, textOf } from '../../inventory/object-facts.ts';
import { podDigests, readPodImages } from '../../inventory/pod-images.ts';
import { clusterLimits } from '../../limits.ts';
import { operatorLimits as limits } from '../limits.ts';
import type { ReportOwner } from '../model.ts';

/** A container of a Pod and the image that it runs. */
export interface RunningContainer {
  readonly container: string;
  /** As the Pod names it. */
  readonly image: string;
  readonly digest: Digest;
}

/** What Pods that are made alike say: held once for all of them. */
export interface PodForm {
  readonly containers: readonly RunningContainer[];
  readonly secrets: readonly string[];
  readonly serviceAccount: string;
  readonly specHash: string;
}

/** What is kept of a Pod. */
export interface PodFacts {
  readonly namespace: string;
  readonly name: string;
  /** Its controller where that is one of Kubernetes itself; else the Pod. */
  readonly owner: ReportOwner;
  readonly node: string;
  /** It ran, and does not any more. */
  readonly hasEnded: boolean;
  readonly created: string;
  readonly form: PodForm;
}

/** Controllers that reports are about in the place of their Pods. Pods of anything else are about themselves, as those of a Node are. */
const controllers: ReadonlySet<string> = new Set([
  'apps/ReplicaSet',
  'apps/StatefulSet',
  'apps/DaemonSet',
  'batch/Job',
  '/ReplicationController',
]);

/**
 * Reads what matters of a Pod.
 *
 * @param forms those that are known, by their texts; what is new is put there
 */
export function readPodFacts(pod: KubernetesObject, forms: Map<string, PodForm>): PodFacts {
  const { namespace = '', name, uid = '', creationTimestamp = '' } = pod.metadata;
  const value = pod as unknown as JsonValue;
  const spec = memberOf(value, 'spec');
  const digestOf = podDigests(value);
  const seen = new Set<string>();
  // Containers come first: an image volume of the same name has no report of its own.
  const containers = readPodImages(spec)
    .images.toSorted((a, b) => Number(a.kind === 'volume') - Number(b.kind === 'volume'))
    .slice(0, limits.podImages)
    .flatMap((image): readonly RunningContainer[] => {
      const digest = digestOf(image);
      if (digest === undefined || seen.has(image.container)) return [];
      seen.add(image.container);
      return [{ container: image.container, image: image.image, digest }];
    });
  const { secrets, serviceAccount } = pullWishesOf(spec);
  const controller = controllerOf(pod);
  const reference = pod.metadata.ownerReferences?.find((each: OwnerReference) => each.controller === true);
  const isKnown = controller !== undefined && controllers.has(`${controller.group}/${controller.kind}`);
  return {
    namespace,
    name,
    owner:
      isKnown && reference !== undefined
        ? { apiVersion: reference.apiVersion, kind: controller.kind, name: controller.name, uid: controller.uid }
        : { apiVersion: 'v1', kind: 'Pod', name, uid },
    node: textOf(memberOf(spec, 'nodeName')) ?? '',
    hasEnded: /^(?:Succeeded|Failed)$/.test(textOf(memberOf(memberOf(value, 'status'), 'phase')) ?? ''),
    created: creationTimestamp,
    form: formOf(
      {
        containers,
        secrets: secrets.slice(0, clusterLimits.pullSecrets),
        serviceAccount,
        specHash: specHashOf(pod, containers),
      },
      forms,
    ),
  };
}

function formOf(form: PodForm, forms: Map<string, PodForm>): PodForm {
  const text = JSON.stringify(form);
  const known = forms.get(text);
  if (known !== undefined) return known;
  forms.set(text, form);
  return form;
}

/**
 * What names the template of a Pod: the controller's own hash of it (Kubernetes, "Pod-template-hash label", "ControllerRevision"), or one
 * of its images.
 */
function specHashOf({ metadata }: KubernetesObject, containers: readonly RunningContainer[]): string {
  const labels: Readonly<Record<string, unknown>> = metadata.labels ?? {};
  for (const name of ['pod-template-hash', 'controller-revision-hash']) {
    const value = labels[name];
    if (typeof value === 'string' && /^[A-Za-z0-9][\w.-]{0,61}[A-Za-z0-9]$/.test(value)) return value;
  }
  const images = containers.map(({ container, image }) => [container, image]);
  return hash('sha256', JSON.stringify(images)).slice(0, 10);
}
