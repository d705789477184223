import type { Cataloger } from './cataloger.ts';

/** The catalogers that want a file for its path alone. */
export type Selection = readonly Cataloger[];

const nobody: Selection = [];

interface SuffixRule {
  /** The path is this or ends with `/` and this. */
  readonly suffix: string;
  readonly cataloger: Cataloger;
}

interface FolderRule {
  readonly folder: string;
  readonly extension: string;
  readonly cataloger: Cataloger;
}

interface ExtensionRule {
  readonly extension: string;
  readonly cataloger: Cataloger;
}

/**
 * Tells in a few map look-ups which catalogers want a path: the patterns of all of them are laid out by base name,
 * by last extension and by folder name, so the cost of a file does not grow with their number.
 */
export class Dispatch {
  readonly catalogers: readonly Cataloger[];
  readonly #names = new Map<string, Cataloger[]>();
  readonly #paths = new Map<string, SuffixRule[]>();
  readonly #folders = new Map<string, FolderRule[]>();
  readonly #extensions = new Map<string, ExtensionRule[]>();
  readonly #siblings = new Map<string, SuffixRule[]>();
  readonly #neighbours: ReadonlySet<string>;
  /** Those that want programs, whatever their path. */
  readonly executables: readonly Cataloger[];

  constructor(catalogers: readonly Cataloger[]) {
    this.catalogers = catalogers;
    this.#neighbours = new Set(catalogers.flatMap(({ neighbours }) => neighbours ?? []));
    this.executables = catalogers.filter((one) => one.wants.some((pattern) => 'executable' in pattern));
    for (const cataloger of catalogers) {
      for (const pattern of cataloger.wants) {
        if ('name' in pattern) {
          push(this.#names, pattern.name, cataloger);
        } else if ('path' in pattern) {
          push(this.#paths, lastPart(pattern.path), { suffix: pattern.path, cataloger });
          for (const sibling of cataloger.siblings ?? []) {
            const suffix = pattern.path + sibling;
            push(this.#siblings, lastPart(suffix), { suffix, cataloger });
          }
        } else if ('directory' in pattern) {
          const rule = { folder: pattern.directory, extension: pattern.extension?.toLowerCase() ?? '', cataloger };
          push(this.#folders, lastPart(pattern.directory), rule);
        } else if ('extension' in pattern) {
          const extension = pattern.extension.toLowerCase();
          push(this.#extensions, extension.slice(extension.lastIndexOf('.')), { extension, cataloger });
        }
      }
    }
  }

  /** The catalogers that want the file at a clean path. */
  select(path: string): Selection {
    const slash = path.lastIndexOf('/');
    const name = path.slice(slash + 1);
    let found: Cataloger[] | undefined;
    const add = (cataloger: Cataloger): void => {
      if (found === undefined) found = [cataloger];
      else if (!found.includes(cataloger)) found.push(cataloger);
    };
    for (const cataloger of this.#names.get(name) ?? []) add(cataloger);
    for (const rule of this.#paths.get(name) ?? []) if (endsWithPath(path, rule.suffix)) add(rule.cataloger);
    const dot = name.lastIndexOf('.');
    if (dot >= 0) {
      const rules = this.#extensions.get(name.slice(dot).toLowerCase());
      if (rules !== undefined) {
        const lower = name.toLowerCase();
        for (const rule of rules) if (lower.endsWith(rule.extension)) add(rule.cataloger);
      }
    }
    if (slash > 0) {
      const folder = path.slice(0, slash);
      for (const rule of this.#folders.get(lastPart(folder)) ?? []) {
        if (name.toLowerCase().endsWith(rule.extension) && endsWithPath(folder, rule.folder)) add(rule.cataloger);
      }
    }
    return found ?? nobody;
  }

  /** True when the path is a neighbour file that some cataloger asked for. */
  isSibling(path: string): boolean {
    const name = lastPart(path);
    if (this.#neighbours.has(name)) return true;
    const rules = this.#siblings.get(name);
    return rules !== undefined && rules.some((rule) => endsWithPath(path, rule.suffix));
  }

  /** All patterns that name a whole path or folder, from the root: where symlinks may lead elsewhere. */
  *rootedPatterns(): Generator<{ readonly path: string; readonly folder: boolean; readonly cataloger: Cataloger }> {
    for (const rules of this.#paths.values()) {
      for (const rule of rules) yield { path: rule.suffix, folder: false, cataloger: rule.cataloger };
    }
    for (const rules of this.#folders.values()) {
      for (const rule of rules) yield { path: rule.folder, folder: true, cataloger: rule.cataloger };
    }
  }
}

function push<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function endsWithPath(path: string, suffix: string): boolean {
  if (!path.endsWith(suffix)) return false;
  return path.length === suffix.length || path[path.length - suffix.length - 1] === '/';
}

const libraryName = /\.so(?:\.|$)|\.(?:dll|exe|dylib|node)$/i;

/**
 * True for a file that may be a program or a library: executable by its mode or named like one.
 *
 * @param size in bytes; nothing smaller than a header is a program
 */
export function mayBeExecutable(path: string, mode: number, size: number): boolean {
  return size >= 64 && ((mode & 0o111) !== 0 || libraryName.test(path.slice(path.lastIndexOf('/') + 1)));
}
