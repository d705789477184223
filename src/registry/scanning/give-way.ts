import { errorMessage } from '../../base/error.ts';
import type { Logger } from '../../base/logger.ts';
import type { Clock } from '../../net/clock.ts';
import type { ContentPace } from '../../scan/process/channel/content-pace.ts';
import type { ServedImage } from '../../scan/process/channel/serve-content.ts';
import { UnscannableError } from '../../scan/process/error.ts';
import { isScanDue, repositoriesWith } from '../../store/metadata/scans.ts';
import type { SqlDatabase } from '../../store/sql/database.ts';
import { scanningLimits } from './limits.ts';
import { wholePlace } from './whole-place.ts';

/** A scan that is under way. */
export interface ScanUnderWay {
  readonly digest: ServedImage['digest'];
  readonly pace: ContentPace;
  /** What is read, once that is known. */
  served: ServedImage | undefined;
}

/**
 * Ends a scan that does little but wait for its content while something better could be done: another image waits for its turn, or this
 * one lies whole in another repository. So an upstream that stalls keeps nobody waiting but those who want what it has. What is on
 * its way goes on coming, and the next attempt finds more of it.
 *
 * @param over is aborted with UnscannableError CONTENT_SLOW; this ends when it is aborted
 */
export async function giveWay(
  { database, clock, logger }: { readonly database: SqlDatabase; readonly clock: Clock; readonly logger: Logger },
  scan: ScanUnderWay,
  over: AbortController,
): Promise<void> {
  const { digest, pace } = scan;
  while (!over.signal.aborted) {
    const before = pace.bytes;
    await clock.sleep(scanningLimits.paceTime, over.signal).catch(() => undefined);
    if (!pace.isAwaited || pace.bytes - before >= scanningLimits.paceBytes) continue;
    try {
      if ((await isScanDue(database, digest, clock.now())) || (await isElsewhere(database, scan.served))) {
        over.abort(
          new UnscannableError('CONTENT_SLOW', 'The content of the image comes slowly, and others go before it'),
        );
      }
    } catch (error) {
      logger.warn('Whether other images wait for a slow one could not be told', { error: errorMessage(error) });
    }
  }
}

/** Whether an image lies whole in another repository than the one that it is read from. */
async function isElsewhere(database: SqlDatabase, served: ServedImage | undefined): Promise<boolean> {
  if (served === undefined) return false;
  const { digest, repository, blobs } = served;
  const others = (await repositoriesWith(database, digest, repository)).map(({ name }) => name);
  return (
    (await wholePlace(
      database,
      others.filter((name) => name !== repository),
      blobs,
    )) !== undefined
  );
}
