import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, utimes } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { applicationId, schemaVersion } from './limits.ts';
import { shardPath, shardsPath } from './paths.ts';
import { makeDirectory } from '../base/make-directory.ts';

/** A written shard: its name and size. */
export interface ShardFile {
  readonly sha256: string;
  /** In bytes. */
  readonly size: number;
}

/** Creates an SQLite file that will become a shard. Without journal: until it is whole, nobody knows it. */
export function createShard(path: string, tables: string): DatabaseSync {
  const shard = new DatabaseSync(path);
  shard.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA application_id = ${applicationId};
    PRAGMA user_version = ${schemaVersion}; ${tables}; BEGIN`);
  return shard;
}

/** Ends the writing of a shard and moves it, under the name of its digest, to where readers find it. */
export async function publishShard(shard: DatabaseSync, path: string, directory: string): Promise<ShardFile> {
  shard.exec('COMMIT');
  shard.close();
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  const digest = await digestOfFile(path);
  await makeDirectory(shardsPath(directory));
  // Over a file of the same name it is the same bytes: a reader that has the old one open keeps it.
  await rename(path, shardPath(directory, digest.sha256));
  return digest;
}

/** Marks a shard as in use, so that no other build removes it as left over. False when it is not there. */
export async function touchShard(directory: string, sha256: string, now: Date): Promise<boolean> {
  try {
    await utimes(shardPath(directory, sha256), now, now);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** SHA-256 and size of a file, streamed. */
export async function digestOfFile(path: string): Promise<ShardFile> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer);
    size += (chunk as Buffer).length;
  }
  return { sha256: hash.digest('hex'), size };
}

/** Removes a folder or file, if it is there. */
export async function removeAll(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}
