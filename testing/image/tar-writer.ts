import { headerBlock, padding } from './tar-header.ts';
import { encodeSparse } from './tar-sparse.ts';
import type { SparseFormat } from './tar-sparse.ts';

/** One entry of a tar to be written. Only what is given is written: parents are never added. */
export interface TarEntry {
  /** As it shall stand in the archive: `./etc/x`, `/etc/x` and `../x` are written as they are. */
  readonly name: string;
  /** Default `file`. */
  readonly type?: 'file' | 'directory' | 'symlink' | 'hardlink' | 'char' | 'block' | 'fifo';
  readonly body?: string | Uint8Array;
  readonly linkName?: string;
  /** Default 0o644, for directories 0o755. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Seconds since 1970; default 0. */
  readonly mtime?: number;
  /**
   * How what does not fit the plain header is written: `ustar` splits long names into prefix and name, `pax` (the
   * default) and `gnu` write extension records, `v7` has no magic at all.
   */
  readonly dialect?: 'ustar' | 'pax' | 'gnu' | 'v7';
  /** Writes the extension record for name, link and size even where they fit. */
  readonly forceExtension?: boolean;
  /** Further PAX records, `SCHILY.xattr.user.x` for one. */
  readonly pax?: Readonly<Record<string, string>>;
  /** Writes the size in base 256, as GNU does from 8 GiB on. */
  readonly base256Size?: boolean;
  /** Leaves the body's zero blocks out, in one of the sparse formats. */
  readonly sparse?: SparseFormat;
  /** A size that lies about the body. */
  readonly declaredSize?: number;
  /** Major and minor number of a device. */
  readonly device?: readonly [number, number];
}

/** How the archive as a whole is written. */
export interface TarOptions {
  /** The two zero blocks at the end; default true. */
  readonly trailer?: boolean;
}

const typeFlags = { file: '0', hardlink: '1', symlink: '2', char: '3', block: '4', directory: '5', fifo: '6' } as const;

/** Writes a tar. The same entries give the same bytes. */
export function writeTar(entries: readonly TarEntry[], options: TarOptions = {}): Buffer {
  const parts = entries.flatMap(encodeEntry);
  if (options.trailer ?? true) parts.push(Buffer.alloc(1024));
  return Buffer.concat(parts);
}

/** A regular file. */
export function file(name: string, body: string | Uint8Array = '', more: Partial<TarEntry> = {}): TarEntry {
  return { ...more, name, body };
}

/** A directory. */
export function directory(name: string, more: Partial<TarEntry> = {}): TarEntry {
  return { ...more, name, type: 'directory' };
}

/** A symbolic link. */
export function symlink(name: string, linkName: string, more: Partial<TarEntry> = {}): TarEntry {
  return { ...more, name, type: 'symlink', linkName };
}

/** A hard link to an earlier entry. */
export function hardlink(name: string, linkName: string, more: Partial<TarEntry> = {}): TarEntry {
  return { ...more, name, type: 'hardlink', linkName };
}

/** Deletes `path` from the layers below (OCI image-spec, layer.md, "Whiteouts"). */
export function whiteout(path: string): TarEntry {
  const slash = path.lastIndexOf('/') + 1;
  return { name: `${path.slice(0, slash)}.wh.${path.slice(slash)}`, mode: 0 };
}

/** Hides all that layers below have in `path` (OCI image-spec, layer.md, "Opaque Whiteout"). */
export function opaque(path: string): TarEntry {
  return { name: `${path.replace(/\/?$/, '/')}.wh..wh..opq`, mode: 0 };
}

function encodeEntry(entry: TarEntry): Buffer[] {
  const dialect = entry.dialect ?? 'pax';
  const logical = Buffer.from(entry.body ?? '');
  const sparse = entry.sparse === undefined ? undefined : encodeSparse(entry.sparse, entry.name, logical);
  const body = sparse?.body ?? logical;
  const size = entry.declaredSize ?? body.length;
  const name = sparse?.name ?? entry.name;
  const linkName = entry.linkName ?? '';
  const records: [string, string][] = [...(sparse?.records ?? []), ...Object.entries(entry.pax ?? {})];
  const parts: Buffer[] = [];
  const longName = Buffer.byteLength(name) > 100 || entry.forceExtension === true;
  const longLink = Buffer.byteLength(linkName) > 100 || (entry.forceExtension === true && linkName !== '');
  if (dialect === 'gnu') {
    if (longLink) parts.push(...longRecord('K', linkName));
    if (longName) parts.push(...longRecord('L', name));
  }
  if (dialect === 'pax') {
    if (longName) records.push(['path', name]);
    if (longLink) records.push(['linkpath', linkName]);
    if (entry.forceExtension === true || size >= 8 ** 11) records.push(['size', String(size)]);
  }
  if (records.length > 0) parts.push(...paxHeader(records));
  const directory = entry.type === 'directory';
  const { head, prefix } = dialect === 'ustar' ? splitUstar(name) : { head: name, prefix: '' };
  const header = headerBlock({
    name: longName && dialect !== 'ustar' ? Buffer.from(name).subarray(0, 100).toString('latin1') : head,
    prefix,
    linkName,
    mode: entry.mode ?? (directory ? 0o755 : 0o644),
    uid: entry.uid ?? 0,
    gid: entry.gid ?? 0,
    mtime: entry.mtime ?? 0,
    size,
    base256Size: entry.base256Size ?? size >= 8 ** 11,
    type: sparse?.type ?? typeFlags[entry.type ?? 'file'],
    magic: dialect === 'v7' ? '' : dialect === 'gnu' ? 'ustar  \0' : 'ustar\x0000',
    device: entry.device,
    tail: sparse?.headerTail,
  });
  return [...parts, header, ...(sparse?.extraHeaders ?? []), body, padding(body.length)];
}

function splitUstar(name: string): { readonly head: string; readonly prefix: string } {
  if (Buffer.byteLength(name) <= 100) return { head: name, prefix: '' };
  for (let slash = name.indexOf('/'); slash > 0; slash = name.indexOf('/', slash + 1)) {
    const head = name.slice(slash + 1);
    if (slash <= 155 && Buffer.byteLength(head) <= 100 && head !== '') return { head, prefix: name.slice(0, slash) };
  }
  throw new Error(`the ustar header has no room for the name ${name}`);
}

function longRecord(type: 'L' | 'K', value: string): Buffer[] {
  const body = Buffer.from(`${value}\0`);
  return [extensionHeader('././@LongLink', type, body.length, 'ustar  \0'), body, padding(body.length)];
}

/** PAX extended header with these records; `global` ones hold for all entries after it. */
export function paxHeader(records: readonly (readonly [string, string])[], global = false): Buffer[] {
  const body = Buffer.concat(records.map(([key, value]) => paxRecord(key, value)));
  const name = global ? 'pax_global_header' : 'PaxHeaders/entry';
  return [extensionHeader(name, global ? 'g' : 'x', body.length, 'ustar\x0000'), body, padding(body.length)];
}

/** The length at the start of a record counts its own digits too. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.from(` ${key}=${value}\n`);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

function extensionHeader(name: string, type: string, size: number, magic: string): Buffer {
  return headerBlock({
    name,
    prefix: '',
    linkName: '',
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: 0,
    size,
    base256Size: false,
    type,
    magic,
  });
}
