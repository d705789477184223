import { errorMessage } from '../../base/error.ts';
import type { Logger } from '../../base/logger.ts';
import type { Clock } from '../../net/clock.ts';
import type { ContentPace } from '../../scan/process/channel/content-pace.ts';
import type { ServedImage } from '../../scan/process/channel/serve-content.ts';
import { isScanDue, repositoriesWith } from '../../store/metadata/scans.ts';
import type { SqlDatabase } from '../../store/sql/database.ts';
import { wholePlace } from './whole-place.ts';

/** A scan that is under way. */
export interface ScanUnderWay {
  readonly digest: ServedImage['digest'];
  readonly pace: ContentPace;
  /** What is read, once that is known. */
  served: ServedImage | undefined;
}

/**
 * Says whether something better could be done than to wait for the content of an image: another image waits for its turn, or this one lies whole in
 * another repository. What is on its way goes on coming, and the next attempt finds more of it.
 */
export function isBetterDone(
  { database, clock, logger }: { readonly database: SqlDatabase; readonly clock: Clock; readonly logger: Logger },
  scan: ScanUnderWay,
): () => Promise<boolean> {
  return async () => {
    try {
      return (await isScanDue(database, scan.digest, clock.now())) || (await isElsewhere(database, scan.served));
    } catch (error) {
      logger.warn('Whether other images wait for a slow one could not be told', { error: errorMessage(error) });
      return false;
    }
  };
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
