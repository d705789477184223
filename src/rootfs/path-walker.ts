import { isPause } from '../base/steps.ts';
import { entryKind } from './layer-index.ts';
import { maxPathLength, maxSymlinks } from './limits.ts';
import { type NodeTable, noNode, rootNode } from './node-table.ts';

/** Where a symlink leads, if anywhere, and how many symlinks are followed on the way, itself included. */
interface LinkEnd {
  readonly node: number;
  readonly symlinks: number;
}

/** Some ten milliseconds. */
const stepsBetweenPauses = 10_000;

/** Walks paths of a tree as the kernel does, with the image's root as the root (path_resolution(7)). */
export class PathWalker {
  readonly #table: NodeTable;
  #stepsLeft: number;
  /** Steps that were left at the last pause. */
  #stepsBefore: number;
  /** Where symlinks lead, once the tree stands still: so that links to links are walked once. */
  #ends: Map<number, LinkEnd> | undefined;
  #linksFollowed = 0;

  /** @param maxSteps parts of paths and of link targets, all look-ups together; after them nothing is found any more */
  constructor(table: NodeTable, maxSteps: number) {
    this.#table = table;
    this.#stepsLeft = maxSteps;
    this.#stepsBefore = maxSteps;
  }

  /** True when so many links were followed that the rest was taken for dangling. */
  get isExhausted(): boolean {
    return this.#stepsLeft < 0;
  }

  /** Symlinks that were followed so far, all look-ups together. */
  get linksFollowed(): number {
    return this.#linksFollowed;
  }

  /** Says that the tree changes from now on, or that it stands still. */
  setStill(isStill: boolean): void {
    this.#ends = isStill ? (this.#ends ?? new Map()) : undefined;
  }

  /** True now and then in a loop: after many rounds, or after a few whose look-ups took many steps. */
  isPause(round: number): boolean {
    if (!isPause(round) && this.#stepsBefore - this.#stepsLeft < stepsBetweenPauses) return false;
    this.#stepsBefore = this.#stepsLeft;
    return true;
  }

  /** What a path leads to from the root; a symlink at its end is followed, or is itself what is found. */
  find(path: string, followLast: boolean): number {
    return this.#walk(rootNode, path, followLast, { left: maxSymlinks });
  }

  /** The symlink that a path is; {@link noNode} where something else is, or nothing. */
  findLink(path: string): number {
    const node = this.find(path, false);
    return node === noNode || this.#table.kind(node) !== entryKind.symlink ? noNode : node;
  }

  /** What a symlink leads to. */
  follow(link: number): number {
    return this.#followWithin(link, { left: maxSymlinks });
  }

  #followWithin(link: number, budget: { left: number }): number {
    this.#linksFollowed += 1;
    const known = this.#ends?.get(link);
    if (known !== undefined) {
      budget.left -= known.symlinks;
      return budget.left < 0 ? noNode : known.node;
    }
    const before = budget.left;
    budget.left -= 1;
    if (budget.left < 0) return noNode;
    const target = this.#table.linkTarget(link);
    if (target === undefined || target.length > maxPathLength) return noNode;
    const node = this.#walk(target.startsWith('/') ? rootNode : this.#table.parent(link), target, true, budget);
    // A look-up that began with fewer symlinks left may fail where this link alone would not.
    if (node !== noNode || before === maxSymlinks) this.#ends?.set(link, { node, symlinks: before - budget.left });
    return node;
  }

  #walk(start: number, path: string, followLast: boolean, budget: { left: number }): number {
    let node = start;
    const parts = this.#stepsLeft < 0 ? [] : path.split('/').filter((part) => part !== '' && part !== '.');
    this.#stepsLeft -= parts.length + 1;
    if (this.#stepsLeft < 0) return noNode;
    for (let at = 0; at < parts.length; at += 1) {
      const part = parts[at] as string;
      if (this.#table.kind(node) !== entryKind.directory) return noNode;
      if (part === '..') {
        node = this.#table.parent(node);
        continue;
      }
      node = this.#table.findName(node, part);
      if (node === noNode) return noNode;
      if (this.#table.kind(node) === entryKind.symlink && (followLast || at < parts.length - 1)) {
        node = this.#followWithin(node, budget);
        if (node === noNode) return noNode;
      }
    }
    return node;
  }
}
