import { createHash } from 'node:crypto';
import { readFile, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../base/atomic-file.ts';

/** Bytes of the checksum in front of each entry. */
const checksumSize = 32;
/** How much of the allowed size remains after entries were evicted. */
const keptShare = 0.8;
/** A hit renews an entry's age when it is older than this, in milliseconds, so that most hits write nothing. */
const renewalAge = 3_600_000;
/** Leftovers of killed writers are removed after this time, in milliseconds. */
const strayAge = 3_600_000;

interface Entry {
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly usedAt: number;
}

/**
 * Content-addressed files in one folder: any number of processes read and write it at once without a lock.
 *
 * An entry is written beside its place and renamed into it, and carries its own checksum; a damaged one is a miss. The
 * cache is a help, not a truth: where it cannot be written, scans go on without it.
 */
export class EntryStore {
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #now: () => number;

  /**
   * @param folder made when first written
   * @param maxBytes beyond which the entries unused for longest are removed by {@link evict}
   * @param now milliseconds since 1970
   */
  constructor(folder: string, maxBytes: number, now: () => number) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    this.#now = now;
  }

  /** The bytes kept under a key, or undefined when there are none that are whole. */
  async get(key: string): Promise<Buffer | undefined> {
    const path = this.#path(key);
    let bytes: Buffer;
    try {
      bytes = await readFile(path);
    } catch {
      return undefined;
    }
    const body = bytes.subarray(checksumSize);
    if (bytes.length < checksumSize || !checksum(body).equals(bytes.subarray(0, checksumSize))) {
      await rm(path, { force: true }).catch(() => undefined);
      return undefined;
    }
    await this.#renew(path);
    return body;
  }

  /** Keeps bytes under a key. False when the folder cannot be written, or one entry would push out most others. */
  async put(key: string, body: Uint8Array): Promise<boolean> {
    if (body.length + checksumSize > this.#maxBytes * keptShare) return false;
    try {
      await writeFileAtomic(this.#path(key), Buffer.concat([checksum(body), body]));
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Removes the entries unused for longest until the rest is well below the allowed size.
   *
   * @returns bytes that were freed
   */
  async evict(): Promise<number> {
    const entries = await this.#list();
    const isStray = (entry: Entry): boolean => entry.path.endsWith('.tmp');
    let freed = 0;
    for (const entry of entries.filter(isStray)) {
      if (this.#now() - entry.usedAt > strayAge) freed += await removeEntry(entry);
    }
    const kept = entries.filter((entry) => !isStray(entry)).sort((a, b) => a.usedAt - b.usedAt);
    let total = kept.reduce((sum, entry) => sum + entry.size, 0);
    if (total <= this.#maxBytes) return freed;
    for (const entry of kept) {
      if (total <= this.#maxBytes * keptShare) break;
      freed += await removeEntry(entry);
      total -= entry.size;
    }
    return freed;
  }

  #path(key: string): string {
    return join(this.#folder, key.slice(0, 2), key);
  }

  async #renew(path: string): Promise<void> {
    const now = this.#now();
    try {
      const { mtimeMs } = await stat(path);
      if (now - mtimeMs > renewalAge) await utimes(path, now / 1000, now / 1000);
    } catch {
      // Another process removed it meanwhile; its bytes are already in hand.
    }
  }

  async #list(): Promise<Entry[]> {
    const names = await readdir(this.#folder, { recursive: true }).catch(() => []);
    const found: Entry[] = [];
    for (const name of names) {
      const path = join(this.#folder, name);
      const status = await stat(path).catch(() => undefined);
      if (status?.isFile() === true) found.push({ path, size: status.size, usedAt: status.mtimeMs });
    }
    return found;
  }
}

/** @returns bytes that were freed */
async function removeEntry({ path, size }: Entry): Promise<number> {
  await rm(path, { force: true }).catch(() => undefined);
  return size;
}

function checksum(body: Uint8Array): Buffer {
  return createHash('sha256').update(body).digest();
}
