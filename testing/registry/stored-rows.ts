import type { OwnRegistry } from './own-registry.ts';

/** How many blobs, links to them, manifests and tags a registry has. Uploads are not counted: one that failed may be resumed. */
export async function storedRows({ registry }: OwnRegistry): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (const table of ['blobs', 'repository_blobs', 'manifests', 'tags']) {
    const row = await registry.content.database.get<{ readonly n: number }>(`SELECT count(*) AS n FROM ${table}`);
    counts[table] = Number(row?.n);
  }
  return counts;
}
