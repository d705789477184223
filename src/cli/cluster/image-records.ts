import { hash } from 'node:crypto';
import { join } from 'node:path';
import type { Digest } from '../../oci/digest.ts';
import { EntryStore } from '../../scan/cache/entry-store.ts';
import type { Settings } from '../config/settings.ts';
import { decodeRecord, type ImageRecord } from './image-record.ts';

/** Bytes of all that is kept. */
const mostBytes = 256 * 2 ** 20;

/** Keeps what is known of images, by digest and platform. */
export class ImageRecords {
  readonly #entries: EntryStore;

  /** @param cacheDir as in the settings */
  constructor(cacheDir: string, now: () => number) {
    this.#entries = new EntryStore(join(cacheDir, 'scans', 'records'), mostBytes, now);
  }

  /** @param platform as it was asked for */
  async get(digest: Digest, platform: string): Promise<ImageRecord | undefined> {
    const bytes = await this.#entries.get(keyOf(digest, platform));
    return bytes === undefined ? undefined : decodeRecord(bytes);
  }

  /** @param record encoded. @returns false where it cannot be kept */
  async put(digest: Digest, platform: string, record: Uint8Array): Promise<boolean> {
    return await this.#entries.put(keyOf(digest, platform), record);
  }

  /** Keeps it within its size. */
  async trim(): Promise<void> {
    await this.#entries.evict();
  }
}

/**
 * Opens what is kept; undefined where nothing is to be kept, and where the settings leave out some of what is in images: what is asked
 * later is about all of it.
 *
 * @param now milliseconds since 1970
 */
export function openImageRecords(
  { noCache, cacheDir, pkgTypes, skipDirs, skipFiles }: Settings,
  now: () => number,
): ImageRecords | undefined {
  const isWhole = pkgTypes.includes('os') && pkgTypes.includes('library') && skipDirs.length + skipFiles.length === 0;
  return noCache || !isWhole ? undefined : new ImageRecords(cacheDir, now);
}

function keyOf(digest: Digest, platform: string): string {
  return hash('sha256', `record ${digest} ${platform}`);
}
