import { join } from 'node:path';

/** The file that names all others. */
export function manifestPath(directory: string): string {
  return join(directory, 'manifest.json');
}

/** The folder of shard files. */
export function shardsPath(directory: string): string {
  return join(directory, 'shards');
}

/** A shard's file, named after its bytes. */
export function shardPath(directory: string, sha256: string): string {
  return join(shardsPath(directory), `${sha256}.sqlite`);
}

/** Folders of builds under way start so. */
export const buildPrefix = 'build-';
