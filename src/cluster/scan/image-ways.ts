import { isSeaworthyError } from '../../base/error.ts';
import { formatReference, parseReference, type Reference } from '../../oci/reference.ts';
import type { Workload } from '../model.ts';
import type { RunningImage } from '../running-images.ts';
import { scanLimits } from './limits.ts';
import type { ImageFailure, ImageWay } from './model.ts';

/** The ways to an image, or why there is none. */
export type ImageWays =
  | { readonly ways: readonly [ImageWay, ...ImageWay[]] }
  | { readonly failure: ImageFailure; readonly name: string };

/** Pull secrets of workloads, by what {@link workloadKey} says. */
export type PullSecrets = ReadonlyMap<string, readonly string[]>;

/** Which secrets the images of each workload are pulled with. */
export function pullSecretsOf(workloads: readonly Workload[]): PullSecrets {
  return new Map(
    workloads.map((workload) => [
      workloadKey(workload),
      workload.pullSecrets.map((name) => `${workload.namespace}/${name}`),
    ]),
  );
}

/** Tells workloads apart. */
export function workloadKey({
  group,
  kind,
  namespace,
  name,
}: Pick<Workload, 'group' | 'kind' | 'namespace' | 'name'>): string {
  return JSON.stringify([namespace, group, kind, name]);
}

/**
 * The ways to an image: each name under which it is written, with the secrets of each workload that has it so. Those of the most Pods come
 * first: what they run must be there. One that holds secrets comes before one of the same name that holds none.
 */
export function waysOf({ images, users, digest }: RunningImage, secrets: PullSecrets): ImageWays {
  const ways = new Map<string, Draft>();
  let failure: ImageFailure | undefined;
  for (const user of users) {
    const reference = attempt(user.image);
    if ('message' in reference) {
      failure ??= reference;
      continue;
    }
    const pullSecrets = secrets.get(workloadKey(user)) ?? [];
    // The tag says nothing beside a digest.
    const { registry, repository, tag } = reference;
    const named: Reference = digest === undefined ? reference : { registry, repository, digest, ...tagOf(tag) };
    const key = JSON.stringify([registry, repository, digest === undefined ? (tag ?? '') : '', pullSecrets]);
    const known = ways.get(key);
    if (known === undefined) {
      ways.set(key, { reference: named, pullSecrets, pods: user.pods, namespaces: new Set([user.namespace]) });
    } else {
      known.pods += user.pods;
      known.namespaces.add(user.namespace);
    }
  }
  const [first, ...rest] = chosen([...ways.values()].sort((a, b) => b.pods - a.pods || compareWays(a, b)));
  if (first !== undefined) return { ways: [first, ...rest] };
  const name = images[0] ?? digest ?? '';
  return {
    failure: failure ?? { code: 'REFERENCE_INVALID', message: 'Nothing names it; look at its workload' },
    name,
  };
}

interface Draft extends ImageWay {
  pods: number;
  readonly namespaces: Set<string>;
}

/** As many as are tried, in their order, but for this: whoever writes many names in one namespace takes no place from another one. */
function chosen(ways: readonly Draft[]): readonly Draft[] {
  const served = new Set<string>();
  const own: Draft[] = [];
  const others: Draft[] = [];
  for (const way of ways) {
    const isNew = [...way.namespaces].some((namespace) => !served.has(namespace));
    for (const namespace of way.namespaces) served.add(namespace);
    (isNew ? own : others).push(way);
  }
  return [...own, ...others].slice(0, scanLimits.ways);
}

function tagOf(tag: string | undefined): { readonly tag?: string } {
  return tag === undefined ? {} : { tag };
}

function compareWays(a: ImageWay, b: ImageWay): number {
  if (a.pullSecrets.length !== b.pullSecrets.length) return b.pullSecrets.length - a.pullSecrets.length;
  const [one, other] = [a, b].map(
    ({ reference, pullSecrets }) => `${formatReference(reference)} ${pullSecrets.join(' ')}`,
  ) as [string, string];
  return one < other ? -1 : one > other ? 1 : 0;
}

/** What a text names, or why that is no image. */
export function attempt(text: string): Reference | ImageFailure {
  try {
    return parseReference(text);
  } catch (error) {
    if (!isSeaworthyError(error)) throw error;
    return { code: error.code, message: error.message };
  }
}
