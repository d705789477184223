import { CodecError } from '../error.ts';
import { Extensions } from './extensions.ts';
import { blockSize, isZeroBlock, parseTarHeader, type TarHeader } from './header.ts';
import type { TarLimits } from './limits.ts';
import {
  checkSparseMap,
  malformed,
  parseSparseList,
  readOldSparsePairs,
  readOldSparseRealSize,
  SparseMapCollector,
  type SparseMap,
  type SparsePiece,
} from './sparse.ts';

/** What kind of thing an entry is. */
export type TarEntryType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'globalHeader' | 'other';

/** One entry of a tar, its extension records applied. The path is as stored: nobody has cleaned it yet. */
export interface TarEntry {
  readonly path: string;
  readonly type: TarEntryType;
  /** Permission and set-id bits. */
  readonly mode: number;
  /** Bytes of the file, holes of a sparse file included. */
  readonly size: number;
  readonly linkName: string;
  /** Names of the extended attributes that it is given. */
  readonly attributes: readonly string[];
}

/** Receives the bytes of one entry. */
export interface BodySink {
  /** Takes a piece, which is only valid during the call. False means: no more, please. */
  data(chunk: Buffer): boolean;
  /** All pieces came. Not called after `data` said no. */
  end(): void;
}

/** Decides, entry by entry, whose bytes are read. */
export type TarVisitor = (entry: TarEntry) => BodySink | undefined;

const zeros = Buffer.alloc(65_536);

/**
 * Reads a tar as it arrives: chunks of any size in, entries out. Bodies that nobody asks for are stepped over without
 * a copy.
 *
 * Knows ustar, PAX (path, linkpath, size, GNU sparse 0.0, 0.1 and 1.0), GNU (long names, base-256 numbers, old sparse)
 * and v7. Where readers differ it does as container runtimes do, so that no name or body can be shown to one and hidden
 * from the other: it stops at the end mark of two zero blocks (what follows is counted, not read); of two PAX headers
 * before an entry only the later counts; a GNU long name goes before a PAX path; a global PAX header changes no
 * other entry, but the extension records before it are lost. It is an entry itself, since it has a name that runtimes make something of.
 */
export class TarReader {
  readonly #visit: TarVisitor;
  readonly #limits: TarLimits;
  /** Holds a block whose halves came in two chunks. */
  readonly #carry = Buffer.allocUnsafe(blockSize);
  #carried = 0;
  #state: 'header' | 'body' | 'extension' | 'oldSparse' | 'sparseMap' | 'ended' = 'header';
  /** Bytes of the running body that are still to come, and of its padding. */
  #bodyLeft = 0;
  #padding = 0;
  #sink: BodySink | undefined;
  #extensionType = '';
  #extensionName = '';
  #extension: Buffer[] = [];
  readonly #extensions = new Extensions();
  #holeBytes = 0;
  #sparsePairs: SparsePiece[] = [];
  #sparseHeader: TarHeader | undefined;
  #sparseRealSize = 0;
  #collector: SparseMapCollector | undefined;
  #sparse: SparseMap | undefined;
  #sparsePiece = 0;
  #sparseAt = 0;
  #zeroBlocks = 0;
  #entries = 0;
  #trailing = false;

  constructor(visit: TarVisitor, limits: TarLimits) {
    this.#visit = visit;
    this.#limits = limits;
  }

  /** Entries seen so far. */
  get entries(): number {
    return this.#entries;
  }

  /** True when bytes other than zeros follow the end mark: runtimes do not unpack them. */
  get hasTrailingData(): boolean {
    return this.#trailing;
  }

