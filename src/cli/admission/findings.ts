import { join } from 'node:path';
import { ImageFindings } from '../../admission/findings/image-findings.ts';
import type { Logger } from '../../base/logger.ts';
import { systemClock } from '../../net/clock.ts';
import type { Settings } from '../config/settings.ts';
import { byteSizeKind, durationKind, integerKind } from '../config/kinds.ts';
import { databaseFolder } from '../database-folder.ts';
import type { Host } from '../host.ts';
import { SigningSession } from '../signing/session.ts';
import { type AdmissionFlags, flagValue } from './flags.ts';

/** Stored bytes of an image that is scanned, at most. */
const imageBytes = 20 * 2 ** 30;

/**
 * Begins to look for flaws in images, where that is wanted; processes start when a policy asks for the first time.
 *
 * @param observe hears how each look ended: `sbom`, `layers`, or the code of its failure
 * @throws ConfigError; SigningError for a key that cannot be loaded
 */
export async function openFindings(
  flags: Pick<AdmissionFlags, 'scanWorkers' | 'scanMemory' | 'scanTime'>,
  settings: Settings,
  host: Host,
  logger: Logger,
  observe: (outcome: string) => void,
): Promise<ImageFindings | undefined> {
  const workers = flagValue('--scan-workers', flags.scanWorkers, integerKind(0, 64));
  const memoryBytes = flagValue('--scan-memory', flags.scanMemory, byteSizeKind);
  const timeMs = flagValue('--scan-time', flags.scanTime, durationKind);
  if (workers === 0) return undefined;
  const { cacheDir, cacheSize, noCache, sbomKey } = settings;
  await using session = new SigningSession(settings, host);
  const sbomKeys = sbomKey.length === 0 ? [] : await session.loadKeys(sbomKey);
  const cache = { folder: join(cacheDir, 'admission', 'layers'), maxBytes: cacheSize };
  return await ImageFindings.open(
    {
      database: databaseFolder(settings),
      workers,
      memoryBytes,
      timeMs,
      imageBytes,
      sbomKeys,
      ...(noCache ? {} : { cache }),
    },
    { clock: systemClock, logger, cores: host.cores, observe },
  );
}
