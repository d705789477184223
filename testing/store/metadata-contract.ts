import { test } from 'node:test';
import { migrations } from '../../src/store/metadata/schema.ts';
import type { SqlDatabase } from '../../src/store/sql/database.ts';
import { migrate } from '../../src/store/sql/migrate.ts';
import { registerAttachmentRecords } from './metadata-attachments.ts';
import { registerBlobRecords } from './metadata-blobs.ts';
import { registerGarbageRecords } from './metadata-garbage.ts';
import { registerManifestRecords } from './metadata-manifests.ts';
import { registerUpstreamRecords } from './metadata-upstreams.ts';
import { registerScanRecords } from './metadata-scans.ts';
import { registerUnusedScans } from './metadata-unused-scans.ts';
import { registerUploadRecords } from './metadata-uploads.ts';

/** One empty database. */
export interface DatabasePlace extends AsyncDisposable {
  /** Opens it, as a further process would. */
  open(): Promise<SqlDatabase>;
}

/** How the records are tested on an engine. */
export interface MetadataContractOptions {
  readonly skip?: string | false;
}

/** Registers one test, on a new database with its tables. */
export type MetadataCheck = (
  title: string,
  run: (database: SqlDatabase, place: DatabasePlace) => Promise<void>,
) => void;

/** Registers the tests of what a registry records, which every engine passes. */
export function testMetadata(
  name: string,
  makePlace: () => Promise<DatabasePlace>,
  { skip = false }: MetadataContractOptions = {},
): void {
  const check: MetadataCheck = (title, run) => {
    test(`${name}: ${title}`, { skip }, async () => {
      await using place = await makePlace();
      await using database = await place.open();
      await migrate(database, migrations);
      await run(database, place);
    });
  };
  registerBlobRecords(check);
  registerManifestRecords(check);
  registerAttachmentRecords(check);
  registerUploadRecords(check);
  registerGarbageRecords(check);
  registerUpstreamRecords(check);
  registerScanRecords(check);
  registerUnusedScans(check);
}
