import { hash } from 'node:crypto';
import { resolveImage } from '../../../evidence/image/resolve-image.ts';
import type { Repositories } from '../../../evidence/reach/repositories.ts';
import type { Clock } from '../../../net/clock.ts';
import type { RemoteRepository } from '../../../oci/client/remote-repository.ts';
import { parsePlatform } from '../../../oci/platform.ts';
import { askWithInventory } from '../../../scan/process/ask-with-inventory.ts';
import { readParts } from '../../../scan/process/channel/parts.ts';
import { UnscannableError } from '../../../scan/process/error.ts';
import { processLimits } from '../../../scan/process/limits.ts';
import { type LayerScan, scanRegistryImage } from '../../../scan/process/scan-registry-image.ts';
import type { LookedUp, ToldFinding } from '../../../scan/process/worker/tasks.ts';
import { operatorLimits as limits } from '../limits.ts';
import type { FoundInImage, ImagePlace, RunningImage } from '../model.ts';
import type { KeptImages, NamedFindings } from './kept-images.ts';

/** What looking at images takes. */
export interface ScannerParts {
  readonly scan: LayerScan;
  readonly kept: KeptImages;
  readonly repositories: Pick<Repositories, 'of'>;
  /** Names of the Secrets of a service account, by its namespace and name. */
  readonly accountSecrets: (namespace: string, account: string, signal: AbortSignal) => Promise<readonly string[]>;
  /** Of this program, for bills of materials. */
  readonly version: string;
  readonly clock: Clock;
  /** Hears how an image was looked at. */
  readonly observe: (how: 'layers' | 'inventory') => void;
}

/** Looks at images: reads their layers once, and looks up what is known of that whenever it is asked. */
export class ImageScanner {
  readonly #parts: ScannerParts;

  constructor(parts: ScannerParts) {
    this.#parts = parts;
  }

  /**
   * Finds out what is known of an image now. Its layers are read where that was not done, or was not kept.
   *
   * @throws UnscannableError; OciError, NetError and others where no place has it; the signal's reason
   */
  async look(
    image: RunningImage,
    signal: AbortSignal,
  ): Promise<{ readonly found: FoundInImage; readonly findings: NamedFindings }> {
    const { scan, kept, clock, observe } = this.#parts;
    const known = await kept.inventory(image.key);
    const inventory = known ?? (await this.#read(image, signal));
    observe(known === undefined ? 'layers' : 'inventory');
    const task = { kind: 'look-up', database: scan.task.database, maxBytes: limits.findingBytes } as const;
    const answer = await askWithInventory(scan.pool, task, inventory, { time: limits.askTime, signal });
    const { lookedUp, list } = await readAnswer(answer);
    const { builtAt, counts, os, left, problems } = lookedUp;
    const revision = hash('sha256', JSON.stringify([counts, os ?? null, left, problems, list]));
    const told = os === undefined ? {} : { os };
    const findings: NamedFindings = { revision, counts, ...told, left, problems, findings: list };
    await kept.putFindings(image.key, findings);
    return { found: { revision, builtAt, checkedAt: clock.now(), counts, os }, findings };
  }

  /** A bill of materials in CycloneDX; undefined where the image must be looked at first. @throws as {@link look} */
  async bill(image: string, signal: AbortSignal): Promise<Buffer | undefined> {
    const { scan, kept, version } = this.#parts;
    const known = await kept.bill(image, version);
    if (known !== undefined) return known;
    const inventory = await kept.inventory(image, 'partial');
    if (inventory === undefined) return undefined;
    const task = { kind: 'bill', version, signature: kept.signature } as const;
    const bill = await askWithInventory(scan.pool, task, inventory, { time: limits.askTime, signal });
    await kept.putBill(image, version, bill);
    return bill;
  }

  /** Reads the layers, from the first place that has them. */
  async #read(image: RunningImage, signal: AbortSignal): Promise<Buffer> {
    const { scan, kept } = this.#parts;
    let failure: unknown;
    for (const place of image.places) {
      try {
        const remote = await this.#open(place, signal);
        const resolved = await resolveImage(remote, { digest: image.digest }, [parsePlatform(image.platform)], signal);
        const [variant] = resolved.images;
        if (variant === undefined)
          throw new UnscannableError('NOT_AN_IMAGE', 'The index has no image of that platform');
        const { inventory, facts } = await scanRegistryImage(scan, remote, variant, signal);
        const bytes = Buffer.from(inventory);
        // What lacks something, for a reason that may pass, is read again when the image is looked at the next time.
        const isWhole = !facts.problems.some(({ incomplete }) => incomplete === true);
        await kept.putInventory(image.key, bytes, { isWhole });
        return bytes;
      } catch (error) {
        signal.throwIfAborted();
        // What is wrong with the image itself is wrong wherever it is.
        if (error instanceof UnscannableError) throw error;
        failure ??= error;
      }
    }
    throw failure ?? new UnscannableError('IMAGE_GONE', 'Nothing that runs names the image any more');
  }

  async #open(
    { reference, namespace, secrets, serviceAccount }: ImagePlace,
    signal: AbortSignal,
  ): Promise<RemoteRepository> {
    const { repositories, accountSecrets } = this.#parts;
    const ofAccount = await accountSecrets(namespace, serviceAccount, signal);
    const podSecrets = [...secrets, ...ofAccount].map((name) => `${namespace}/${name}`);
    return repositories.of(reference, { plainHttp: false, secrets: [], providers: [], podSecrets });
  }
}

async function readAnswer(
  answer: Buffer,
): Promise<{ readonly lookedUp: LookedUp; readonly list: readonly ToldFinding[] }> {
  const invalid = (cause: unknown): UnscannableError =>
    new UnscannableError('RESULT_INVALID', 'The process that looked up gave no result that can be read', { cause });
  try {
    const { value, parts } = await readParts(
      (async function* whole() {
        yield answer;
      })(),
      processLimits.resultBytes,
    );
    const lookedUp = value as LookedUp;
    const list: unknown = JSON.parse(String(parts[0]));
    const isForm =
      Number.isSafeInteger(lookedUp.builtAt) &&
      Number.isSafeInteger(lookedUp.left) &&
      Array.isArray(lookedUp.problems) &&
      typeof lookedUp.counts === 'object' &&
      Array.isArray(list);
    if (!isForm) throw new TypeError('it has another form');
    return { lookedUp, list: list as readonly ToldFinding[] };
  } catch (error) {
    throw invalid(error);
  }
}
