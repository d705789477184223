import { RootfsError } from './error.ts';
import { defaultIndexLimits, type IndexLimits } from './limits.ts';
import { baseName, parentPath } from './path.ts';
import { entryKind, rootParent, type EntryKind, type LayerIndex } from './layer-index.ts';

const whiteoutPrefix = '.wh.';
const opaqueName = '.wh..wh..opq';

/** Doubling would leave half of the memory of a large index unused. */
const growth = 1.5;

/** Collects the entries of one layer into a {@link LayerIndex}. */
export class LayerIndexBuilder {
  #count = 0;
  #parents = new Int32Array(4096);
  #nameStarts = new Uint32Array(4097);
  #kinds = new Uint8Array(4096);
  #modes = new Uint16Array(4096);
  #sizes = new Float64Array(4096);
  #names = Buffer.allocUnsafe(65_536);
  #namesLength = 0;
  readonly #links = new Map<number, string>();
  readonly #directories = new Map<string, number>();
  /** Folders that a later entry of the same path took the place of. */
  readonly #replaced = new Set<number>();
  /** The folder of the entry before: most entries share it. */
  #lastPath = '';
  #lastEntry = rootParent;
  #linkBytes = 0;
  readonly #limits: IndexLimits;

  constructor(limits: IndexLimits = defaultIndexLimits) {
    this.#limits = limits;
  }

  /** Entries so far. */
  get count(): number {
    return this.#count;
  }

  /**
   * Adds an entry, and the folders that its path implies.
   *
   * @param path clean, not the root
   * @param link for a symlink the target as stored, for a hard link the path as `keepLinkTarget` has it
   * @returns the entry's index
   * @throws RootfsError LIMIT_EXCEEDED
   */
  add(path: string, kind: EntryKind, mode: number, size: number, link?: string): number {
    const parent = this.#directory(parentPath(path));
    const name = baseName(path);
    const known = this.#directories.get(path);
    if (kind === entryKind.directory) {
      // One that was only implied keeps its place: what came before the entry may have gone where a link led until then.
      if (known !== undefined && this.#kinds[known] === kind && this.#isAlive(known)) {
        this.#modes[known] = mode;
        return known;
      }
    } else if (known !== undefined) {
      this.#replaceDirectory(path, known);
    }
    const entry = this.#append(parent, name, kind, mode, size);
    if (kind === entryKind.directory) this.#setDirectory(path, entry);
    if (link !== undefined) this.#setLink(entry, link);
    return entry;
  }

  /**
   * Adds an entry of a layer's tar, where names that begin with `.wh.` are whiteouts.
   *
   * @returns the entry's index, or undefined for a whiteout or a name without meaning
   * @throws RootfsError LIMIT_EXCEEDED
   */
  addFromTar(path: string, kind: EntryKind, mode: number, size: number, link?: string): number | undefined {
    const start = path.lastIndexOf('/') + 1;
    if (!path.startsWith(whiteoutPrefix, start)) return this.add(path, kind, mode, size, link);
    const name = path.slice(start);
    const parent = this.#directory(parentPath(path));
    if (name === opaqueName) this.#append(parent, '', entryKind.opaque, 0, 0);
    else if (!/^\.{0,2}$/.test(name.slice(whiteoutPrefix.length))) {
      this.#append(parent, name.slice(whiteoutPrefix.length), entryKind.whiteout, 0, 0);
    }
    return undefined;
  }

  /**
   * Adds a PAX header for all entries to come.
   *
   * @throws RootfsError LIMIT_EXCEEDED
   */
  addGlobalHeader(path: string): void {
    this.#append(this.#directory(parentPath(path)), baseName(path), entryKind.globalHeader, 0, 0);
  }

  /** The finished index: a view on the builder's own columns, so nothing may be added afterwards. */
  build(): LayerIndex {
    const count = this.#count;
    return {
      count,
      parents: this.#parents.subarray(0, count),
      nameStarts: this.#nameStarts.subarray(0, count + 1),
      names: this.#names.subarray(0, this.#namesLength),
      kinds: this.#kinds.subarray(0, count),
      modes: this.#modes.subarray(0, count),
      sizes: this.#sizes.subarray(0, count),
      links: this.#links,
    };
  }

  #directory(path: string): number {
    if (path === '') return rootParent;
    if (path === this.#lastPath) return this.#lastEntry;
    let entry = this.#directories.get(path);
    if (entry === undefined || !this.#isAlive(entry)) {
      entry = this.#append(this.#directory(parentPath(path)), baseName(path), entryKind.impliedDirectory, 0o755, 0);
      this.#directories.set(path, entry);
    }
    this.#lastPath = path;
    this.#lastEntry = entry;
    return entry;
  }

  /** False when the folder, or one above it, was replaced by something else later in the same layer. */
  #isAlive(entry: number): boolean {
    if (this.#replaced.size === 0) return true;
    for (let at = entry; at !== rootParent; at = this.#parents[at] as number) if (this.#replaced.has(at)) return false;
    return true;
  }

  #setDirectory(path: string, entry: number): void {
    this.#directories.set(path, entry);
    this.#lastPath = '';
    this.#lastEntry = rootParent;
  }

  #replaceDirectory(path: string, entry: number): void {
    this.#replaced.add(entry);
    this.#directories.delete(path);
    this.#lastPath = '';
    this.#lastEntry = rootParent;
  }

  #setLink(entry: number, link: string): void {
    this.#linkBytes += link.length;
    if (this.#linkBytes > this.#limits.maxLinkBytes)
      throw tooMuch(`${this.#limits.maxLinkBytes} bytes of link targets`);
    this.#links.set(entry, link);
  }

  #append(parent: number, name: string, kind: EntryKind, mode: number, size: number): number {
    const entry = this.#count;
    if (entry === this.#limits.maxEntries) throw tooMuch(`${entry} names, those of implied folders included`);
    if (entry === this.#parents.length) this.#grow();
    const room = name.length * 3;
    if (this.#namesLength + room > this.#limits.maxNameBytes)
      throw tooMuch(`${this.#limits.maxNameBytes} bytes of names`);
    if (this.#namesLength + room > this.#names.length) {
      const larger = Buffer.allocUnsafe(Math.max(Math.ceil(this.#names.length * growth), this.#namesLength + room));
      this.#names.copy(larger, 0, 0, this.#namesLength);
      this.#names = larger;
    }
    this.#namesLength += this.#names.write(name, this.#namesLength, 'utf8');
    this.#parents[entry] = parent;
    this.#kinds[entry] = kind;
    this.#modes[entry] = mode;
    this.#sizes[entry] = size;
    this.#count = entry + 1;
    this.#nameStarts[entry + 1] = this.#namesLength;
    return entry;
  }

  #grow(): void {
    const length = Math.ceil(this.#parents.length * growth);
    const parents = new Int32Array(length);
    parents.set(this.#parents);
    this.#parents = parents;
    const nameStarts = new Uint32Array(length + 1);
    nameStarts.set(this.#nameStarts);
    this.#nameStarts = nameStarts;
    const kinds = new Uint8Array(length);
    kinds.set(this.#kinds);
    this.#kinds = kinds;
    const modes = new Uint16Array(length);
    modes.set(this.#modes);
    this.#modes = modes;
    const sizes = new Float64Array(length);
    sizes.set(this.#sizes);
    this.#sizes = sizes;
  }
}

function tooMuch(what: string): RootfsError {
  return new RootfsError('LIMIT_EXCEEDED', `The file tree has more than ${what}, which no real one has`);
}
