import { compareText } from '../../base/compare-text.ts';
import { isSeaworthyError } from '../../base/error.ts';
import type { Clock } from '../../net/clock.ts';
import type { Digest } from '../../oci/digest.ts';
import { familiarReference } from '../../oci/reference.ts';
import type { ClusterInventory } from '../model.ts';
import { type RunningImage, runningImages } from '../running-images.ts';
import { attempt, type PullSecrets, pullSecretsOf, waysOf } from './image-ways.ts';
import { scanLimits } from './limits.ts';
import type { ImageFailure, ImageScanner, ImageWay, ScannedImage, ScannedPlatform } from './model.ts';
import { isOutage, type QueueOptions, RegistryQueue } from './registry-queue.ts';

/** What the images of a cluster are scanned with. */
export interface ClusterScan<Report> {
  readonly scanner: ImageScanner<Report>;
  /** Those of the cluster that are scanned; all of them where nothing is said. */
  readonly images?: readonly RunningImage[];
  /** Images at a time. */
  readonly width: number;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  /** Ends the scan: what was read is given, and the rest is named as left. */
  readonly deadline: AbortSignal;
  /** Ends all: nothing is given. */
  readonly signal: AbortSignal;
  readonly heldUntil?: QueueOptions['heldUntil'];
  /** Whether a name of images is left out. An image is where all of its names are: anybody may write one more. */
  readonly isSkipped?: (name: string) => boolean;
  /** Hears of images before the first is done, and of each that is. */
  readonly observe?: (done: number, all: number) => void;
}

/**
 * Scans what a cluster runs: each running digest once, and each name of which no digest runs once by what it stands for now. An image that
 * cannot be read is told as such, and costs no other.
 *
 * @returns in an order that is the same each time: by name and digest
 * @throws the signal's reason, and what is wrong with this program
 */
export async function scanImages<Report>(
  inventory: Pick<ClusterInventory, 'workloads'>,
  scan: ClusterScan<Report>,
): Promise<readonly ScannedImage<Report>[]> {
  const { images = runningImages(inventory) } = scan;
  const signal = AbortSignal.any([scan.signal, scan.deadline]);
  const { width, clock, heldUntil } = scan;
  const queue = new RegistryQueue({ width, clock, signal, ...(heldUntil === undefined ? {} : { heldUntil }) });
  const reading = new ImageReading(scan, queue, pullSecretsOf(inventory.workloads), signal);
  let done = 0;
  if (images.length > 0) scan.observe?.(done, images.length);
  const scanned = await Promise.all(
    images.map(async (image) => {
      const result = await reading.image(image);
      done += 1;
      scan.observe?.(done, images.length);
      return result;
    }),
  );
  scan.signal.throwIfAborted();
  return scanned.sort((a, b) => compareText(sortKey(a), sortKey(b)));
}

/** Reads images, each digest and platform once whoever names it. */
class ImageReading<Report> {
  readonly #scan: ClusterScan<Report>;
  readonly #queue: RegistryQueue;
  readonly #secrets: PullSecrets;
  readonly #signal: AbortSignal;
  readonly #digests = new Map<Digest, Promise<readonly ScannedPlatform<Report>[]>>();

  constructor(scan: ClusterScan<Report>, queue: RegistryQueue, secrets: PullSecrets, signal: AbortSignal) {
    this.#scan = scan;
    this.#queue = queue;
    this.#secrets = secrets;
    this.#signal = signal;
  }

