import { outdatedScans } from '../../../store/metadata/scans.ts';
import type { SqlDatabase } from '../../../store/sql/database.ts';
import type { ScanQueue } from '../scan-queue.ts';
import { scanSignature } from '../../../scan/scan-signature.ts';

/** Asks for new scans of what another version of this program read. @throws StoreError; the signal's reason */
export async function requestOutdated(queue: ScanQueue, database: SqlDatabase, signal: AbortSignal): Promise<void> {
  for (let after = 0; ;) {
    signal.throwIfAborted();
    const rows = await outdatedScans(database, scanSignature(), after, 100);
    for (const { digest, repository } of rows) await queue.request(digest, repository, 'rescan');
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}
