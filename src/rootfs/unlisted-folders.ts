import { type NodeTable, rootNode } from './node-table.ts';

/**
 * What opaque marks would remove of their own layer: folders which only the paths of what lies in them name, and what was put into a folder
 * through links. Runtimes that unpack all layers into one folder take it for a lower layer's when they come to the mark: they know what the
 * layer has brought by the paths of its entries, and older Podman by these as they stand in the tar.
 */
export class UnlistedFolders {
  readonly #table: NodeTable;
  readonly #listed = new Set<number>();
  readonly #seen = new Set<number>([rootNode]);
  readonly #above = new Set<number>();
  /** Most entries share the folder of the one before. */
  #last = rootNode;

  constructor(table: NodeTable) {
    this.#table = table;
  }

  /** Says that the layer has an entry for a folder. */
  list(folder: number): void {
    this.#listed.add(folder);
  }

  /** Says that the layer has put something into a folder. */
  note(folder: number): void {
    if (folder === this.#last) return;
    this.#last = folder;
    for (let at = folder; !this.#seen.has(at); at = this.#table.parent(at)) {
      this.#seen.add(at);
      if (!this.#listed.has(at)) this.#noteAbove(at);
    }
  }

  /** Says that the layer has put something into a folder through links. */
  cross(folder: number): void {
    this.#above.add(folder);
    this.#noteAbove(folder);
  }

  /** Whether a mark of this folder would remove some of it. */
  isBelow(folder: number): boolean {
    return this.#above.has(folder);
  }

  #noteAbove(folder: number): void {
    for (let at = folder; at !== rootNode;) {
      at = this.#table.parent(at);
      if (this.#above.has(at)) return;
      this.#above.add(at);
    }
  }
}
