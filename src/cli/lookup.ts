import type { ScanReport } from '../finding/scan-report.ts';
import { lookUpFindings } from '../scan/scan-target.ts';
import { openDatabase } from '../vulndb/database.ts';
import { requireFresh } from '../vulndb/status.ts';
import type { PackageScope, Settings } from './config/settings.ts';
import { databaseFolder } from './database-folder.ts';
import type { Host } from './host.ts';
import { loggerOf, since } from './logger.ts';
import type { ReadTarget } from './scan-session.ts';

/** The database, open and fresh enough, with the scan's time. */
export interface Lookup extends Disposable {
  /** Of the database, RFC 3339. */
  readonly builtAt: string;
  /**
   * Looks up what is known of a target, before any filter.
   *
   * @param pkgTypes kinds of packages to look at; those of the settings when left out
   */
  report(target: ReadTarget, pkgTypes?: readonly PackageScope[]): ScanReport;
}

/**
 * Opens the vulnerability database.
 *
 * @throws VulndbError DATABASE_MISSING, DATABASE_OLD, DATABASE_CORRUPT, DATABASE_SCHEMA
 */
export function openLookup(settings: Settings, host: Host): Lookup {
  const database = openDatabase(databaseFolder(settings));
  const now = host.now();
  const logger = loggerOf(settings, host);
  logger.debug('database', { folder: databaseFolder(settings), builtAt: database.manifest.builtAt });
  try {
    if (settings.dbMaxAge !== 0) requireFresh(database.manifest, now, settings.dbMaxAge);
  } catch (error) {
    database[Symbol.dispose]();
    throw error;
  }
  return {
    builtAt: database.manifest.builtAt,
    report({ artifact, inventory }, pkgTypes = settings.pkgTypes) {
      const start = performance.now();
      const report = lookUpFindings(artifact, inventory, database, { pkgTypes, now });
      const { name } = artifact;
      logger.debug('looked up', { name, findings: report.findings.length, milliseconds: since(start) });
      return report;
    },
    [Symbol.dispose]: () => database[Symbol.dispose](),
  };
}
