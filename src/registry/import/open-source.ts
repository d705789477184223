import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DistributionStorage } from './distribution-storage.ts';
import { ImportError } from './error.ts';
import { isLayout, LayoutFolders } from './layout-folders.ts';
import type { ImportSource } from './source.ts';

/**
 * Tells the form of a folder.
 *
 * @param repository the name for a layout, which has none
 * @throws ImportError IMPORT_UNKNOWN
 */
export async function openImportSource(folder: string, repository: string | undefined): Promise<ImportSource> {
  if (existsSync(join(folder, 'docker', 'registry', 'v2', 'repositories'))) return new DistributionStorage(folder);
  const layouts = new LayoutFolders(folder, repository ?? 'imported');
  if (isLayout(folder)) return new LayoutFolders(folder, repository);
  if (existsSync(folder)) for await (const _ of layouts.repositories()) return layouts;
  throw new ImportError(
    'IMPORT_UNKNOWN',
    `${folder} is neither an OCI layout nor the storage of a registry; name the folder that holds oci-layout or docker/registry/v2`,
  );
}
