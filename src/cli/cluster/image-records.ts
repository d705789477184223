import { hash } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import type { ScanReport } from '../../finding/scan-report.ts';
import type { Digest } from '../../oci/digest.ts';
import { EntryStore } from '../../scan/cache/entry-store.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Bytes of all that is kept, and of one entry when it is unpacked. */
const most = { bytes: 256 * 2 ** 20, entry: 256 * 2 ** 20 };

/** A package of an image, as questions about images look at it. */
export interface RecordedPackage {
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly source: string | null;
  readonly sourceVersion: string | null;
  /** `debian 12` */
  readonly distro: string;
  readonly purl: string;
  /** Ids of its flaws, whatever a report shows. */
  readonly flaws: readonly string[];
}

/** What is kept of an image for questions about what runs: enough to answer them without reading it. */
export interface ImageRecord {
  readonly version: 1;
  /** Of the database that was asked, RFC 3339. */
  readonly builtAt: string;
  readonly manifest: Digest | undefined;
  /** Packages may be missing. */
  readonly isPartlyRead: boolean;
  /** Some packages could not be looked up. */
  readonly isPartlyLookedUp: boolean;
  readonly packages: readonly RecordedPackage[];
}

/** Keeps them, by digest and platform. */
export class ImageRecords {
  readonly #entries: EntryStore;

  /** @param cacheDir as in the settings */
  constructor(cacheDir: string, now: () => number) {
    this.#entries = new EntryStore(join(cacheDir, 'scans', 'records'), most.bytes, now);
  }

  /** @param platform as it was asked for */
  async get(digest: Digest, platform: string): Promise<ImageRecord | undefined> {
    const packed = await this.#entries.get(keyOf(digest, platform));
    if (packed === undefined) return undefined;
    try {
      const text = (await decompress(packed, { maxOutputLength: most.entry })).toString('utf8');
      const record = JSON.parse(text) as Partial<ImageRecord>;
      return record.version === 1 && Array.isArray(record.packages) ? (record as ImageRecord) : undefined;
    } catch {
      return undefined;
    }
  }

  async put(digest: Digest, platform: string, record: ImageRecord): Promise<void> {
    await this.#entries.put(keyOf(digest, platform), await compress(JSON.stringify(record)));
  }

  /** Keeps it within its size. */
  async trim(): Promise<void> {
    await this.#entries.evict();
  }
}

/** What is kept of a report, unfiltered. */
export function recordOf({ artifact, inventory, findings, problems, database }: ScanReport): ImageRecord {
  const flaws = new Map<unknown, Set<string>>();
  for (const { package: pkg, id, aliases, vendorIds } of findings) {
    const ids = flaws.get(pkg) ?? new Set();
    for (const each of [id, ...aliases, ...vendorIds]) ids.add(each);
    flaws.set(pkg, ids);
  }
  const { distro } = inventory;
  return {
    version: 1,
    builtAt: database?.builtAt ?? '',
    manifest: artifact.image?.manifestDigest,
    isPartlyRead: problems.some(({ incomplete }) => incomplete === true),
    isPartlyLookedUp: problems.length > 0,
    packages: inventory.packages.map((pkg) => ({
      type: pkg.type,
      name: pkg.name,
      version: pkg.version,
      source: pkg.source?.name ?? null,
      sourceVersion: pkg.source?.version ?? null,
      distro: distro === undefined ? '' : `${distro.id} ${distro.version}`,
      purl: pkg.purl,
      flaws: [...(flaws.get(pkg) ?? [])],
    })),
  };
}

function keyOf(digest: Digest, platform: string): string {
  return hash('sha256', `record ${digest} ${platform}`);
}
