import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeStoredZip } from './stored-zip.ts';

/** The advisories that come with this example: `<ecosystem>/<id>.json` in OSV format, and an extract of CISA's list. */
export const advisoriesFolder: string = join(import.meta.dirname, 'advisories');

/**
 * Lays advisories out as the OSV bucket does, as files by their paths: one `<ecosystem>/all.zip` for each folder. Files
 * beside the folders stay as they are.
 */
export async function advisoryFeed(folder: string = advisoriesFolder): Promise<Map<string, Buffer>> {
  const feed = new Map<string, Buffer>();
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) {
      feed.set(entry.name, await readFile(path));
      continue;
    }
    const records = new Map<string, Buffer>();
    for (const name of (await readdir(path)).toSorted()) records.set(name, await readFile(join(path, name)));
    feed.set(`${entry.name}/all.zip`, writeStoredZip(records));
  }
  return feed;
}
