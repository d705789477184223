import type { Digest } from '../oci/digest.ts';
import type { ClusterInventory, ContainerKind, Workload } from './model.ts';

/** An image that a cluster runs: one digest, or a name of which no digest is known. */
export interface RunningImage {
  /** Absent where no Pod tells one: the name alone is known then, and may stand for something else tomorrow. */
  readonly digest?: Digest;
  /** The names under which it is written. */
  readonly images: readonly string[];
  /** Pods that have it now; one counts once for each of its containers. */
  readonly pods: number;
  /** Of the nodes that it is on: `linux/amd64`. */
  readonly platforms: readonly string[];
  readonly users: readonly ImageUser[];
}

/** A container of a workload that has an image. */
export interface ImageUser extends Pick<Workload, 'group' | 'kind' | 'namespace' | 'name'> {
  readonly containerKind: ContainerKind;
  readonly container: string;
  readonly image: string;
  /** Pods in which it runs. */
  readonly pods: number;
}

interface Draft {
  readonly digest: Digest | undefined;
  readonly images: Set<string>;
  readonly platforms: Set<string>;
  readonly users: ImageUser[];
}

/**
 * The images of a cluster by their digests, each once. Names come too where a digest is not known: where no Pod runs yet, or where one
 * tells none. The most used come first.
 */
export function runningImages({ workloads }: Pick<ClusterInventory, 'workloads'>): readonly RunningImage[] {
  const drafts = new Map<string, Draft>();
  const add = (key: string, digest: Digest | undefined, user: ImageUser, platforms: readonly string[]): void => {
    let draft = drafts.get(key);
    if (draft === undefined) {
      draft = { digest, images: new Set(), platforms: new Set(), users: [] };
      drafts.set(key, draft);
    }
    draft.images.add(user.image);
    draft.users.push(user);
    for (const platform of platforms) draft.platforms.add(platform);
  };
  for (const { group, kind, namespace, name, images } of workloads) {
    for (const { image, container, kind: containerKind, running, undigested } of images) {
      const user = { group, kind, namespace, name, containerKind, container, image };
      for (const { digest, pods, platforms } of running) {
        add(
          digest,
          digest,
          { ...user, pods },
          platforms.map(({ platform }) => platform),
        );
      }
      if (running.length === 0 || undigested > 0) add(` ${image}`, undefined, { ...user, pods: undigested }, []);
    }
  }
  return [...drafts.values()].map(imageOf).sort(compareImages);
}

function imageOf({ digest, images, platforms, users }: Draft): RunningImage {
  return {
    ...(digest === undefined ? {} : { digest }),
    images: [...images].sort(),
    pods: users.reduce((sum, { pods }) => sum + pods, 0),
    platforms: [...platforms].sort(),
    users,
  };
}

function compareImages(a: RunningImage, b: RunningImage): number {
  if (a.pods !== b.pods) return b.pods - a.pods;
  const [one, other] = [a, b].map(({ images, digest = '' }) => `${images[0] ?? ''} ${digest}`) as [string, string];
  return one < other ? -1 : one > other ? 1 : 0;
}