  /**
   * Takes the next bytes.
   *
   * @throws CodecError MALFORMED or LIMIT_EXCEEDED; the reader is of no use afterwards
   */
  write(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#state === 'ended') {
        this.#noteTrailing(chunk, at);
        return;
      }
      at = this.#state === 'body' || this.#state === 'extension' ? this.#body(chunk, at) : this.#block(chunk, at);
    }
  }

  /**
   * Says that no more bytes come.
   *
   * @throws CodecError TRUNCATED when an entry is incomplete
   */
  end(): void {
    const padded = this.#state === 'body' && this.#bodyLeft === 0;
    if (this.#state === 'ended' || (this.#state === 'header' && this.#carried === 0) || padded) return;
    throw new CodecError('TRUNCATED', 'The tar ends in the middle of an entry; fetch or export it again');
  }

  /** Completes one block, from the chunk itself when it lies there whole. */
  #block(chunk: Buffer, at: number): number {
    if (this.#carried === 0 && chunk.length - at >= blockSize) {
      this.#take(chunk, at);
      return at + blockSize;
    }
    const taken = Math.min(blockSize - this.#carried, chunk.length - at);
    chunk.copy(this.#carry, this.#carried, at, at + taken);
    this.#carried += taken;
    if (this.#carried === blockSize) {
      this.#carried = 0;
      this.#take(this.#carry, 0);
    }
    return at + taken;
  }

  #take(bytes: Buffer, offset: number): void {
    if (this.#state === 'oldSparse') this.#takeOldSparse(bytes, offset);
    else if (this.#state === 'sparseMap') this.#takeSparseMap(bytes.subarray(offset, offset + blockSize));
    else this.#takeHeader(bytes, offset);
  }

  #takeHeader(bytes: Buffer, offset: number): void {
    const header = parseTarHeader(bytes, offset);
    if (header === undefined) {
      this.#zeroBlocks += 1;
      if (this.#zeroBlocks === 2) this.#state = 'ended';
      return;
    }
    this.#zeroBlocks = 0;
    if (header.type === 'x' || header.type === 'g' || header.type === 'L' || header.type === 'K') {
      if (header.size > this.#limits.maxExtensionBytes)
        throw tooLarge('an extension record', this.#limits.maxExtensionBytes);
      this.#extensionType = header.type;
      this.#extensionName = header.name;
      this.#extension = [];
      this.#startBody('extension', header.size);
      if (header.size === 0) this.#finishExtension();
      return;
    }
    if (header.type === 'S') {
      this.#sparseHeader = header;
      this.#sparsePairs = [];
      this.#sparseRealSize = readOldSparseRealSize(bytes, offset);
      if (readOldSparsePairs(bytes, offset, true, this.#sparsePairs)) this.#state = 'oldSparse';
      else this.#finishOldSparse();
      return;
    }
    this.#startEntry(header);
  }

  #takeOldSparse(bytes: Buffer, offset: number): void {
    const more = readOldSparsePairs(bytes, offset, false, this.#sparsePairs);
    if (this.#sparsePairs.length > this.#limits.maxSparsePieces) throw malformed();
    if (!more) this.#finishOldSparse();
  }

  #finishOldSparse(): void {
    const header = this.#sparseHeader as TarHeader;
    const size = this.#extensions.size ?? header.size;
    const pieces = this.#sparsePairs;
    this.#startEntry(header, checkSparseMap({ pieces, realSize: this.#sparseRealSize }, size));
  }

  #startEntry(header: TarHeader, oldSparse?: SparseMap): void {
    this.#countEntry();
    const extensions = this.#extensions;
    const sparseFormat = oldSparse === undefined ? extensions.sparseFormat : undefined;
    const sparseName = sparseFormat === undefined ? undefined : extensions.text('GNU.sparse.name');
    const path = this.#checkPath(sparseName ?? extensions.path ?? header.name);
    const linkName = this.#checkPath(extensions.linkName ?? header.linkName);
    const type = entryType(header, path);
    const { attributes } = extensions;
    // Links, folders and devices have no data, whatever their size field says: that is how runtimes read them.
    const hasData = type === 'file' || (type === 'other' && !/[346]/.test(header.type));
    const stored = hasData ? (this.#extensions.size ?? header.size) : 0;
    if (!(stored >= 0)) throw new CodecError('MALFORMED', 'A tar entry has a negative size; the archive is damaged');
    const sparse = oldSparse ?? (type === 'file' && sparseFormat === 'list' ? this.#paxSparse(stored) : undefined);
    const mapFollows = type === 'file' && sparseFormat === 'map';
    const realSize = sparse?.realSize ?? (mapFollows ? this.#sparseSize() : stored);
    extensions.forget();
    this.#sink = this.#visit({ path, type, mode: header.mode, size: realSize, linkName, attributes });
    this.#startBody('body', stored);
    this.#sparse = this.#sink === undefined ? undefined : sparse;
    this.#sparsePiece = 0;
    this.#sparseAt = 0;
    if (mapFollows && this.#sink !== undefined) {
      this.#sparseRealSize = realSize;
      this.#collector = new SparseMapCollector(this.#limits.maxSparsePieces);
      this.#state = 'sparseMap';
      if (stored < blockSize) throw malformed();
      return;
    }
    if (stored === 0) this.#finishBody();
  }

  #countEntry(): void {
    this.#entries += 1;
    if (this.#entries > this.#limits.maxEntries) {
      throw new CodecError('LIMIT_EXCEEDED', `The tar has more than ${this.#limits.maxEntries} entries`);
    }
  }

  #checkPath(path: string): string {
    if (path.length > this.#limits.maxPathBytes) throw tooLarge('a path', this.#limits.maxPathBytes);
    return path;
  }

  /** Formats 0.0 and 0.1, whose map stands in the PAX header. */
  #paxSparse(stored: number): SparseMap {
    const pieces = parseSparseList(this.#extensions.text('GNU.sparse.map') ?? '');
    if (pieces.length > this.#limits.maxSparsePieces) throw malformed();
    return checkSparseMap({ pieces, realSize: this.#sparseSize() }, stored);
  }

  #sparseSize(): number {
    const size = this.#extensions.sparseSize;
    if (size === undefined) throw malformed();
    return size;
  }

  #takeSparseMap(block: Buffer): void {
    const collector = this.#collector as SparseMapCollector;
    const pieces = collector.add(block);
    this.#bodyLeft -= blockSize;
    if (this.#bodyLeft < 0) throw malformed();
    if (pieces === undefined) {
      if (this.#bodyLeft < blockSize) throw malformed();
      return;
    }
    this.#sparse = checkSparseMap({ pieces, realSize: this.#sparseRealSize }, this.#bodyLeft);
    this.#collector = undefined;
    this.#state = 'body';
    if (this.#bodyLeft === 0) this.#finishBody();
  }

  #startBody(state: 'body' | 'extension', size: number): void {
    this.#state = state;
    this.#bodyLeft = size;
    this.#padding = (blockSize - (size % blockSize)) % blockSize;
  }

  #body(chunk: Buffer, start: number): number {
    let at = start;
    if (this.#bodyLeft > 0) {
      const taken = Math.min(this.#bodyLeft, chunk.length - at);
      if (this.#state === 'extension') this.#extension.push(Buffer.from(chunk.subarray(at, at + taken)));
      else if (this.#sink !== undefined) this.#deliver(chunk.subarray(at, at + taken));
      this.#bodyLeft -= taken;
      at += taken;
      if (this.#bodyLeft > 0) return at;
      if (this.#state === 'extension') this.#finishExtension();
      else this.#finishBody();
    }
    const skipped = Math.min(this.#padding, chunk.length - at);
    this.#padding -= skipped;
    if (this.#padding === 0) this.#state = 'header';
    return at + skipped;
  }

  #deliver(chunk: Buffer): void {
    if (this.#sparse === undefined) {
      if (!(this.#sink as BodySink).data(chunk)) this.#sink = undefined;
      return;
    }
    let at = 0;
    while (at < chunk.length && this.#sink !== undefined) {
      const piece = this.#sparse.pieces[this.#sparsePiece];
      if (piece === undefined) throw malformed();
      this.#fill(piece.offset);
      const taken = Math.min(chunk.length - at, piece.offset + piece.length - this.#sparseAt);
      if (taken > 0 && this.#sink !== undefined && !this.#sink.data(chunk.subarray(at, at + taken)))
        this.#sink = undefined;
      this.#sparseAt += taken;
      at += taken;
      if (this.#sparseAt >= piece.offset + piece.length) this.#sparsePiece += 1;
    }
  }

  /** Gives zeros up to `offset`, as long as the sink wants them. */
  #fill(offset: number): void {
    while (this.#sparseAt < offset && this.#sink !== undefined) {
      const taken = Math.min(zeros.length, offset - this.#sparseAt);
      this.#holeBytes += taken;
      if (this.#holeBytes > this.#limits.maxHoleBytes) throw tooLarge('holes', this.#limits.maxHoleBytes);
      if (!this.#sink.data(zeros.subarray(0, taken))) this.#sink = undefined;
      this.#sparseAt += taken;
    }
  }

  #finishBody(): void {
    if (this.#sink !== undefined && this.#sparse !== undefined) this.#fill(this.#sparse.realSize);
    this.#sparse = undefined;
    this.#sink?.end();
    this.#sink = undefined;
    if (this.#padding === 0) this.#state = 'header';
  }

  #finishExtension(): void {
    const bytes = this.#extension.length === 1 ? (this.#extension[0] as Buffer) : Buffer.concat(this.#extension);
    this.#extension = [];
    if (this.#extensionType === 'g') this.#showGlobalHeader(bytes);
    this.#extensions.take(this.#extensionType, bytes);
    if (this.#padding === 0) this.#state = 'header';
  }

  /** Its name is that of its own record, where it has one. */
  #showGlobalHeader(bytes: Buffer): void {
    this.#countEntry();
    this.#extensions.take('g', bytes);
    this.#extensions.take('x', bytes);
    const path = this.#checkPath(this.#extensions.path ?? this.#extensionName);
    this.#visit({ path, type: 'globalHeader', mode: 0, size: 0, linkName: '', attributes: [] });
  }

  #noteTrailing(chunk: Buffer, start: number): void {
    if (this.#trailing) return;
    for (let at = start; at < chunk.length; at += blockSize) {
      const end = Math.min(at + blockSize, chunk.length);
      const zero =
        end - at === blockSize ? isZeroBlock(chunk, at) : chunk.subarray(at, end).every((byte) => byte === 0);
      if (!zero) {
        this.#trailing = true;
        return;
      }
    }
  }
}

function entryType({ type, isOldType }: TarHeader, path: string): TarEntryType {
  switch (type) {
    case '0':
      return isOldType && path.endsWith('/') ? 'directory' : 'file';
    case '7':
    case 'S':
      return 'file';
    case '1':
      return 'hardlink';
    case '2':
      return 'symlink';
    case '5':
      return 'directory';
    default:
      return 'other';
  }
}

function tooLarge(what: string, limit: number): CodecError {
  return new CodecError('LIMIT_EXCEEDED', `The tar has ${what} of more than ${limit} bytes`);
}
