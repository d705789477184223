import type { ClusterInventory, ObjectName } from '../../cluster/model.ts';
import { type RunningImage, runningImages } from '../../cluster/running-images.ts';
import { mapBounded } from '../../base/concurrency.ts';
import { isMeant } from '../../registry/scanning/triage/find-packages.ts';
import type { TriageQuestion } from '../../registry/scanning/triage/parse-question.ts';
import type { ImageRecord, RecordedPackage } from './image-record.ts';

/** Images whose records are read at a time. */
const width = 8;

/** An image that is hit, with what it is hit by. */
export interface HitRunningImage {
  readonly image: string;
  readonly digest: string;
  readonly platforms: readonly string[];
  /** `name version`, sorted. */
  readonly packages: readonly string[];
}

/** A workload that is hit. */
export interface HitWorkload extends ObjectName {
  readonly namespace: string;
  /** Who controls it: an operator's resource, for instance. */
  readonly owner?: ObjectName;
  readonly pods: number;
  readonly images: readonly HitRunningImage[];
}

/** What is known of who is hit. */
export interface ClusterHits {
  /** By namespace, name and kind. */
  readonly workloads: readonly HitWorkload[];
  /** Packages of the name whose versions could not be compared: `name version`, sorted. */
  readonly unreadable: readonly string[];
  /** Images that run and of which nothing is known, and those that are known in part only: they may be hit as well. */
  readonly unknown: readonly string[];
  readonly incomplete: readonly string[];
}

/** Gives what is kept of a digest for a platform; of one that no node tells, for what is usual. */
export type FindRecord = (
  digest: NonNullable<RunningImage['digest']>,
  platform?: string,
) => Promise<ImageRecord | undefined>;

/** Finds the workloads that are hit, from what was kept of their images: none is read. */
export async function findHits(
  inventory: Pick<ClusterInventory, 'workloads'>,
  question: TriageQuestion,
  find: FindRecord,
): Promise<ClusterHits> {
  const hits = new Map<string, HitRunningImage>();
  const unreadable = new Set<string>();
  const unknown: string[] = [];
  const incomplete: string[] = [];
  // What nothing runs of hits nobody now.
  const images = runningImages(inventory).filter(({ digest, pods }) => digest !== undefined || pods > 0);
  const looks = await mapBounded(images, width, async (image) => await lookAt(image, question, find));
  for (const [at, look] of looks.entries()) {
    const image = images[at] as RunningImage;
    const title = imageTitle(image);
    if (look === undefined) unknown.push(title);
    else {
      if (look.isPartly) incomplete.push(title);
      for (const name of look.unreadable) unreadable.add(name);
      const { digest, platforms } = image;
      const [name = ''] = image.images;
      if (look.packages.size > 0 && digest !== undefined) {
        hits.set(digest, { image: name, digest, platforms, packages: [...look.packages].sort() });
      }
    }
  }
  return { workloads: workloadsOf(inventory, hits), unreadable: [...unreadable].sort(), unknown, incomplete };
}

/** What an image is called, with the digest that runs where one is known, whatever digest it was asked for by. */
export function imageTitle({ digest, images: [name = ''] }: Pick<RunningImage, 'digest' | 'images'>): string {
  if (digest === undefined) return name;
  const [named = name] = name.split('@');
  return `${named}@${digest}`;
}

/** The images of which not all is known, though a digest is. */
export async function unknownImages(
  inventory: Pick<ClusterInventory, 'workloads'>,
  find: FindRecord,
): Promise<readonly RunningImage[]> {
  const images = runningImages(inventory).filter(({ digest }) => digest !== undefined);
  const isKnown = await mapBounded(images, width, async (image) => (await recordsOf(image, find)) !== undefined);
  return images.filter((_, at) => isKnown[at] === false);
}

interface Look {
  readonly isPartly: boolean;
  readonly packages: ReadonlySet<string>;
  readonly unreadable: ReadonlySet<string>;
}

/** Undefined where not all of it is known. */
async function lookAt(image: RunningImage, question: TriageQuestion, find: FindRecord): Promise<Look | undefined> {
  const records = await recordsOf(image, find);
  if (records === undefined) return undefined;
  const isFlaw = question.kind === 'flaw';
  const packages = new Set<string>();
  const unreadable = new Set<string>();
  for (const pkg of records.flatMap((record) => record.packagesWith(isFlaw ? question.id : question.name))) {
    const answer = isFlaw ? pkg.flaws.includes(question.id) : isMeant(rowOf(pkg), question);
    if (answer === true) packages.add(`${pkg.name} ${pkg.version}`);
    else if (answer === undefined) unreadable.add(`${pkg.name} ${pkg.version}`);
  }
  const isPartly = records.some((each) => each.isPartlyRead || (isFlaw && each.isPartlyLookedUp));
  return { isPartly, packages, unreadable };
}

/** Undefined where one of its platforms is not known. */
async function recordsOf(
  { digest, platforms }: RunningImage,
  find: FindRecord,
): Promise<readonly ImageRecord[] | undefined> {
  if (digest === undefined) return undefined;
  const found: ImageRecord[] = [];
  for (const platform of platforms.length === 0 ? [undefined] : platforms) {
    const record = await find(digest, platform);
    if (record === undefined) return undefined;
    found.push(record);
    // There is no index: all platforms have the same.
    if (record.manifest === digest) break;
  }
  return found;
}

function workloadsOf(
  { workloads }: Pick<ClusterInventory, 'workloads'>,
  hits: ReadonlyMap<string, HitRunningImage>,
): readonly HitWorkload[] {
  return workloads.flatMap(({ namespace, group, kind, name, owner, pods, images }) => {
    const digests = new Set<string>(images.flatMap(({ running }) => running.map(({ digest }) => digest)));
    const own = [...digests].sort().flatMap((digest) => hits.get(digest) ?? []);
    if (own.length === 0) return [];
    return [{ namespace, group, kind, name, ...(owner === undefined ? {} : { owner }), pods, images: own }];
  });
}

/** As the registry's question has it; its row's number says nothing here. */
function rowOf(pkg: RecordedPackage): Parameters<typeof isMeant>[0] {
  return { id: 0, ...pkg };
}
