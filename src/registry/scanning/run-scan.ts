import type { Logger } from '../../base/logger.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Clock } from '../../net/clock.ts';
import { linkEverywhere } from '../../store/metadata/manifests.ts';
import { claimScan, failScan, findScan, isFreshScanDue, renewScan, type ScanRow } from '../../store/metadata/scans.ts';
import type { Content } from '../content/content.ts';
import type { Origin } from '../pipeline/origin.ts';
import { errorMessage, isSeaworthyError } from '../../base/error.ts';
import { ContentPace } from '../../scan/process/channel/content-pace.ts';
import { readParts } from '../../scan/process/channel/parts.ts';
import { ChannelError } from '../../scan/process/channel/question.ts';
import { ContentService } from '../../scan/process/channel/serve-content.ts';
import { giveWay } from '../../scan/process/give-way.ts';
import { foreignFailures, permanentFailures, UnscannableError } from '../../scan/process/error.ts';
import { isBetterDone, type ScanUnderWay } from './better-done.ts';
import { hasStalled } from './has-stalled.ts';
import { keepScan } from './keep-scan.ts';
import { scanningLimits } from './limits.ts';
import { processLimits } from '../../scan/process/limits.ts';
import { parseScanned, type ScanResult } from '../../scan/process/parse-scanned.ts';
import type { ScanPool } from '../../scan/process/pool/scan-pool.ts';
import { readSubject } from './read-subject.ts';
import { unscannableAnswer } from '../../scan/process/why-unscannable.ts';
import { settleContent } from './settle-content.ts';
import type { ScanQueue } from './scan-queue.ts';
import type { ScanTask } from '../../scan/process/worker/tasks.ts';

const slow = 'CONTENT_SLOW';
const tooMuch = 'SCAN_MEMORY';
/** Whoever ends a process for its memory need not be this program. */
const memoryFailures: ReadonlySet<string | null> = new Set([tooMuch, 'SCAN_CRASHED']);

/** What scans are run with. */
export interface ScanParts {
  readonly content: Content;
  readonly origin: Origin;
  readonly pool: ScanPool;
  readonly queue: ScanQueue;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly newId: () => string;
  /** Milliseconds that one scan may take, and bytes that an image may have. */
  readonly time: number;
  readonly imageBytes: number;
  readonly task: Pick<ScanTask, 'database' | 'cache' | 'reading'>;
  /** Hears how each scan ended: `done`, or the code of its failure. */
  readonly observe: (outcome: string, seconds: number) => void;
  /** Is told of images whose evidence is new. */
  readonly onScanned: (digest: Digest) => Promise<void>;
}

/**
 * Scans an image that waits for it; does nothing where another process does, or did. What goes wrong is recorded, and tried
 * again as often as the limits say.
 *
 * @throws the signal's reason when the registry is being stopped; StoreError
 */
export async function runScan(parts: ScanParts, digest: Digest, signal: AbortSignal): Promise<void> {
  const { content, queue, clock, observe, newId } = parts;
  const { database } = content;
  const claim = newId();
  const now = clock.now();
  const until = now + scanningLimits.leaseTime;
  if (!(await database.transaction((queries) => claimScan(queries, digest, { claim, now, until })))) return;
  const scan = (await findScan(database, digest)) as ScanRow;
  const since = clock.monotonic();
  const over = new AbortController();
  const underWay: ScanUnderWay = { digest, pace: new ContentPace(), served: undefined };
  const beside = [
    renew(parts, digest, claim, over),
    giveWay(
      {
        pace: underWay.pace,
        clock,
        limits: scanningLimits,
        isWanted: isBetterDone({ database, clock, logger: parts.logger }, underWay),
      },
      over,
    ),
  ];
  try {
    // Whoever tried before may have been killed by it.
    if (scan.attempts > scanningLimits.attempts) {
      throw new UnscannableError('SCAN_CRASHED', 'The registry ended each time while it scanned this image');
    }
    const result = await scanOne(parts, underWay, scan, AbortSignal.any([signal, over.signal]));
    if (await keepScan(database, digest, claim, result, () => clock.now())) {
      // Those who wait for it go on before anything else is done with it.
      queue.tell(digest);
      observe('done', (clock.monotonic() - since) / 1000);
      await parts.onScanned(digest);
    }
  } catch (error) {
    await fail(parts, { digest, claim, scan }, error, signal);
    if (signal.aborted) throw error;
  } finally {
    over.abort();
    await Promise.all(beside);
    queue.tell(digest);
  }
}

