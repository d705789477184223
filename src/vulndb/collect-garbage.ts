import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from './manifest.ts';
import { buildPrefix, shardsPath } from './paths.ts';
import { removeAll } from './shard-file.ts';

/**
 * Removes shards that the manifest does not name, folders of builds that were killed, and half-written manifests, each
 * only when it has not been touched for the grace: another process may be about to use it.
 */
export async function collectGarbage(directory: string, manifest: Manifest, now: Date, grace: number): Promise<void> {
  const wanted = new Set(manifest.shards.map(({ sha256 }) => `${sha256}.sqlite`));
  const before = now.getTime() - grace;
  for (const name of await readdir(shardsPath(directory)).catch(() => [])) {
    if (!wanted.has(name)) await removeIfOlder(join(shardsPath(directory), name), before);
  }
  for (const name of await readdir(directory)) {
    const left = name.startsWith(buildPrefix) || /^manifest\.json\.[0-9a-f]+\.tmp$/.test(name);
    if (left) await removeIfOlder(join(directory, name), before);
  }
}

/** What cannot be looked at or removed is left: it costs space, nothing else. */
async function removeIfOlder(path: string, before: number): Promise<void> {
  try {
    if ((await stat(path)).mtimeMs < before) await removeAll(path);
  } catch {
    return;
  }
}
