import { type JsonValue, memberOf } from '../../lang/jmespath/value.ts';
import { isDigest, type Digest } from '../../oci/digest.ts';
import { imagesOfPods } from '../../policy/resource/images.ts';
import { containerStatuses, runningDigests } from '../../workload/running-digests.ts';
import { clusterLimits as limits } from '../limits.ts';
import type { ContainerKind, WorkloadImage } from '../model.ts';

/** An image that a description of Pods names. */
export type NamedImage = Pick<WorkloadImage, 'kind' | 'container' | 'image'>;

/** What a description of Pods says of images. */
export interface PodImages {
  readonly images: readonly NamedImage[];
  /** Sentences. */
  readonly unreadable: readonly string[];
}

/** Reads a PodSpec. */
export function readPodImages(spec: JsonValue): PodImages {
  const { images, unreadable } = imagesOfPods({ group: '', kind: 'Pod', object: { spec } });
  const sidecars = sidecarsOf(memberOf(spec, 'initContainers'));
  const named = images.slice(0, limits.images).map(({ group, name, image }): NamedImage => ({
    kind: group === 'initContainers' && sidecars.has(name) ? 'sidecar' : (kinds[group] ?? 'container'),
    container: name,
    image,
  }));
  const places = unreadable.slice(0, limits.images).map(({ pointer, why }) => `${pointer}: ${why}`);
  const left = images.length - named.length;
  return { images: named, unreadable: left > 0 ? [...places, `${left} images are more than are looked at`] : places };
}

const kinds: Readonly<Record<string, ContainerKind>> = {
  containers: 'container',
  initContainers: 'init',
  ephemeralContainers: 'ephemeral',
  volumes: 'volume',
};

/** Init containers that go on beside the others (Kubernetes, "Sidecar Containers"). */
function sidecarsOf(list: JsonValue): ReadonlySet<string> {
  const names = new Set<string>();
  if (!Array.isArray(list)) return names;
  for (const each of list as readonly JsonValue[]) {
    const name = memberOf(each, 'name');
    if (typeof name === 'string' && memberOf(each, 'restartPolicy') === 'Always') names.add(name);
  }
  return names;
}

/**
 * The digest by which a Pod has each image: the one that its own text names, or else what its status tells. Of one that is from no
 * registry, or did not start yet, there is none.
 */
export function podDigests(pod: JsonValue): (image: NamedImage) => Digest | undefined {
  const status = memberOf(pod, 'status');
  const of = (list: keyof typeof containerStatuses): ReadonlyMap<string, Digest> =>
    runningDigests(memberOf(status, containerStatuses[list]));
  const init = of('initContainers');
  const told: Readonly<Record<ContainerKind, ReadonlyMap<string, Digest>>> = {
    container: of('containers'),
    init,
    sidecar: init,
    ephemeral: of('ephemeralContainers'),
    volume: volumeDigests(status),
  };
  return ({ kind, container, image }) => digestOfText(image) ?? told[kind].get(container);
}

/** The digest that a name of an image says itself. */
function digestOfText(image: string): Digest | undefined {
  const at = image.lastIndexOf('@');
  const text = at < 0 ? '' : image.slice(at + 1);
  return isDigest(text) ? text : undefined;
}

/** Image volumes are told of where they are mounted (Kubernetes API, VolumeMountStatus, `volumeStatus.image.imageRef`). */
function volumeDigests(status: JsonValue): ReadonlyMap<string, Digest> {
  const found = new Map<string, Digest>();
  for (const list of Object.values(containerStatuses)) {
    for (const container of itemsOf(memberOf(status, list))) {
      for (const mount of itemsOf(memberOf(container, 'volumeMounts'))) {
        const name = memberOf(mount, 'name');
        const reference = memberOf(memberOf(memberOf(mount, 'volumeStatus'), 'image'), 'imageRef');
        const digest = typeof reference === 'string' ? digestOfText(reference) : undefined;
        if (typeof name === 'string' && digest !== undefined) found.set(name, digest);
      }
    }
  }
  return found;
}

function itemsOf(list: JsonValue): readonly JsonValue[] {
  return Array.isArray(list) ? (list as readonly JsonValue[]).slice(0, limits.images) : [];
}
