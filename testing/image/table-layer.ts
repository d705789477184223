import { gzipSync, zstdCompressSync } from 'node:zlib';
import { sha256 } from './image-builder.ts';
import { file, type TarEntry, writeTar } from './tar-writer.ts';

/** An entry of a table of contents, as it is written. */
export type ListedEntry = Readonly<Record<string, unknown>>;

/** What is written otherwise than builders do. */
export interface TableChanges {
  /** The table's entries; those that tell the truth are given. */
  readonly entries?: (entries: readonly ListedEntry[]) => readonly ListedEntry[];
  /** The table as JSON, in place of that of the entries. */
  readonly json?: (json: string) => string;
  /** The annotations; the right ones are given. */
  readonly annotations?: (right: Readonly<Record<string, string>>) => Readonly<Record<string, string>>;
  /** Bytes of a piece of a file. */
  readonly chunkBytes?: number;
  /** Whether the tar ends before the table: what it has there is no entry. */
  readonly endsBefore?: boolean;
}

/** A layer to be built into an image: the tar that it unpacks to, the blob, and what its descriptor says. */
export interface TableLayer {
  readonly tar: Buffer;
  readonly stored: Buffer;
  readonly mediaType: string;
  readonly annotations: Readonly<Record<string, string>>;
}

const types = {
  file: 'reg',
  directory: 'dir',
  symlink: 'symlink',
  hardlink: 'hardlink',
  char: 'char',
  block: 'block',
  fifo: 'fifo',
} as const;

/** What a builder's table says of these entries. */
export function listEntries(entries: readonly TarEntry[], chunkBytes: number = 4 * 2 ** 20): ListedEntry[] {
  return entries.flatMap((entry): ListedEntry[] => {
    const { name, type = 'file', linkName, mode = type === 'directory' ? 0o755 : 0o644 } = entry;
    const about = { type: types[type], name, mode, uid: 0, gid: 0, modtime: '1970-01-01T00:00:00Z' };
    if (type !== 'file') return [linkName === undefined ? about : { ...about, linkName }];
    const body = Buffer.from(entry.body ?? '');
    if (body.length === 0) return [about];
    const pieces: ListedEntry[] = [];
    for (let at = 0; at < body.length; at += chunkBytes) {
      const bytes = body.subarray(at, at + chunkBytes);
      const chunk = {
        offset: at + 1,
        ...(at === 0 ? {} : { chunkOffset: at }),
        ...(bytes.length < chunkBytes ? {} : { chunkSize: chunkBytes }),
        chunkDigest: sha256(bytes),
      };
      pieces.push(
        at === 0 ? { ...about, size: body.length, digest: sha256(body), ...chunk } : { type: 'chunk', name, ...chunk },
      );
    }
    return pieces;
  });
}

function jsonOf(entries: readonly TarEntry[], changes: TableChanges): Buffer {
  const right = listEntries(entries, changes.chunkBytes);
  const json = JSON.stringify({ version: 1, entries: changes.entries?.(right) ?? right });
  return Buffer.from(changes.json?.(json) ?? json);
}

/** A zstd frame that decoders pass over (RFC 8878, 3.1.2). */
export function skippableFrame(bytes: Buffer): Buffer {
  const head = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]);
  head.writeUInt32LE(bytes.length, 4);
  return Buffer.concat([head, bytes]);
}

/** A layer in zstd:chunked: frames of the tar, then the table in a frame that decoders pass over. */
export function zstdChunkedLayer(entries: readonly TarEntry[], changes: TableChanges = {}): TableLayer {
  const tar = writeTar(asWritten(entries));
  const json = jsonOf(entries, changes);
  const packed = zstdCompressSync(json);
  const frames = zstdCompressSync(tar);
  const prefix = 'io.github.containers.zstd-chunked.manifest-';
  const right = {
    [`${prefix}checksum`]: sha256(packed),
    [`${prefix}position`]: `${frames.length + 8}:${packed.length}:${json.length}:1`,
  };
  return {
    tar,
    stored: Buffer.concat([frames, skippableFrame(packed)]),
    mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd',
    annotations: changes.annotations?.(right) ?? right,
  };
}

/** Headers are written byte by byte, and tools write names in UTF-8. */
function asWritten(entries: readonly TarEntry[]): TarEntry[] {
  return entries.map((entry) => ({ ...entry, name: Buffer.from(entry.name).toString('latin1') }));
}

/** A layer in eStargz: the table is the tar's last entry, in a gzip member of its own, and the last member says where. */
export function estargzLayer(entries: readonly TarEntry[], changes: TableChanges = {}): TableLayer {
  const json = jsonOf(entries, changes);
  const before = writeTar(asWritten(entries), { trailer: changes.endsBefore ?? false });
  const after = writeTar([file('stargz.index.json', json)]);
  const frames = gzipSync(before);
  const right = { 'containerd.io/snapshot/stargz/toc.digest': sha256(json) };
  return {
    tar: Buffer.concat([before, after]),
    stored: Buffer.concat([frames, gzipSync(after), stargzFooter(frames.length)]),
    mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
    annotations: changes.annotations?.(right) ?? right,
  };
}

/** An empty gzip member whose extra field has the offset of the table (stargz-snapshotter, docs/estargz.md, "Footer"). */
export function stargzFooter(offset: number, isOld: boolean = false): Buffer {
  const head = Buffer.from([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, ...(isOld ? [22, 0] : [26, 0, 0x53, 0x47, 22, 0])]);
  const field = Buffer.from(`${offset.toString(16).padStart(16, '0')}STARGZ`);
  return Buffer.concat([head, field, Buffer.from([1, 0, 0, 0xff, 0xff]), Buffer.alloc(8)]);
}