/** Reads an image and gives what is known of it. @throws UnscannableError */
async function scanOne(
  { content, origin, pool, clock, time, imageBytes, task }: ScanParts,
  scan: ScanUnderWay,
  { repository, code, retryAt }: ScanRow,
  signal: AbortSignal,
): Promise<ScanResult> {
  const { digest, pace } = scan;
  const { descriptor, served } = await readSubject(content, origin, { digest, repository }, imageBytes);
  if (served.foreign.size > 0) {
    // Older versions did not record these, and an upstream is asked only for what a manifest is recorded to name.
    await content.database.transaction((queries) => linkEverywhere(queries, digest, served.foreign));
  }
  scan.served = served;
  // Whichever process fetches it has said so, or it is this one.
  const isKnownSlow = async (): Promise<boolean> =>
    (code === slow && retryAt > clock.now()) || (await hasStalled(origin, served, signal));
  if ((await isFreshScanDue(content.database, digest, clock.now())) && (await isKnownSlow())) {
    // Its layers are fetched on; a process would do nothing but wait for them.
    throw new UnscannableError(slow, 'The content of the image does not come, and others go before it');
  }
  const service = new ContentService(served, pace);
  // Layers that took too much memory together may each have room.
  const reading = memoryFailures.has(code) ? { ...task.reading, width: 1 } : task.reading;
  const question = { kind: 'scan', manifest: descriptor, ...task, reading } satisfies ScanTask;
  try {
    const parts = await pool.use({
      time,
      answer: (asked, stop, files) => service.answer(asked, stop, files),
      signal,
      run: (peer, stop) => readParts(peer.ask(question, stop), processLimits.resultBytes),
    });
    if (service.failure !== undefined) throw service.failure;
    const result = parseScanned(parts);
    if (result.isIncomplete) {
      const patience = AbortSignal.any([signal, AbortSignal.timeout(time)]);
      await pace.wait(settleContent(origin, served.repository, service.unfinished, patience));
    }
    return result;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UnscannableError) throw error;
    if (service.failure !== undefined) {
      const why = errorMessage(service.failure);
      throw new UnscannableError('CONTENT_UNAVAILABLE', `The image could not be read: ${why}`, { cause: error });
    }
    if (error instanceof ChannelError) throw unscannableAnswer(error);
    if (error instanceof RangeError || error instanceof SyntaxError) {
      throw new UnscannableError('RESULT_INVALID', error.message, { cause: error });
    }
    throw error;
  }
}

function unscannableOf(error: unknown, signal: AbortSignal): UnscannableError {
  if (error instanceof UnscannableError) return error;
  const message = errorMessage(error);
  if (signal.aborted) return new UnscannableError('SCAN_STOPPED', message, { cause: error });
  // Stores and upstreams say why in their own words; anything else is a mistake of this program.
  const code = isSeaworthyError(error) ? 'CONTENT_UNAVAILABLE' : 'SCAN_CRASHED';
  return new UnscannableError(code, message, { cause: error });
}

async function fail(
  { content, queue, clock, logger, observe }: ScanParts,
  { digest, claim, scan }: { readonly digest: Digest; readonly claim: string; readonly scan: ScanRow },
  error: unknown,
  signal: AbortSignal,
): Promise<void> {
  const known = unscannableOf(error, signal);
  const { code, message } = known;
  // What is no fault of the image does not use its attempts up; it is tried again all the same, after a wait.
  const counts = !foreignFailures.has(code);
  const isFinal =
    permanentFailures.has(code) || code === 'IMAGE_GONE' || (counts && scan.attempts >= scanningLimits.attempts);
  const now = clock.now();
  const isSlow = code === slow;
  const delay = isSlow ? scanningLimits.slowDelay : scanningLimits.retryDelay * 2 ** Math.max(0, scan.attempts - 1);
  // One layer after the other is another way, for which nothing has to change first.
  const isOtherWay = code === tooMuch && !memoryFailures.has(scan.code);
  const wait = signal.aborted || isOtherWay ? 0 : delay;
  const failure = {
    state: isFinal ? 'failed' : 'waiting',
    code,
    message: message.slice(0, processLimits.messageLength),
    retryAt: now + wait,
    counts,
  } as const;
  const recorded = await content.database.transaction(async (queries) => {
    const isOurs = await failScan(queries, digest, claim, failure, now);
    if (isOurs && !isFinal) await queue.addJob(queries, scan, digest, isOtherWay ? 'push' : 'rescan', now + wait);
    return isOurs;
  });
  if (!recorded || signal.aborted) return;
  observe(code, 0);
  const fields = { digest, code, message, attempt: scan.attempts, again: !isFinal };
  if (code === 'NOT_AN_IMAGE' || code === 'IMAGE_INDEX') logger.debug('There is nothing to scan', fields);
  else if (isSlow) logger.info('A scan that waited for its content let others go before it', fields);
  else logger.warn('An image could not be scanned', fields);
}

/** Says again and again that the scan goes on; ends it when another process has taken it over. */
async function renew(
  { content, clock, logger }: ScanParts,
  digest: Digest,
  claim: string,
  over: AbortController,
): Promise<void> {
  while (!over.signal.aborted) {
    await clock.sleep(scanningLimits.renewTime, over.signal).catch(() => undefined);
    if (over.signal.aborted) return;
    try {
      const until = clock.now() + scanningLimits.leaseTime;
      const renewal = await content.database.transaction((queries) => renewScan(queries, digest, claim, until), {
        durable: false,
      });
      if (!renewal) over.abort(new UnscannableError('SCAN_STOPPED', 'Another process has taken the scan over'));
    } catch (error) {
      logger.warn('A scan could not say that it goes on', { error: errorMessage(error) });
    }
  }
}
