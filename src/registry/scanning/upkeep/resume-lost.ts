import type { Clock } from '../../../net/clock.ts';
import { removeOffers } from '../../../store/metadata/scan-offers.ts';
import { findScan, lostScans } from '../../../store/metadata/scans.ts';
import type { SqlDatabase } from '../../../store/sql/database.ts';
import { scanningLimits } from '../limits.ts';
import type { ScanQueue } from '../scan-queue.ts';

/** Lets images be scanned again whose process is gone. @throws StoreError */
export async function resumeLost(queue: ScanQueue, database: SqlDatabase, clock: Clock): Promise<void> {
  await database.transaction((queries) => removeOffers(queries, clock.now() - scanningLimits.offerTime), {
    durable: false,
  });
  for (const { digest } of await lostScans(database, clock.now(), 100)) {
    await database.transaction(async (queries) => {
      const scan = await findScan(queries, digest);
      if (scan?.state === 'running' && scan.leaseUntil <= clock.now())
        await queue.addJob(queries, scan, digest, 'push');
    });
  }
}
