import { randomBytes } from 'node:crypto';
import { entryKind, rootParent, type EntryKind, type LayerIndex } from './layer-index.ts';

/** Says that there is no such node. */
export const noNode = -1;
/** The root folder. */
export const rootNode = 0;
/** Instead of a layer, for a name that no entry has. */
const ownName = 0xffff_ffff;
/** Kind of a node whose name was removed; its place is kept for a later layer that brings the name back. */
const absent = 255;

/**
 * The nodes of a file tree as columns, found by (folder, name) through an open-addressing hash table.
 *
 * A node's name lies in the names of the layer that first brought it; nothing is copied, but for folders that only the targets of links name.
 */
export class NodeTable {
  #count = 1;
  #capacity = 8192;
  #parents = new Int32Array(this.#capacity);
  #firstChild = new Int32Array(this.#capacity).fill(noNode);
  #nextSibling = new Int32Array(this.#capacity).fill(noNode);
  #kinds = new Uint8Array(this.#capacity);
  /** 1 for a node that its folder's chain of children holds. */
  #chained = new Uint8Array(this.#capacity);
  #nameLayers = new Uint32Array(this.#capacity);
  #nameEntries = new Uint32Array(this.#capacity);
  #layerOf = new Uint32Array(this.#capacity);
  #contentLayers = new Uint32Array(this.#capacity);
  #contentEntries = new Uint32Array(this.#capacity);
  #hashes = new Uint32Array(this.#capacity);
  #slots = new Int32Array(slotsFor(this.#capacity)).fill(noNode);
  readonly #layers: LayerIndex[] = [];
  readonly #bindings: Int32Array[] = [];
  readonly #linked = new Set<number>();
  readonly #ownNames: Buffer[] = [];
  /** Keeps whoever wrote the names from choosing ones that collide. Nothing that is seen depends on it. */
  readonly #seed = randomBytes(4).readInt32LE(0);

  constructor() {
    this.#kinds[rootNode] = entryKind.directory;
  }