  async image(image: RunningImage): Promise<ScannedImage<Report>> {
    const named = withoutSkipped(image, this.#scan.isSkipped);
    const found = waysOf(named ?? image, this.#secrets);
    const name = 'ways' in found ? familiarReference(bare(found.ways[0])) : found.name;
    const known = image.digest === undefined ? {} : { digest: image.digest };
    const nothing = { image, name, platforms: [] as const };
    if (named === undefined) return { ...nothing, ...known, state: 'skipped' };
    if (!('ways' in found)) return { ...nothing, ...known, state: 'failed', failure: found.failure };
    let digest = image.digest;
    try {
      digest ??= await this.#resolve(found.ways);
      const platforms = await this.#read(digest, found.ways, image.platforms);
      const failure = platforms.every(({ state }) => state === 'failed') ? firstFailure(platforms) : undefined;
      if (failure === undefined) return { ...nothing, digest, state: 'scanned', platforms };
      return { ...nothing, digest, state: 'failed', platforms, failure };
    } catch (error) {
      const told = { ...nothing, ...(digest === undefined ? {} : { digest }) };
      if (this.#signal.aborted) return { ...told, state: 'left' };
      return { ...told, state: 'failed', failure: failureOf(error) };
    }
  }

  async #resolve(ways: readonly ImageWay[]): Promise<Digest> {
    const { scanner } = this.#scan;
    return await this.#firstOf(ways, async (way) => way.reference.digest ?? (await scanner.resolve(way, this.#signal)));
  }

  /** What was read under another name is not read again. */
  #read(
    digest: Digest,
    ways: readonly ImageWay[],
    platforms: readonly string[],
  ): Promise<readonly ScannedPlatform<Report>[]> {
    const known = this.#digests.get(digest);
    if (known !== undefined) return known;
    const reading = this.#platforms(digest, ways, platforms);
    this.#digests.set(digest, reading);
    return reading;
  }

  async #platforms(
    digest: Digest,
    ways: readonly ImageWay[],
    named: readonly string[],
  ): Promise<readonly ScannedPlatform<Report>[]> {
    const found: ScannedPlatform<Report>[] = [];
    const wanted = named.length === 0 ? [undefined] : named.slice(0, scanLimits.platforms);
    for (const platform of wanted) {
      try {
        const read = await this.#firstOf(ways, (way) =>
          this.#scan.scanner.scan({ ...way, digest, platform }, this.#signal),
        );
        found.push({ state: 'scanned', ...read });
        // There is no index: whatever the nodes are, this is what they have.
        if (read.manifest === digest) break;
      } catch (error) {
        this.#signal.throwIfAborted();
        found.push({ state: 'failed', platform: platform ?? '', failure: failureOf(error) });
      }
    }
    return found;
  }

  /**
   * The first way that leads somewhere; what is wrong with the first one is told where none does. No registry that is out is waited for
   * while another one may have the image.
   */
  async #firstOf<Result>(ways: readonly ImageWay[], look: (way: ImageWay) => Promise<Result>): Promise<Result> {
    const hasOthers = new Set(ways.map(({ reference }) => reference.registry)).size > 1;
    const later: ImageWay[] = [];
    let failure: unknown;
    for (const [tried, isPatient] of [[ways, !hasOthers] as const, [later, true] as const]) {
      for (const way of tried) {
        try {
          return await this.#queue.run(way.reference.registry, () => look(way), isPatient);
        } catch (error) {
          this.#signal.throwIfAborted();
          if (!isSeaworthyError(error)) throw error;
          failure ??= error;
          if (!elsewhere.has(error.code)) throw failure;
          if (!isPatient && isOutage(error)) later.push(way);
        }
      }
    }
    throw failure;
  }
}

/** What may go better under another name or with other credentials. */
const elsewhere: ReadonlySet<string> = new Set([
  'IMAGE_NOT_FOUND',
  'BLOB_UNKNOWN',
  // Whoever may name an image may say that it is at a registry of their own.
  'DIGEST_MISMATCH',
  'SIZE_MISMATCH',
  'UNAUTHORIZED',
  'DENIED',
  'CREDENTIALS_UNREADABLE',
  'CREDENTIALS_UNAVAILABLE',
  'RATE_LIMITED',
  'REGISTRY_UNAVAILABLE',
  'REGISTRY_PROTOCOL',
]);

/** An image under the names that are not left out; undefined where there are none. */
function withoutSkipped(image: RunningImage, isSkipped: ClusterScan<unknown>['isSkipped']): RunningImage | undefined {
  if (isSkipped === undefined) return image;
  const users = image.users.filter((user) => !namesOf(user.image).some(isSkipped));
  return users.length === 0 ? undefined : { ...image, users };
}

/** A name as it is written, and as images are told. */
function namesOf(text: string): readonly string[] {
  const reference = attempt(text);
  return 'message' in reference ? [text] : [text, familiarReference(bare({ reference }))];
}

function bare({ reference: { registry, repository, tag } }: Pick<ImageWay, 'reference'>): ImageWay['reference'] {
  return tag === undefined ? { registry, repository } : { registry, repository, tag };
}

function firstFailure<Report>(platforms: readonly ScannedPlatform<Report>[]): ImageFailure | undefined {
  for (const each of platforms) if (each.state === 'failed') return each.failure;
  return undefined;
}

/** @throws what is no failure of an image */
function failureOf(error: unknown): ImageFailure {
  if (!isSeaworthyError(error)) throw error;
  return { code: error.code, message: error.message };
}

function sortKey<Report>({ name, digest }: ScannedImage<Report>): string {
  return `${name}\0${digest ?? ''}`;
}
