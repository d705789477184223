import { runSteps, type Steps } from '../base/steps.ts';
import { entryKind, rootParent, type EntryKind, type LayerIndex } from './layer-index.ts';
import { maxLookupSteps } from './limits.ts';
import { NodeTable, noNode, rootNode } from './node-table.ts';
import { cleanPath } from './path.ts';
import { PathWalker } from './path-walker.ts';

/** A file as seen in the whole image. */
export interface TreeNode {
  /** Real path, without a leading slash. */
  readonly path: string;
  readonly kind: EntryKind;
  readonly mode: number;
  /** In bytes. */
  readonly size: number;
  /** Index of the layer that put the name there; layers count from 0, the lowest. */
  readonly layer: number;
  /** Layer and entry that hold the bytes: for a hard link those of the file that it names. */
  readonly contentLayer: number;
  readonly contentEntry: number;
}

/** A file's kind, and the layer and entry that hold its bytes. */
interface Content {
  readonly kind: EntryKind;
  readonly layer: number;
  readonly entry: number;
}

/**
 * The one tree that layers make together (OCI image-spec, layer.md, "Applying Changesets").
 *
 * Layers are applied lowest first. Within a layer, whiteouts come before everything else, wherever they stand in the
 * tar; then the entries in their order, the last of equal paths winning. A hard link may still name a file of a lower
 * layer that its own layer removes: runtimes make the link when they come to it, perhaps before the whiteout. Folders that a path only implies are looked
 * up through lower layers' symlinks, as runtimes do when they unpack; a folder with an entry of its own takes the
 * place of what was there.
 */
export class FileTree {
  readonly #table = new NodeTable();
  readonly #layers: LayerIndex[] = [];
  readonly #walker: PathWalker;
  #danglingHardlinks = 0;

  /** @param maxSteps see {@link maxLookupSteps} */
  constructor(maxSteps: number = maxLookupSteps) {
    this.#walker = new PathWalker(this.#table, maxSteps);
  }

  /** True when so many links were followed that the rest was taken for dangling: the tree may hide files. */
  get isExhausted(): boolean {
    return this.#walker.isExhausted;
  }

  /** Hard links whose target is nowhere. */
  get danglingHardlinks(): number {
    return this.#danglingHardlinks;
  }

  /** Puts a layer on top. */
  apply(index: LayerIndex): void {
    runSteps(this.applyInSteps(index));
  }

  /** Puts a layer on top. Between two steps the tree is not to be looked at. */
  *applyInSteps(index: LayerIndex): Steps<void> {
    this.#walker.setStill(false);
    const layer = this.#layers.length;
    this.#layers.push(index);
    this.#table.addLayer(index);
    const lost = yield* this.#lowerTargets(index);
    yield* this.#applyWhiteouts(index, layer);
    yield* this.#applyEntries(index, layer, lost);
  }

  /** True when the bytes of this entry are those seen at its path in the whole image. */
  isVisible(layer: number, entry: number): boolean {
    const node = this.#table.nodeOf(layer, entry);
    return (
      node !== noNode &&
      this.#table.kind(node) === entryKind.file &&
      this.#table.contentLayer(node) === layer &&
      this.#table.contentEntry(node) === entry
    );
  }

  /** The path at which an entry is seen; it differs from the tar's where a lower layer's symlink stands in for a folder. */
  pathOf(layer: number, entry: number): string {
    return this.#table.path(this.#table.nodeOf(layer, entry));
  }

  /** Looks a path up through symlinks. Undefined when nothing is there, or links run in circles. */
  lookup(path: string): TreeNode | undefined {
    const node = this.#walker.find(path, true);
    return node === noNode ? undefined : this.#describe(node);
  }

