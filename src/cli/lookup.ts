import type { ScanReport } from '../finding/scan-report.ts';
import { lookUpFindings } from '../scan/scan-target.ts';
import { openDatabase } from '../vulndb/database.ts';
import { requireFresh } from '../vulndb/status.ts';
import type { Settings } from './config/settings.ts';
import { databaseFolder } from './database-folder.ts';
import type { Host } from './host.ts';
import type { ReadTarget } from './scan-session.ts';

/** The database, open and fresh enough, with the scan's time. */
export interface Lookup extends Disposable {
  /** Looks up what is known of a target, before any filter. */
  report(target: ReadTarget): ScanReport;
}

/**
 * Opens the vulnerability database.
 *
 * @throws VulndbError DATABASE_MISSING, DATABASE_OLD, DATABASE_CORRUPT, DATABASE_SCHEMA
 */
export function openLookup(settings: Settings, host: Host): Lookup {
  const database = openDatabase(databaseFolder(settings));
  const now = host.now();
  try {
    if (settings.dbMaxAge !== 0) requireFresh(database.manifest, now, settings.dbMaxAge);
  } catch (error) {
    database[Symbol.dispose]();
    throw error;
  }
  return {
    report: ({ artifact, inventory }) =>
      lookUpFindings(artifact, inventory, database, { pkgTypes: settings.pkgTypes, now }),
    [Symbol.dispose]: () => database[Symbol.dispose](),
  };
}
