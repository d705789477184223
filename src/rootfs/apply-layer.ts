import type { Steps } from '../base/steps.ts';
import { type AppliedWhiteouts, applyWhiteouts } from './apply-whiteouts.ts';
import { entryKind, type EntryKind, type LayerIndex, rootParent } from './layer-index.ts';
import { type NodeTable, noNode, rootNode } from './node-table.ts';
import { baseName, cleanPath, parentPath } from './path.ts';
import type { PathWalker } from './path-walker.ts';
import { unpackPath } from './unpack-path.ts';
import { UnlistedFolders } from './unlisted-folders.ts';

/** What is wrong with the links of a tree, counted. */
export interface LinkFlaws {
  /** Hard links whose target is nowhere. */
  danglingHardlinks: number;
  /** Entries, hard links and whiteouts that runtimes take for different places. */
  unclearPlaces: number;
}

/** A file's kind, and the layer and entry that hold its bytes. */
interface Content {
  readonly kind: EntryKind;
  readonly layer: number;
  readonly entry: number;
}

/**
 * Puts a layer on top of a tree (OCI image-spec, layer.md, "Applying Changesets").
 *
 * Whiteouts come before everything else, wherever they stand in the tar; then the entries in their order, the last of equal paths winning.
 * A hard link may still name a file of a lower layer that its own layer removes: runtimes make the link when they come to it, perhaps before
 * the whiteout. Folders that a path only implies are looked up through symlinks, as they are when the entry comes, and made where a link
 * says that they are; a folder with an entry of its own takes the place of what was there.
 *
 * Runtimes do all of it in the order of the tar, and some of them read links by their text. Where that leads elsewhere, it is counted.
 */
export function* applyLayer(
  table: NodeTable,
  walker: PathWalker,
  layer: number,
  index: LayerIndex,
  flaws: LinkFlaws,
): Steps<void> {
  const applier = new LayerApplier(table, walker, layer, index, flaws);
  const removes = index.kinds.includes(entryKind.whiteout) || index.kinds.includes(entryKind.opaque);
  if (removes) {
    yield* applier.noteLowerTargets();
    yield* applier.applyWhiteouts();
  }
  yield* applier.applyEntries();
}

class LayerApplier {
  readonly #table: NodeTable;
  readonly #walker: PathWalker;
  readonly #layer: number;
  readonly #index: LayerIndex;
  readonly #flaws: LinkFlaws;
  /** What hard links name in the layers below, when the layer also removes things. */
  readonly #lowerTargets = new Map<number, Content>();
  /** What whiteouts did to the lower layers; undefined where there are none. */
  #whiteouts: AppliedWhiteouts | undefined;
  /** Folders' entries that links stand before; of these, those before which a link of a lower layer stands. */
  readonly #behindLinks = new Set<number>();
  readonly #behindLowerLinks = new Set<number>();
  /** Whether one came already, in the order of the tar. */
  #cameWhiteout = false;
  /** Folders that a whiteout removed, and an entry made anew. */
  readonly #reopened = new Set<number>();
  /** What opaque marks would remove of the layer itself; undefined in a layer without such marks. */
  #unlisted: UnlistedFolders | undefined;
  /** How often a folder or a link gave way to something else: each time, folders that were found before may be others now. */
  #turns = 0;
  /** At which turn a folder's entry was found; undefined before the first. */
  #foundAt: Uint32Array | undefined;

  constructor(table: NodeTable, walker: PathWalker, layer: number, index: LayerIndex, flaws: LinkFlaws) {
    this.#table = table;
    this.#walker = walker;
    this.#layer = layer;
    this.#index = index;
    this.#flaws = flaws;
  }