  /** What lies directly in a folder, symlinks as themselves. Empty for anything but a folder. */
  *children(path: string): Generator<TreeNode> {
    const folder = this.#walker.find(path, true);
    if (folder === noNode) return;
    for (const child of this.#table.children(folder)) yield this.#describe(child);
  }

  /**
   * Every name that is a symlink or a hard link, with what it leads to in the end; undefined for one that leads nowhere.
   * Nothing may be put on top meanwhile.
   */
  *links(): Generator<{ readonly path: string; readonly target: TreeNode } | undefined> {
    this.#walker.setStill(true);
    for (const node of this.#table.linkedNodes()) {
      const end = this.#table.kind(node) === entryKind.symlink ? this.#walker.follow(node) : node;
      yield end === noNode ? undefined : { path: this.#table.path(node), target: this.#describe(end) };
    }
  }

  /** Every symlink that leads nowhere, in circles, or on for too long. Nothing may be put on top meanwhile. */
  *lostLinks(): Generator<string> {
    this.#walker.setStill(true);
    for (const node of this.#table.linkedNodes()) {
      if (this.#table.kind(node) !== entryKind.symlink || this.#walker.follow(node) !== noNode) continue;
      yield this.#table.path(node);
    }
  }

  /** What a layer's hard links name in the layers below, when the layer also removes things. */
  *#lowerTargets(index: LayerIndex): Steps<ReadonlyMap<number, Content>> {
    const found = new Map<number, Content>();
    if (!index.kinds.includes(entryKind.whiteout) && !index.kinds.includes(entryKind.opaque)) return found;
    let round = 0;
    for (const [entry, target] of index.links) {
      if (this.#walker.isPause((round += 1))) yield;
      if (index.kinds[entry] !== entryKind.hardlink) continue;
      const content = this.#contentOf(this.#walker.find(target, false));
      if (content !== undefined) found.set(entry, content);
    }
    return found;
  }

  *#applyWhiteouts(index: LayerIndex, layer: number): Steps<void> {
    const folders = new Map<number, number>();
    for (let entry = 0; entry < index.count; entry += 1) {
      if (this.#walker.isPause(entry)) yield;
      const kind = index.kinds[entry];
      if (kind !== entryKind.whiteout && kind !== entryKind.opaque) continue;
      const parent = this.#lowerFolder(index, index.parents[entry] as number, folders);
      if (parent === noNode) continue;
      if (kind === entryKind.opaque) {
        this.#table.removeChildren(parent);
        folders.clear();
        continue;
      }
      const node = this.#table.find(parent, layer, entry);
      if (node === noNode) continue;
      // Only a folder or a link to one can stand between another whiteout and its folder.
      if (this.#table.kind(node) !== entryKind.file) folders.clear();
      this.#table.remove(node);
    }
  }

  /**
   * The folder in the lower layers that an entry of this layer speaks of.
   *
   * @param known folders that were found before, by entry
   */
  #lowerFolder(index: LayerIndex, folder: number, known: Map<number, number>): number {
    const chain: number[] = [];
    let at = folder;
    while (at !== rootParent && !known.has(at)) {
      chain.push(at);
      at = index.parents[at] as number;
    }
    let node: number = at === rootParent ? rootNode : (known.get(at) as number);
    const layer = this.#layers.length - 1;
    for (const entry of chain.reverse()) {
      if (node !== noNode) node = this.#lowerChild(index, node, layer, entry);
      known.set(entry, node);
    }
    return node;
  }

  #lowerChild(index: LayerIndex, folder: number, layer: number, entry: number): number {
    let node = this.#table.find(folder, layer, entry);
    if (node !== noNode && this.#table.kind(node) === entryKind.symlink) {
      // An entry of its own will replace the link, so nothing below it is left to remove.
      node = index.kinds[entry] === entryKind.impliedDirectory ? this.#walker.follow(node) : noNode;
    }
    return node !== noNode && this.#table.kind(node) === entryKind.directory ? node : noNode;
  }

  *#applyEntries(index: LayerIndex, layer: number, lost: ReadonlyMap<number, Content>): Steps<void> {
    const table = this.#table;
    for (let entry = 0; entry < index.count; entry += 1) {
      if (this.#walker.isPause(entry)) yield;
      const kind = index.kinds[entry] as EntryKind;
      if (kind === entryKind.whiteout || kind === entryKind.opaque) continue;
      const parentEntry = index.parents[entry] as number;
      const parent = parentEntry === rootParent ? rootNode : table.nodeOf(layer, parentEntry);
      if (kind === entryKind.directory || kind === entryKind.impliedDirectory) {
        table.bind(layer, entry, this.#makeFolder(parent, layer, entry, kind === entryKind.directory));
      } else if (kind === entryKind.hardlink) {
        this.#makeHardlink(parent, layer, entry, index.links.get(entry) ?? '', lost.get(entry));
      } else {
        table.bind(layer, entry, table.put(parent, layer, entry, kind));
      }
    }
  }

  #makeFolder(parent: number, layer: number, entry: number, explicit: boolean): number {
    const table = this.#table;
    const known = table.find(parent, layer, entry);
    if (known !== noNode) {
      if (table.kind(known) === entryKind.directory) {
        if (explicit) table.touch(known, layer, entry);
        return known;
      }
      if (!explicit && table.kind(known) === entryKind.symlink) {
        const target = this.#walker.follow(known);
        if (target !== noNode && table.kind(target) === entryKind.directory) return target;
      }
    }
    return table.put(parent, layer, entry, entryKind.directory);
  }

  #makeHardlink(parent: number, layer: number, entry: number, target: string, lost: Content | undefined): void {
    const table = this.#table;
    const content = this.#contentOf(this.#walker.find(target, false)) ?? lost;
    if (content === undefined) {
      table.put(parent, layer, entry, entryKind.other);
      this.#danglingHardlinks += 1;
      return;
    }
    const node = table.put(parent, layer, entry, content.kind);
    table.setContent(node, content.layer, content.entry);
    table.noteLink(node);
  }

  /** What a hard link to a node shares with it; a folder has no hard links. */
  #contentOf(node: number): Content | undefined {
    const table = this.#table;
    if (node === noNode || table.kind(node) === entryKind.directory) return undefined;
    return {
      kind: table.kind(node) as EntryKind,
      layer: table.contentLayer(node),
      entry: table.contentEntry(node),
    };
  }

  #describe(node: number): TreeNode {
    const table = this.#table;
    const contentLayer = table.contentLayer(node);
    const contentEntry = table.contentEntry(node);
    const index = this.#layers[contentLayer];
    return {
      path: table.path(node),
      kind: table.kind(node) as EntryKind,
      mode: index?.modes[contentEntry] ?? 0o755,
      size: index?.sizes[contentEntry] ?? 0,
      layer: table.layer(node),
      contentLayer,
      contentEntry,
    };
  }
}

/** The tree of some layers, lowest first. */
export function buildFileTree(layers: readonly LayerIndex[]): FileTree {
  const tree = new FileTree();
  for (const layer of layers) tree.apply(layer);
  return tree;
}

/** The clean form of a hard link's target, as `cleanPath` has it; '' for one that no path is, which then dangles. */
export function cleanLinkTarget(target: string): string {
  return cleanPath(target) ?? '';
}
