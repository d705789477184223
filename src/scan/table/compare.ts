import type { BodySink, TarEntry } from '../../codec/tar/reader.ts';
import { isOverlayAttribute } from '../../rootfs/marks.ts';
import { baseName, cleanPath, keepLinkTarget, parentPath } from '../../rootfs/path.ts';
import { checkFile } from './file-check.ts';
import { limits } from './limits.ts';
import type { LayerTable, TableEntry } from './table.ts';

/** How a table and its tar differ. */
export interface TableDifferences {
  readonly count: number;
  /** The first of them, each to be read on its own: `"usr/bin/x" has other content`. */
  readonly examples: readonly string[];
}

/**
 * Files that the stargz snapshotter, and containers/storage with it, shows to no container (`estargz/types.go`), so that tables may leave them
 * out. What a table says of them counts: hard links can show them.
 */
const unseen: ReadonlySet<string> = new Set(['stargz.index.json', '.prefetch.landmark', '.no.prefetch.landmark']);

/** Before the name of what a whiteout deletes (OCI image-spec, layer.md, "Whiteouts"), and of what has another meaning. */
const whiteoutPrefix = '.wh.';
const aboutFolder = '.wh..wh.';

interface Named {
  readonly entry: TableEntry;
  isInTar: boolean;
}

/**
 * Compares a table of contents with the tar of its layer, entry by entry as the tar goes by. They must name the same things, and also only
 * things of which runtimes that unpack and runtimes that go by the table make the same: those know no order, and follow no links.
 */
export class TableComparison {
  readonly #format: LayerTable['format'];
  readonly #named = new Map<string, Named>();
  readonly #examples: string[] = [];
  #count = 0;

  constructor({ format, entries }: LayerTable) {
    this.#format = format;
    for (const entry of entries) {
      // Whoever goes by the table sets them, and the kernel obeys; those of the tar are told of as marks.
      if (entry.attributes.some(isOverlayAttribute)) this.#tell(entry.path, 'has an attribute of overlayfs');
      const before = this.#named.get(entry.path);
      if (before === undefined) this.#named.set(entry.path, { entry, isInTar: false });
      else if (!isFolder(before.entry) || !isFolder(entry)) this.#tell(entry.path, 'is in the table twice');
    }
  }

  /** Takes the next entry of the tar; gives what wants its bytes. */
  visit(entry: TarEntry): BodySink | undefined {
    // No table has it, and what runtimes that unpack make of its name is told of where files are joined.
    if (entry.type === 'globalHeader') return undefined;
    const path = cleanPath(entry.path);
    if (path === undefined) return undefined;
    const named = this.#named.get(path);
    if (named === undefined) {
      if (!this.#mayBeLeftOut(path, entry.type)) this.#tell(path, 'is in the tar alone');
      return undefined;
    }
    if (named.isInTar && (entry.type !== 'directory' || !isFolder(named.entry))) {
      this.#tell(path, 'is in the tar twice');
      return undefined;
    }
    named.isInTar = true;
    return this.#compare(named.entry, entry, path);
  }

  /** What came of it, after the tar's last entry. */
  finish(): TableDifferences {
    const folders = new Set<string>();
    for (const [path, { isInTar, entry }] of this.#named) {
      if (!isInTar && !(path === '' && isFolder(entry))) this.#tell(path, 'is in the table alone');
      this.#checkFolders(path, folders);
    }
    for (const path of this.#named.keys()) {
      const name = baseName(path);
      if (!name.startsWith(whiteoutPrefix) || name.startsWith(aboutFolder)) continue;
      const parent = parentPath(path);
      const deleted = `${parent === '' ? '' : `${parent}/`}${name.slice(whiteoutPrefix.length)}`;
      if (this.#named.has(deleted) || folders.has(deleted))
        this.#tell(deleted, 'is deleted by the layer that brings it');
    }
    return { count: this.#count, examples: this.#examples };
  }

  #compare(listed: TableEntry, entry: TarEntry, path: string): BodySink | undefined {
    if (listed.kind !== entry.type) {
      this.#tell(path, `is a ${listed.kind} in the table and a ${entry.type} in the tar`);
      return undefined;
    }
    switch (entry.type) {
      case 'symlink':
        if (listed.linkName !== entry.linkName) this.#tell(path, 'leads elsewhere');
        return undefined;
      case 'hardlink':
        this.#compareHardLink(listed, entry, path);
        return undefined;
      case 'file':
        break;
      default:
        return undefined;
    }
    if (listed.size !== entry.size) {
      this.#tell(path, 'has another size');
      return undefined;
    }
    // By its mode, too, a file is a program that is looked into.
    if (listed.mode !== entry.mode) this.#tell(path, 'has another mode');
    return checkFile(listed, this.#format, (what) => this.#tell(path, what));
  }

  #compareHardLink(listed: TableEntry, entry: TarEntry, path: string): void {
    const target = keepLinkTarget(entry.linkName);
    if (keepLinkTarget(listed.linkName) !== target) this.#tell(path, 'is a link to something else');
    // Whoever unpacks finds what lower layers have there; by the table it is what comes later.
    else if (this.#named.get(target)?.isInTar === false) this.#tell(path, 'is a link to what only comes later');
  }

  /** Runtimes that unpack go through a link on the way; those that go by the table have a folder in its place, or nothing. */
  #checkFolders(path: string, folders: Set<string>): void {
    for (let parent = parentPath(path); parent !== '' && !folders.has(parent); parent = parentPath(parent)) {
      folders.add(parent);
      const named = this.#named.get(parent);
      if (named !== undefined && !isFolder(named.entry)) this.#tell(path, `lies below a ${named.entry.kind}`);
    }
  }

  /** Whether a table may have no entry for what the tar has. Links and folders of these names lead to other files. */
  #mayBeLeftOut(path: string, type: TarEntry['type']): boolean {
    if (path === '') return type === 'directory';
    return type === 'file' && this.#format === 'estargz' && unseen.has(path);
  }

  #tell(path: string, what: string): void {
    this.#count += 1;
    if (this.#examples.length >= limits.examples) return;
    this.#examples.push(`${JSON.stringify(path.slice(0, limits.quotedPath))} ${what}`);
  }
}

function isFolder({ kind }: TableEntry): boolean {
  return kind === 'directory';
}
