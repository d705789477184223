import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { publicGoodMirror, seedOf, type TufSeed } from './public-good.ts';

/** A TUF repository, and what all that it says is trusted by. */
export interface TufAnchor {
  readonly mirror: string;
  /** The root metadata to begin with. */
  readonly root: Buffer;
  /** What the program ships of it. */
  readonly seed: TufSeed | undefined;
}

/**
 * Finds what a repository is trusted by.
 *
 * @param root the user's own root metadata, before what the program ships
 * @returns undefined where nothing says how to trust it
 */
export async function anchorOf(mirror: string = publicGoodMirror, root?: Buffer): Promise<TufAnchor | undefined> {
  const seed = await seedOf(mirror);
  const first = root ?? seed?.root;
  return first === undefined ? undefined : { mirror, root: first, seed };
}

/** Where what is known of a TUF repository is kept, below a folder for what may be fetched again. */
export function tufFolder(cacheFolder: string, mirror: string): string {
  return join(cacheFolder, 'tuf', createHash('sha256').update(mirror.replace(/\/+$/, '')).digest('hex').slice(0, 32));
}