  /** Makes a layer's names known before its entries are put. */
  addLayer(index: LayerIndex): void {
    const needed = this.#count + index.count;
    // Room for all at once, since growing holds the columns twice; somewhat more for the layers to come.
    if (needed > this.#capacity) this.#grow(this.#layers.length === 0 ? needed : Math.ceil(needed * 1.25));
    this.#layers.push(index);
    this.#bindings.push(new Int32Array(index.count).fill(noNode));
  }

  /** The node that an entry ended up as. */
  nodeOf(layer: number, entry: number): number {
    return this.#bindings[layer]?.[entry] ?? noNode;
  }

  /** Says which node an entry is. */
  bind(layer: number, entry: number, node: number): void {
    (this.#bindings[layer] as Int32Array)[entry] = node;
  }

  kind(node: number): number {
    return this.#kinds[node] as number;
  }

  parent(node: number): number {
    return this.#parents[node] as number;
  }

  layer(node: number): number {
    return this.#layerOf[node] as number;
  }

  contentLayer(node: number): number {
    return this.#contentLayers[node] as number;
  }

  contentEntry(node: number): number {
    return this.#contentEntries[node] as number;
  }

  /** The node of that name in the folder, if it is there now. */
  find(folder: number, layer: number, entry: number): number {
    const index = this.#layers[layer] as LayerIndex;
    const node = this.#search(
      folder,
      index.names,
      index.nameStarts[entry] as number,
      index.nameStarts[entry + 1] as number,
    );
    return node === noNode || this.#kinds[node] === absent ? noNode : node;
  }

  /** As {@link find}, by a name in hand. */
  findName(folder: number, name: string): number {
    const bytes = Buffer.from(name, 'utf8');
    const node = this.#search(folder, bytes, 0, bytes.length);
    return node === noNode || this.#kinds[node] === absent ? noNode : node;
  }

  /** The place of an entry's name in the folder, whether or not something is there. */
  claim(folder: number, layer: number, entry: number): number {
    const index = this.#layers[layer] as LayerIndex;
    const start = index.nameStarts[entry] as number;
    const end = index.nameStarts[entry + 1] as number;
    const node = this.#search(folder, index.names, start, end);
    if (node !== noNode) return node;
    return this.#insert(folder, layer, entry, hashName(this.#seed ^ folder, index.names, start, end));
  }

  /** Whether something is in a place that was claimed. */
  isThere(node: number): boolean {
    return this.#kinds[node] !== absent;
  }

  /** Puts an entry into a place that was claimed, and is free. */
  put(node: number, layer: number, entry: number, kind: EntryKind): void {
    if (this.#chained[node] === 0) this.#chain(node);
    this.#kinds[node] = kind;
    this.touch(node, layer, entry);
    if (kind === entryKind.symlink) this.#linked.add(node);
  }

  /** Puts a folder there of a name that no entry has, for the sake of one. */
  putFolder(folder: number, name: string, layer: number, entry: number): number {
    const bytes = Buffer.from(name, 'utf8');
    let node = this.#search(folder, bytes, 0, bytes.length);
    if (node === noNode) {
      if (this.#count === this.#capacity) this.#grow(Math.ceil(this.#capacity * 1.25));
      const own = this.#ownNames.push(bytes) - 1;
      node = this.#insert(folder, ownName, own, hashName(this.#seed ^ folder, bytes, 0, bytes.length));
    } else this.remove(node);
    this.put(node, layer, entry, entryKind.directory);
    return node;
  }

  /** Says that a node now comes from this entry. */
  touch(node: number, layer: number, entry: number): void {
    this.#layerOf[node] = layer;
    this.setContent(node, layer, entry);
  }

  /** Says which entry holds a node's bytes. */
  setContent(node: number, layer: number, entry: number): void {
    this.#contentLayers[node] = layer;
    this.#contentEntries[node] = entry;
  }

  /** Keeps a node in the list of links. */
  noteLink(node: number): void {
    this.#linked.add(node);
  }

  /** Symlinks and hard links that are there now. */
  *linkedNodes(): Generator<number> {
    for (const node of this.#linked) if (this.#kinds[node] !== absent) yield node;
  }

  /** The stored target of a symlink. */
  linkTarget(node: number): string | undefined {
    return this.#layers[this.contentLayer(node)]?.links.get(this.contentEntry(node));
  }

  /** Removes a node and all below it. */
  remove(node: number): void {
    if (node === noNode || this.#kinds[node] === absent) return;
    if (this.#kinds[node] === entryKind.directory) this.removeChildren(node);
    this.#linked.delete(node);
    this.#kinds[node] = absent;
  }

  /**
   * Removes all that lies in a folder, at any depth; no recursion, since hostile trees are deep. What was removed leaves
   * its folder's chain, so that the next removal does not walk over it again: images have hundreds of layers.
   */
  removeChildren(folder: number): void {
    const stack = [folder];
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      for (let child = this.#firstChild[top] as number; child !== noNode; child = this.#nextSibling[child] as number) {
        this.#chained[child] = 0;
        if (this.#kinds[child] === absent) continue;
        if (this.#kinds[child] === entryKind.directory) stack.push(child);
        this.#linked.delete(child);
        this.#kinds[child] = absent;
      }
      this.#firstChild[top] = noNode;
    }
  }

  /** Whether anything lies in a folder. */
  hasChildren(folder: number): boolean {
    for (const _ of this.children(folder)) return true;
    return false;
  }

  /** What lies directly in a folder. */
  *children(folder: number): Generator<number> {
    for (let child = this.#firstChild[folder] as number; child !== noNode; child = this.#nextSibling[child] as number) {
      if (this.#kinds[child] !== absent) yield child;
    }
  }

  /** The path of a node, without a leading slash. */
  path(node: number): string {
    const parts: string[] = [];
    for (let at = node; at !== rootNode; at = this.#parents[at] as number) {
      parts.push(this.#name(this.#nameLayers[at] as number, this.#nameEntries[at] as number));
    }
    return parts.reverse().join('/');
  }

  /** The path of an entry as it stands in its layer. */
  entryPath(layer: number, entry: number): string {
    const { parents } = this.#layers[layer] as LayerIndex;
    const parts: string[] = [];
    for (let at = entry; at !== rootParent; at = parents[at] as number) parts.push(this.#name(layer, at));
    return parts.reverse().join('/');
  }

  #name(layer: number, entry: number): string {
    if (layer === ownName) return (this.#ownNames[entry] as Buffer).toString('utf8');
    const index = this.#layers[layer] as LayerIndex;
    return index.names.toString('utf8', index.nameStarts[entry], index.nameStarts[entry + 1]);
  }

  #search(folder: number, names: Buffer, start: number, end: number): number {
    const hash = hashName(this.#seed ^ folder, names, start, end);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const node = this.#slots[slot] as number;
      if (node === noNode) return noNode;
      if (this.#hashes[node] === hash && this.#parents[node] === folder && this.#sameName(node, names, start, end)) {
        return node;
      }
    }
  }

  #sameName(node: number, names: Buffer, start: number, end: number): boolean {
    const layer = this.#nameLayers[node] as number;
    const entry = this.#nameEntries[node] as number;
    if (layer === ownName) return (this.#ownNames[entry] as Buffer).equals(names.subarray(start, end));
    const index = this.#layers[layer] as LayerIndex;
    const from = index.nameStarts[entry] as number;
    const length = end - start;
    if ((index.nameStarts[entry + 1] as number) - from !== length) return false;
    const own = index.names;
    for (let at = 0; at < length; at += 1) if (own[from + at] !== names[start + at]) return false;
    return true;
  }

  #insert(folder: number, layer: number, entry: number, hash: number): number {
    const node = this.#count;
    this.#count += 1;
    this.#parents[node] = folder;
    this.#nameLayers[node] = layer;
    this.#nameEntries[node] = entry;
    this.#hashes[node] = hash;
    this.#firstChild[node] = noNode;
    this.#kinds[node] = absent;
    this.#place(node);
    return node;
  }

  #chain(node: number): void {
    const folder = this.#parents[node] as number;
    this.#nextSibling[node] = this.#firstChild[folder] as number;
    this.#firstChild[folder] = node;
    this.#chained[node] = 1;
  }

  #place(node: number): void {
    const mask = this.#slots.length - 1;
    let slot = (this.#hashes[node] as number) & mask;
    while (this.#slots[slot] !== noNode) slot = (slot + 1) & mask;
    this.#slots[slot] = node;
  }

  #grow(capacity: number): void {
    this.#capacity = capacity;
    this.#parents = grown(this.#parents, new Int32Array(this.#capacity));
    this.#firstChild = grown(this.#firstChild, new Int32Array(this.#capacity).fill(noNode));
    this.#nextSibling = grown(this.#nextSibling, new Int32Array(this.#capacity).fill(noNode));
    this.#kinds = grown(this.#kinds, new Uint8Array(this.#capacity));
    this.#chained = grown(this.#chained, new Uint8Array(this.#capacity));
    this.#nameLayers = grown(this.#nameLayers, new Uint32Array(this.#capacity));
    this.#nameEntries = grown(this.#nameEntries, new Uint32Array(this.#capacity));
    this.#layerOf = grown(this.#layerOf, new Uint32Array(this.#capacity));
    this.#contentLayers = grown(this.#contentLayers, new Uint32Array(this.#capacity));
    this.#contentEntries = grown(this.#contentEntries, new Uint32Array(this.#capacity));
    this.#hashes = grown(this.#hashes, new Uint32Array(this.#capacity));
    this.#slots = new Int32Array(slotsFor(this.#capacity)).fill(noNode);
    for (let node = 1; node < this.#count; node += 1) this.#place(node);
  }
}

/** A power of two of which at most two thirds are taken. */
function slotsFor(capacity: number): number {
  return 2 ** Math.ceil(Math.log2(capacity * 1.5));
}

function grown<Column extends Int32Array | Uint32Array | Uint8Array>(from: Column, to: Column): Column {
  to.set(from);
  return to;
}

/** FNV-1a over the folder's number, seeded, and the name's bytes. */
function hashName(folder: number, names: Buffer, start: number, end: number): number {
  let hash = Math.imul(0x811c9dc5 ^ folder, 0x01000193);
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (names[at] as number), 0x01000193);
  hash ^= hash >>> 15;
  return hash >>> 0;
}
