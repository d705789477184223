import type { JsonObject, JsonValue } from '../../lang/jmespath/value.ts';
import { isObject, memberOf } from '../../lang/jmespath/value.ts';
import type { ResourceSubject } from './model.ts';

/** A place of an object where an image is named. */
export interface ResourceImage {
  /** What kind of place: `containers`, `initContainers`, `ephemeralContainers`, `volumes`, or what an extractor calls it. */
  readonly group: string;
  /** Of the container or volume; unique in its group. */
  readonly name: string;
  /** As it is written there. */
  readonly image: string;
  /** Where that is, as a JSON Pointer (RFC 6901): `/spec/containers/0/image`. */
  readonly pointer: string;
}

/** What an object says of images. */
export interface ResourceImages {
  readonly images: readonly ResourceImage[];
  /** Places that should name an image and do not; sentences without a full stop. Whoever passes these over looks at less than what runs. */
  readonly unreadable: readonly { readonly pointer: string; readonly why: string }[];
}

/** Where kinds that Kubernetes comes with have their pods. */
const podSpecs: Readonly<Record<string, readonly string[]>> = {
  '/Pod': ['spec'],
  '/PodTemplate': ['template', 'spec'],
  '/ReplicationController': ['spec', 'template', 'spec'],
  'apps/Deployment': ['spec', 'template', 'spec'],
  'apps/StatefulSet': ['spec', 'template', 'spec'],
  'apps/DaemonSet': ['spec', 'template', 'spec'],
  'apps/ReplicaSet': ['spec', 'template', 'spec'],
  'batch/Job': ['spec', 'template', 'spec'],
  'batch/CronJob': ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
};

const lists = ['containers', 'initContainers', 'ephemeralContainers'] as const;

/** Where a kind has the description of its pods; undefined for kinds without, or that are not known. */
function podSpecPath({ group, kind }: Pick<ResourceSubject, 'group' | 'kind'>): readonly string[] | undefined {
  const key = `${group}/${kind}`;
  return Object.hasOwn(podSpecs, key) ? podSpecs[key] : undefined;
}

/**
 * The images that an object of Kubernetes' own kinds would run: of its containers, those that start it and those that are added to look
 * into it, and of its volumes (Kubernetes, "Use an Image Volume With a Pod").
 */
export function imagesOfPods(subject: Pick<ResourceSubject, 'group' | 'kind' | 'object'>): ResourceImages {
  const path = podSpecPath(subject);
  if (path === undefined) return { images: [], unreadable: [] };
  for (let length = 1; length <= path.length; length += 1) {
    const way = path.slice(0, length);
    const value = memberAt(subject.object, way);
    if (value === null) return { images: [], unreadable: [] };
    if (!isObject(value)) return { images: [], unreadable: [{ pointer: `/${way.join('/')}`, why: 'it is no object' }] };
  }
  return imagesOfPodSpec(memberAt(subject.object, path), `/${path.join('/')}`);
}

/** The description of the pods of an object; undefined for kinds that have none, or that are not known. */
export function podSpecOf(subject: Pick<ResourceSubject, 'group' | 'kind' | 'object'>): JsonValue | undefined {
  const path = podSpecPath(subject);
  return path === undefined ? undefined : memberAt(subject.object, path);
}

function memberAt(object: JsonValue, path: readonly string[]): JsonValue {
  let value = object;
  for (const name of path) value = memberOf(value, name);
  return value;
}

/** The images of a description of a pod. @param pointer where it stands */
function imagesOfPodSpec(spec: JsonValue, pointer: string): ResourceImages {
  const images: ResourceImage[] = [];
  const unreadable: { pointer: string; why: string }[] = [];
  for (const group of lists) {
    for (const { item, place } of itemsOf(spec, group, pointer, unreadable)) {
      take(group, item, place, 'image', memberOf(item, 'image'), images, unreadable);
    }
  }
  for (const { item, place } of itemsOf(spec, 'volumes', pointer, unreadable)) {
    const volume = memberOf(item, 'image');
    if (volume === null) continue;
    if (!isObject(volume)) {
      unreadable.push({ pointer: `${place}/image`, why: 'it is no object' });
      continue;
    }
    take('volumes', item, `${place}/image`, 'reference', memberOf(volume, 'reference'), images, unreadable);
  }
  return { images, unreadable };
}

function itemsOf(
  spec: JsonValue,
  name: string,
  pointer: string,
  unreadable: { pointer: string; why: string }[],
): readonly { readonly item: JsonObject; readonly place: string }[] {
  const list = memberOf(spec, name);
  if (list === null) return [];
  if (!Array.isArray(list)) {
    unreadable.push({ pointer: `${pointer}/${name}`, why: 'it is no list' });
    return [];
  }
  return (list as readonly JsonValue[]).flatMap((item, at) => {
    const place = `${pointer}/${name}/${at}`;
    if (isObject(item)) return [{ item, place }];
    unreadable.push({ pointer: place, why: 'it is no object' });
    return [];
  });
}

function take(
  group: string,
  item: JsonObject,
  place: string,
  member: string,
  image: JsonValue,
  images: ResourceImage[],
  unreadable: { pointer: string; why: string }[],
): void {
  const name = memberOf(item, 'name');
  const pointer = `${place}/${member}`;
  // A template may leave an image out that is filled in later; then there is nothing to look at yet.
  if (image === null || image === '') return;
  if (typeof image !== 'string') unreadable.push({ pointer, why: 'it is no text' });
  else images.push({ group, name: typeof name === 'string' ? name : '', image, pointer });
}
