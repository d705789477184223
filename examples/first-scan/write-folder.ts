import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../src/base/atomic-file.ts';

/** Replaces a folder by these files, in their order. */
export async function writeFolder(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  for (const [path, bytes] of files) await writeFileAtomic(join(folder, path), bytes);
}
