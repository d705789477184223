import type { Steps } from '../base/steps.ts';
import { entryKind, type LayerIndex, rootParent } from './layer-index.ts';
import { type NodeTable, noNode, rootNode } from './node-table.ts';
import type { PathWalker } from './path-walker.ts';

/** What the whiteouts of a layer did to the layers below. */
export interface AppliedWhiteouts {
  /** By entry of a whiteout, the folder in the lower layers that it speaks of; `noNode` where there is none. */
  readonly folders: Int32Array;
  /** Folders that were removed by their name, with something in them. */
  readonly removed: ReadonlySet<number>;
  /** How many whiteouts runtimes take for different places, or some do not obey. */
  readonly unclear: number;
}

/** Removes what the whiteouts of a layer say from a tree that has nothing of the layer yet, wherever they stand in its tar. */
export function* applyWhiteouts(
  table: NodeTable,
  walker: PathWalker,
  layer: number,
  index: LayerIndex,
): Steps<AppliedWhiteouts> {
  const { count, kinds, parents } = index;
  const folders = new Int32Array(count);
  const removed = new Set<number>();
  const lower = new LowerFolders(table, walker, layer, index);
  let unclear = 0;
  for (let entry = 0; entry < count; entry += 1) {
    if (walker.isPause(entry)) yield;
    const kind = kinds[entry];
    if (kind !== entryKind.whiteout && kind !== entryKind.opaque) continue;
    const parentEntry = parents[entry] as number;
    const parent = lower.find(parentEntry);
    folders[entry] = parent;
    if (parent === noNode) continue;
    const isBehindLink = lower.isBehindLink(parentEntry);
    if (kind === entryKind.opaque) {
      // Layers that are laid upon each other have one root, whatever mark is on it.
      if (isBehindLink || (parent === rootNode && table.hasChildren(rootNode))) unclear += 1;
      table.removeChildren(parent);
      lower.forget();
      continue;
    }
    const node = table.find(parent, layer, entry);
    if (node === noNode) continue;
    if (isBehindLink) unclear += 1;
    // Only a folder or a link to one can stand between another whiteout and its folder.
    if (table.kind(node) !== entryKind.file) lower.forget();
    if (table.kind(node) === entryKind.directory && table.hasChildren(node)) removed.add(node);
    table.remove(node);
  }
  return { folders, removed, unclear };
}

/** Finds the folders of the lower layers that entries of a layer speak of. */
class LowerFolders {
  readonly #table: NodeTable;
  readonly #walker: PathWalker;
  readonly #layer: number;
  readonly #index: LayerIndex;
  /** By entry. */
  readonly #known = new Map<number, number>();
  /** Entries that links stand before. */
  readonly #behindLinks = new Set<number>();

  constructor(table: NodeTable, walker: PathWalker, layer: number, index: LayerIndex) {
    this.#table = table;
    this.#walker = walker;
    this.#layer = layer;
    this.#index = index;
  }

  isBehindLink(entry: number): boolean {
    return this.#behindLinks.has(entry);
  }

  /** Says that a folder, or a link to one, is gone. */
  forget(): void {
    this.#known.clear();
  }

  find(folder: number): number {
    const { parents } = this.#index;
    const chain: number[] = [];
    let at = folder;
    while (at !== rootParent && !this.#known.has(at)) {
      chain.push(at);
      at = parents[at] as number;
    }
    let node: number = at === rootParent ? rootNode : (this.#known.get(at) as number);
    for (const entry of chain.reverse()) {
      if (node !== noNode) node = this.#child(node, entry);
      if (this.#behindLinks.has(parents[entry] as number)) this.#behindLinks.add(entry);
      this.#known.set(entry, node);
    }
    return node;
  }

  #child(folder: number, entry: number): number {
    const table = this.#table;
    let node = table.find(folder, this.#layer, entry);
    if (node !== noNode && table.kind(node) === entryKind.symlink) {
      // An entry of its own will replace the link, so nothing below it is left to remove.
      node = this.#index.kinds[entry] === entryKind.impliedDirectory ? this.#walker.follow(node) : noNode;
      this.#behindLinks.add(entry);
    }
    return node !== noNode && table.kind(node) === entryKind.directory ? node : noNode;
  }
}
