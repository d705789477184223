import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { isDigest } from '../../oci/digest.ts';

/** How runtimes know a layer's table of contents: by containers/storage (zstd:chunked), or by the stargz snapshotter. */
export type TableFormat = 'zstd-chunked' | 'estargz';

/** Where a table lies in the stored blob. */
export interface TablePosition {
  /** In bytes from the start of the blob. */
  readonly offset: number;
  /** Bytes that are stored. */
  readonly length: number;
  /** Bytes of the JSON that they unpack to. */
  readonly unpacked: number;
}

/** A table of contents that a layer's annotations tell runtimes to go by. */
export interface TablePromise {
  readonly format: TableFormat;
  /** Of the packed table in zstd:chunked, of its JSON in eStargz. */
  readonly digest: Digest;
  /** Where it may lie. Of that of eStargz the blob itself says it, unless it is packed with zstd. */
  readonly positions: readonly TablePosition[];
}

/** A promise that no reader can keep, and why. */
export interface BrokenPromise {
  readonly format: TableFormat;
  /** What is wrong, to go on after "that cannot be read: ". */
  readonly why: string;
}

/** What a layer's annotations promise. */
export interface Promises {
  readonly kept: readonly TablePromise[];
  readonly broken: readonly BrokenPromise[];
}

/** Before the names of annotations of zstd:chunked, the older one last (containers/storage `pkg/chunked/internal/minimal/compression.go`). */
const zstdPrefixes = ['io.github.containers.zstd-chunked.', 'io.containers.zstd-chunked.'] as const;

/** stargz-snapshotter `estargz/types.go`. */
const stargzDigest = 'containerd.io/snapshot/stargz/toc.digest';

/** Lets the snapshotter go by a table without a digest, where its settings allow that (stargz-snapshotter `fs/config`). */
const stargzUnverified = 'containerd.io/snapshot/remote/stargz.skipverify';

/** Tables of the only kind there is (`ManifestTypeCRFS`). */
const tableType = '1';

/**
 * Reads which tables of contents a layer's annotations make runtimes go by. A digest is what makes them look for one; a position alone
 * does not.
 */
export function readPromises(annotations: Readonly<Record<string, string>>): Promises {
  const kept: TablePromise[] = [];
  const broken: BrokenPromise[] = [];
  const positions: TablePosition[] = [];
  for (const prefix of zstdPrefixes) {
    const text = annotations[`${prefix}manifest-position`];
    const position = text === undefined ? undefined : parsePosition(text);
    if (position !== undefined) positions.push(position);
    const digest = annotations[`${prefix}manifest-checksum`];
    if (digest === undefined) continue;
    const format = 'zstd-chunked';
    if (!isDigest(digest)) broken.push({ format, why: `${prefix}manifest-checksum is no digest` });
    else if (position === undefined) {
      broken.push({ format, why: `${prefix}manifest-position does not say where it lies` });
    } else kept.push({ format, digest, positions: [position] });
  }
  const digest = annotations[stargzDigest];
  const format = 'estargz';
  if (digest !== undefined) {
    if (isDigest(digest)) kept.push({ format, digest, positions });
    else broken.push({ format, why: `${stargzDigest} is no digest` });
  } else if (annotations[stargzUnverified] !== undefined) {
    broken.push({ format, why: `${stargzUnverified} is set, and no digest says which table is meant` });
  }
  return { kept, broken };
}

/** Whether runtimes go by a table of eStargz in a layer. */
export function promisesStargz(descriptor: Pick<Descriptor, 'annotations'> | undefined): boolean {
  return readPromises(descriptor?.annotations ?? {}).kept.some(({ format }) => format === 'estargz');
}

/**
 * Go reads `offset:length:unpacked:type` with what stands around it (`Sscanf`), which no writer writes.
 *
 * @returns undefined for anything else
 */
function parsePosition(text: string): TablePosition | undefined {
  const match = /^(\d{1,15}):(\d{1,15}):(\d{1,15}):(\d+)$/.exec(text);
  if (match === null || match[4] !== tableType) return undefined;
  return { offset: Number(match[1]), length: Number(match[2]), unpacked: Number(match[3]) };
}

/**
 * Those of a layer's or a manifest's annotations by which runtimes may take files from elsewhere than from its tar, in the order of their
 * names. What is known of a layer holds for these alone.
 *
 * @returns undefined for none
 */
export function readingAnnotations(
  annotations: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> | undefined {
  const found = Object.entries(annotations).filter(([name]) => readingNames.test(name));
  return found.length === 0 ? undefined : Object.fromEntries(found.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * containerd hands all annotations below `containerd.io/snapshot/` to whatever snapshotter a node has. What a snapshotter makes of a name is
 * not for this list to know, so it has them all.
 */
const readingNames =
  /^(?:containerd\.io\/snapshot\/|io\.(?:github\.)?containers\.zstd-chunked\.|com\.amazon\.soci\.index-digest$)/;