  *noteLowerTargets(): Steps<void> {
    const { kinds, links } = this.#index;
    let round = 0;
    for (const [entry, target] of links) {
      if (this.#walker.isPause((round += 1))) yield;
      if (kinds[entry] !== entryKind.hardlink) continue;
      const content = this.#contentAt(cleanPath(target));
      if (content !== undefined) this.#lowerTargets.set(entry, content);
    }
  }

  *applyWhiteouts(): Steps<void> {
    this.#whiteouts = yield* applyWhiteouts(this.#table, this.#walker, this.#layer, this.#index);
    this.#flaws.unclearPlaces += this.#whiteouts.unclear;
    if (this.#index.kinds.includes(entryKind.opaque)) this.#unlisted = new UnlistedFolders(this.#table);
  }

  *applyEntries(): Steps<void> {
    const { count, kinds, parents } = this.#index;
    for (let entry = 0; entry < count; entry += 1) {
      if (this.#walker.isPause(entry)) yield;
      const kind = kinds[entry] as EntryKind;
      // Looked up when what lies in it comes: a mark alone takes no file's place.
      if (kind === entryKind.impliedDirectory) continue;
      const isMark = kind === entryKind.whiteout || kind === entryKind.opaque;
      const isHeader = kind === entryKind.globalHeader;
      const parent = this.#folder(parents[entry] as number, !isMark && !isHeader);
      if (isHeader) this.#compareHeader(parent, entry);
      else if (isMark) this.#compareWhiteout(parent, entry, kind);
      else if (kind === entryKind.directory) this.#bindFolder(entry, this.#makeFolder(parent, entry));
      else if (kind === entryKind.hardlink) this.#makeHardlink(parent, entry);
      else this.#table.bind(this.#layer, entry, this.#put(parent, entry, kind));
    }
    // Where layers are laid upon each other, what lower layers have in such a folder is seen again, unless an opaque mark follows.
    this.#flaws.unclearPlaces += this.#reopened.size;
  }

  /**
   * A runtime that comes to a whiteout now removes what is there: counts it where that is in another folder than was looked into, or where
   * what comes later in the layer may find its way through what the runtime removed of the layer itself.
   */
  #compareWhiteout(folder: number, entry: number, kind: EntryKind): void {
    this.#cameWhiteout = true;
    if (folder === noNode) return;
    const lower = this.#whiteouts?.folders[entry];
    const table = this.#table;
    const removed = kind === entryKind.opaque ? folder : table.find(folder, this.#layer, entry);
    const isOwn = removed !== noNode && table.layer(removed) === this.#layer;
    let isUnclear = lower !== folder && (lower !== noNode || (removed !== noNode && !isOwn));
    const parentEntry = this.#index.parents[entry] as number;
    // Where layers are laid upon each other, the mark's folder takes the place of the link.
    isUnclear ||= this.#behindLowerLinks.has(parentEntry);
    if (kind === entryKind.opaque) {
      isUnclear ||= this.#behindLinks.has(parentEntry) || this.#unlisted?.isBelow(folder) === true;
      this.#reopened.delete(folder);
    } else isUnclear ||= isOwn;
    if (isUnclear) this.#flaws.unclearPlaces += 1;
  }

  /** Counts a header for all entries to come whose name something has. */
  #compareHeader(folder: number, entry: number): void {
    if (folder === noNode) return;
    const isBehindLink = this.#behindLinks.has(this.#index.parents[entry] as number);
    if (isBehindLink || this.#table.find(folder, this.#layer, entry) !== noNode) this.#flaws.unclearPlaces += 1;
  }

  /**
   * Where a folder's entry leads to at this moment.
   *
   * @param replaces whether it takes the place of a file that is there; else it is {@link noNode} then
   */
  #folder(entry: number, replaces: boolean): number {
    if (entry === rootParent) return rootNode;
    const known = this.#table.nodeOf(this.#layer, entry);
    if (known !== noNode && (this.#foundAt === undefined || this.#foundAt[entry] === this.#turns)) return known;
    const parentEntry = this.#index.parents[entry] as number;
    const parent = this.#folder(parentEntry, replaces);
    if (parent === noNode) return noNode;
    this.#standBehind(parentEntry, entry);
    const node = this.#enterFolder(parent, entry, replaces);
    if (node === noNode) return noNode;
    if (this.#behindLinks.has(entry)) this.#compareUnpacked(node, entry);
    this.#bindFolder(entry, node);
    return node;
  }

  /** Says that the links before a folder's entry are those before the folder that it is in. */
  #standBehind(parentEntry: number, entry: number): void {
    for (const behind of [this.#behindLinks, this.#behindLowerLinks]) {
      if (behind.has(parentEntry)) behind.add(entry);
      else if (behind.size > 0) behind.delete(entry);
    }
  }

  #bindFolder(entry: number, node: number): void {
    this.#table.bind(this.#layer, entry, node);
    if (this.#foundAt !== undefined) this.#foundAt[entry] = this.#turns;
  }

  /** A folder with an entry of its own. */
  #makeFolder(parent: number, entry: number): number {
    const parentEntry = this.#index.parents[entry] as number;
    this.#standBehind(parentEntry, entry);
    let node = this.#table.find(parent, this.#layer, entry);
    if (node === noNode || !this.#isFolder(node)) {
      node = this.#put(parent, entry, entryKind.directory);
      if (this.#whiteouts?.removed.has(node) === true) this.#reopened.add(node);
    } else {
      if (this.#behindLowerLinks.has(parentEntry)) this.#flaws.unclearPlaces += 1;
      this.#table.touch(node, this.#layer, entry);
    }
    if (!this.#behindLinks.has(parentEntry)) this.#unlisted?.list(node);
    return node;
  }

  /** A folder that others lie in, through links. */
  #enterFolder(parent: number, entry: number, replaces: boolean): number {
    const known = this.#table.find(parent, this.#layer, entry);
    if (known !== noNode) {
      if (this.#isFolder(known)) return known;
      if (this.#table.kind(known) === entryKind.symlink) {
        const target = this.#throughLink(known, entry);
        if (target !== noNode) return target;
        this.#flaws.unclearPlaces += 1;
      }
      if (!replaces) {
        // Where layers are laid upon each other, a folder comes in its place.
        this.#flaws.unclearPlaces += 1;
        return noNode;
      }
    }
    return this.#put(parent, entry, entryKind.directory);
  }

  /** Where runtimes unpack what lies below a link; {@link noNode} where none can. */
  #throughLink(link: number, entry: number): number {
    this.#behindLinks.add(entry);
    const target = this.#walker.follow(link);
    if (target !== noNode && this.#isFolder(target)) return target;
    const path = this.#unpackedPath(entry);
    return path === undefined ? noNode : this.#makeFolders(path, entry);
  }

  /** Counts a folder behind links that is another one by the text of these. */
  #compareUnpacked(node: number, entry: number): void {
    const path = this.#unpackedPath(entry);
    if (path === undefined || this.#walker.find(path, true) !== node) this.#flaws.unclearPlaces += 1;
  }

  #unpackedPath(entry: number): string | undefined {
    return unpackPath(this.#table.entryPath(this.#layer, entry), (at) =>
      this.#readLink(at, (link) => {
        if (this.#table.layer(link) < this.#layer) this.#behindLowerLinks.add(entry);
      }),
    );
  }

  /** Makes the folders of a path without links that are not there; {@link noNode} where something else is in the way. */
  #makeFolders(path: string, entry: number): number {
    const parts = path === '' ? [] : path.split('/');
    let node = rootNode;
    for (const [at, part] of parts.entries()) {
      const child = this.#table.findName(node, part);
      if (child === noNode) {
        let made = node;
        for (const name of parts.slice(at)) made = this.#table.putFolder(made, name, this.#layer, entry);
        return made;
      }
      if (!this.#isFolder(child)) return noNode;
      node = child;
    }
    return node;
  }

  #makeHardlink(parent: number, entry: number): void {
    const table = this.#table;
    const target = this.#index.links.get(entry) ?? '';
    const clean = cleanPath(target);
    // As runtimes do: a link's target is looked for once what has its name is gone.
    this.#makeRoom(parent, entry, entryKind.hardlink);
    const before = this.#walker.linksFollowed;
    let content = this.#contentAt(clean);
    if (clean !== target || this.#walker.linksFollowed !== before) {
      // Some follow links by their text, and some take `..` out of the text before.
      const unpacked = unpackPath(parentPath(target), (at) => this.#readLink(at));
      const other = unpacked === undefined ? undefined : this.#contentAt(cleanPath(`${unpacked}/${baseName(target)}`));
      if (other?.layer !== content?.layer || other?.entry !== content?.entry) this.#flaws.unclearPlaces += 1;
      content ??= other;
    }
    if (content === undefined) {
      content = this.#lowerTargets.get(entry);
      // Where layers are laid upon each other, a link to a whiteout is one more.
      if (content !== undefined && this.#cameWhiteout) this.#flaws.unclearPlaces += 1;
    }
    const node = this.#put(parent, entry, content?.kind ?? entryKind.other);
    if (content === undefined) {
      this.#flaws.danglingHardlinks += 1;
      return;
    }
    table.setContent(node, content.layer, content.entry);
    table.noteLink(node);
  }

  #put(parent: number, entry: number, kind: EntryKind): number {
    const node = this.#makeRoom(parent, entry, kind);
    const parentEntry = this.#index.parents[entry] as number;
    // Layers that are unpacked into folders of their own and laid upon each other do not see each other's links.
    if (this.#behindLowerLinks.has(parentEntry)) this.#flaws.unclearPlaces += 1;
    // By the text of links, a path may lead over a name that was not there.
    if (kind === entryKind.symlink && this.#behindLinks.size > 0) this.#turn();
    this.#table.put(node, this.#layer, entry, kind);
    if (this.#behindLinks.has(parentEntry)) this.#unlisted?.cross(parent);
    else this.#unlisted?.note(parent);
    // It is at another path than its layer says.
    if (kind === entryKind.file && this.#behindLinks.has(parentEntry)) this.#table.noteLink(node);
    return node;
  }

  /**
   * Gives the place of an entry, with nothing in it. A folder that comes in the place of something else of its own layer lets what lower
   * layers have there be seen again where layers are laid upon each other.
   */
  #makeRoom(parent: number, entry: number, kind: EntryKind): number {
    const node = this.#table.claim(parent, this.#layer, entry);
    if (!this.#table.isThere(node)) return node;
    const isOwn = this.#table.layer(node) === this.#layer;
    if (isOwn && !this.#isFolder(node) && kind === entryKind.directory) this.#flaws.unclearPlaces += 1;
    const wasWay = this.#isWay(node);
    if (wasWay) this.#turn();
    this.#table.remove(node);
    const parentEntry = this.#index.parents[entry] as number;
    // Some look for the way again then, and the link that led here may have been this one, or in this folder.
    if (wasWay && this.#behindLinks.has(parentEntry)) {
      const path = this.#table.entryPath(this.#layer, parentEntry);
      if (this.#walker.find(path, true) !== parent) this.#flaws.unclearPlaces += 1;
    }
    return node;
  }

  #turn(): void {
    this.#turns += 1;
    this.#foundAt ??= new Uint32Array(this.#index.count);
  }

  #readLink(path: string, seen: (link: number) => void = () => undefined): string | undefined {
    const link = this.#walker.findLink(path);
    if (link === noNode) return undefined;
    seen(link);
    return this.#table.linkTarget(link);
  }

  /** Whether paths may lead through it. */
  #isWay(node: number): boolean {
    return this.#isFolder(node) || this.#table.kind(node) === entryKind.symlink;
  }

  /** What a hard link to a path shares with it; a folder has no hard links. */
  #contentAt(path: string | undefined): Content | undefined {
    const table = this.#table;
    const node = path === undefined ? noNode : this.#walker.find(path, false);
    if (node === noNode || this.#isFolder(node)) return undefined;
    return {
      kind: table.kind(node) as EntryKind,
      layer: table.contentLayer(node),
      entry: table.contentEntry(node),
    };
  }

  #isFolder(node: number): boolean {
    return this.#table.kind(node) === entryKind.directory;
  }
}
