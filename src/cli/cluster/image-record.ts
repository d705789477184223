import { promisify } from 'node:util';
import { zstdCompress, zstdDecompressSync } from 'node:zlib';
import type { ScanReport } from '../../finding/scan-report.ts';
import type { Digest } from '../../oci/digest.ts';
import { keptNames, spellingOf } from '../../registry/scanning/triage/spelling.ts';
import { encodeNames, mayHoldName } from './name-filter.ts';

const compress = promisify(zstdCompress);

/** Bytes of the packages of one image when they are unpacked. */
const mostBytes = 256 * 2 ** 20;
/** Bytes of a piece in which they are unpacked. Node takes no smaller ones than the first. */
const piece = { least: 64, most: 4 * 2 ** 20 };

/** Of the form in which records are written. */
const version = 3;
/** Bytes in front of the head: how long it is, the filter of names, and the packages unpacked. */
const lengths = 12;

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

interface RecordHead {
  /** Of the database that was asked, RFC 3339; empty where none was. */
  readonly builtAt: string;
  readonly manifest: Digest | undefined;
  /** Packages may be missing. */
  readonly isPartlyRead: boolean;
  /** Some packages could not be looked up. */
  readonly isPartlyLookedUp: boolean;
}

/** What is kept of an image for questions about what runs: enough to answer them without reading it. */
export interface ImageRecord extends RecordHead {
  /** Packages that may be meant by a name of a package or its source, or by the id of a flaw: none, or all. */
  packagesWith(name: string): readonly RecordedPackage[];
}

/**
 * As it is kept: most questions are answered by the names in front, without unpacking what stands behind them.
 *
 * @param report unfiltered; one without a database was not looked up
 */
export async function encodeRecord({
  artifact,
  inventory,
  findings,
  problems,
  database,
}: Pick<ScanReport, 'artifact' | 'inventory' | 'findings' | 'problems' | 'database'>): Promise<Buffer> {
  const flaws = new Map<unknown, Set<string>>();
  for (const { package: pkg, id, aliases, vendorIds } of findings) {
    const ids = flaws.get(pkg) ?? new Set();
    for (const each of [id, ...aliases, ...vendorIds]) ids.add(each);
    flaws.set(pkg, ids);
  }
  const { distro } = inventory;
  const packages = inventory.packages.map((pkg): RecordedPackage => ({
    type: pkg.type,
    name: pkg.name,
    version: pkg.version,
    source: pkg.source?.name ?? null,
    sourceVersion: pkg.source?.version ?? null,
    distro: distro === undefined ? '' : `${distro.id} ${distro.version}`,
    purl: pkg.purl,
    flaws: [...(flaws.get(pkg) ?? [])],
  }));
  const head: RecordHead & { readonly version: number } = {
    version,
    builtAt: database?.builtAt ?? '',
    manifest: artifact.image?.manifestDigest,
    isPartlyRead: problems.some(({ incomplete }) => incomplete === true),
    isPartlyLookedUp: database === undefined || problems.length > 0,
  };
  const names = encodeNames(packages.flatMap((pkg) => [...keptNames(pkg), pkg.source ?? pkg.name, ...pkg.flaws]));
  const text = Buffer.from(JSON.stringify(head));
  const sizes = Buffer.alloc(lengths);
  sizes.writeUInt32LE(text.length, 0);
  sizes.writeUInt32LE(names.length, 4);
  const body = Buffer.from(JSON.stringify(packages));
  sizes.writeUInt32LE(body.length, 8);
  return Buffer.concat([sizes, text, names, await compress(body)]);
}

/** Undefined for what another version of this program wrote, what is damaged, and what is too large. */
export function decodeRecord(bytes: Buffer): ImageRecord | undefined {
  if (bytes.length < lengths) return undefined;
  const [afterHead, namesLength] = [lengths + bytes.readUInt32LE(0), bytes.readUInt32LE(4)];
  const size = bytes.readUInt32LE(8);
  const body = afterHead + namesLength;
  if (body > bytes.length || size > mostBytes) return undefined;
  try {
    const head = JSON.parse(bytes.toString('utf8', lengths, afterHead)) as RecordHead & { readonly version?: unknown };
    if (head.version !== version) return undefined;
    const names = bytes.subarray(afterHead, body);
    return {
      builtAt: head.builtAt,
      manifest: head.manifest,
      isPartlyRead: head.isPartlyRead,
      isPartlyLookedUp: head.isPartlyLookedUp,
      packagesWith: (name) =>
        [name, spellingOf(name)].some((each) => mayHoldName(names, each)) ? unpack(bytes.subarray(body), size) : [],
    };
  } catch {
    return undefined;
  }
}

function unpack(packed: Uint8Array, size: number): readonly RecordedPackage[] {
  const chunkSize = Math.min(Math.max(size, piece.least), piece.most);
  const text = zstdDecompressSync(packed, { maxOutputLength: mostBytes, chunkSize }).toString('utf8');
  return JSON.parse(text) as readonly RecordedPackage[];
}
