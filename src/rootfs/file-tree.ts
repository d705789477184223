import { runSteps, type Steps } from '../base/steps.ts';
import { applyLayer, type LinkFlaws } from './apply-layer.ts';
import { entryKind, type EntryKind, type LayerIndex } from './layer-index.ts';
import { maxLookupSteps } from './limits.ts';
import { NodeTable, noNode } from './node-table.ts';
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

/** The one tree that layers make together; {@link applyLayer} says how. */
export class FileTree {
  readonly #table = new NodeTable();
  readonly #layers: LayerIndex[] = [];
  readonly #walker: PathWalker;
  readonly #flaws: LinkFlaws = { danglingHardlinks: 0, unclearPlaces: 0 };

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
    return this.#flaws.danglingHardlinks;
  }

  /** Entries, hard links and whiteouts that runtimes take for different places: what is at the other one is not seen. */
  get unclearPlaces(): number {
    return this.#flaws.unclearPlaces;
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
    yield* applyLayer(this.#table, this.#walker, layer, index, this.#flaws);
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

  /** The path at which an entry is seen; it differs from the tar's where a symlink stands in for a folder. */
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
   * Every name that is a symlink or a hard link, with what it leads to in the end; undefined for one that leads nowhere. And every file that
   * is elsewhere than its layer says, since links led there. Nothing may be put on top meanwhile.
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
