import { CodecError } from '../../codec/error.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import { cleanPath } from '../../rootfs/path.ts';
import { limits } from './limits.ts';
import { byTableName, checkMemberNames } from './member-names.ts';
import type { TableFormat } from './promise.ts';
import { splitEntries } from './split-entries.ts';
import type { LayerTable, TableChunk, TableEntry, TableKind } from './table.ts';

/** What is read of an entry; both formats write the same names (stargz-snapshotter `TOCEntry`, containers/storage `FileMetadata`). */
const texts = ['name', 'type', 'linkName', 'digest', 'chunkDigest'] as const;
const numbers = ['size', 'mode', 'chunkOffset', 'chunkSize'] as const;

/** What only runtimes read: of another kind, it ends the table for some. */
const otherTexts = ['modtime', 'accesstime', 'changetime', 'chunkType'] as const;
const otherNumbers = ['uid', 'gid', 'devMajor', 'devMinor', 'offset', 'endOffset'] as const;

const known = byTableName([...texts, ...numbers, 'xattrs', ...otherTexts, ...otherNumbers]);

const kinds: ReadonlyMap<string, TableKind> = new Map([
  ['reg', 'file'],
  ['dir', 'directory'],
  ['symlink', 'symlink'],
  ['hardlink', 'hardlink'],
  ['char', 'other'],
  ['block', 'other'],
  ['fifo', 'other'],
]);

/**
 * Reads a table of contents, as JSON. What the pieces of a file have to say follows the file, as entries of type `chunk`.
 *
 * @throws CodecError MALFORMED or LIMIT_EXCEEDED, with what is wrong about the table as its message
 */
export function parseTable(json: Buffer, format: TableFormat): LayerTable {
  const entries: TableEntry[] = [];
  let file: { readonly entry: TableEntry; readonly pieces: Piece[] } | undefined;
  const finish = (): void => {
    if (file !== undefined) entries.push({ ...file.entry, chunks: chunksOf(file.pieces, file.entry.size) });
    file = undefined;
  };
  for (const bytes of splitEntries(json)) {
    const fields = readFields(bytes);
    const type = textOf(fields, 'type');
    if (type === 'chunk') {
      if (file === undefined) throw malformed('a piece in it belongs to no file');
      file.pieces.push(pieceOf(fields));
      continue;
    }
    finish();
    const entry = entryOf(fields, type);
    if (entry.kind === 'file') file = { entry, pieces: [pieceOf(fields)] };
    else entries.push(entry);
  }
  finish();
  return { format, entries };
}

const none: readonly string[] = [];

type Fields = Readonly<Record<string, unknown>>;

interface Piece {
  readonly offset: number;
  /** 0: to the end of the file. */
  readonly size: number;
  readonly digest: string | undefined;
}

function readFields(bytes: Buffer): Fields {
  const fields = parseStrictJson(bytes, limits.depth) as Fields;
  checkMemberNames(fields, bytes, known);
  for (const name of otherTexts) textOf(fields, name);
  for (const name of otherNumbers) wholeOf(fields, name);
  return fields;
}

function entryOf(fields: Fields, type: string): TableEntry {
  const kind = kinds.get(type);
  if (kind === undefined) throw malformed(`an entry is of the unknown type ${JSON.stringify(type.slice(0, 20))}`);
  const path = cleanPath(textOf(fields, 'name'));
  if (path === undefined) throw malformed('an entry has a name with a NUL');
  return {
    path,
    kind,
    size: numberOf(fields, 'size'),
    mode: numberOf(fields, 'mode') & 0o7777,
    linkName: textOf(fields, 'linkName'),
    attributes: attributesOf(fields),
    digest: textOf(fields, 'digest') || undefined,
    chunks: undefined,
  };
}

function pieceOf(fields: Fields): Piece {
  const digest = textOf(fields, 'chunkDigest') || undefined;
  return { offset: numberOf(fields, 'chunkOffset'), size: numberOf(fields, 'chunkSize'), digest };
}

/** @returns undefined where they do not lie one behind the other from the first byte to the last */
function chunksOf(pieces: readonly Piece[], size: number): readonly TableChunk[] | undefined {
  if (size === 0) return pieces.length === 1 ? [] : undefined;
  const chunks: TableChunk[] = [];
  let end = 0;
  for (const piece of pieces) {
    const length = piece.size === 0 ? size - piece.offset : piece.size;
    if (piece.offset !== end || length <= 0) return undefined;
    end += length;
    chunks.push({ size: length, digest: piece.digest });
  }
  return end === size ? chunks : undefined;
}

function attributesOf({ xattrs = null }: Fields): readonly string[] {
  if (xattrs === null) return none;
  if (typeof xattrs !== 'object' || Array.isArray(xattrs))
    throw malformed('xattrs of an entry are no names with values');
  const values = Object.entries(xattrs);
  if (values.some(([name, value]) => name === '' || typeof value !== 'string'))
    throw malformed('xattrs of an entry are no names with values');
  return values.map(([name]) => name);
}

function textOf(fields: Fields, name: (typeof texts | typeof otherTexts)[number]): string {
  const { [name]: value = '' } = fields;
  if (typeof value !== 'string') throw malformed(`${name} of an entry is no text`);
  return value;
}

function numberOf(fields: Fields, name: (typeof numbers)[number]): number {
  const value = wholeOf(fields, name);
  if (value >= 0) return value;
  throw malformed(`${name} of an entry is no number of its kind`);
}

function wholeOf(fields: Fields, name: (typeof numbers | typeof otherNumbers)[number]): number {
  const { [name]: value = 0 } = fields;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw malformed(`${name} of an entry is no number of its kind`);
}

function malformed(what: string): CodecError {
  return new CodecError('MALFORMED', what);
}
