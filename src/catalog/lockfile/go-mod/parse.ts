import { CatalogError } from '../../error.ts';
import { packagesOf, type LockEntry, type LockReading } from '../entries.ts';
import { lockLimits } from '../limits.ts';
import { directivesOf, type Directive } from './directives.ts';
import { modulesOfSum } from './sum.ts';

interface Module {
  readonly path: string;
  readonly version: string;
  readonly direct: boolean | undefined;
  readonly line: number | undefined;
}

/**
 * Reads `go.mod` (The Go Modules Reference, "go.mod files"). Since Go 1.17 it lists all modules that are built; before, `go.sum` is asked
 * for the rest, which names more versions than are used: the highest one counts.
 *
 * @param sum the `go.sum` beside it
 * @throws CatalogError MALFORMED when it names no module
 */
export function parseGoMod(bytes: Buffer, sum?: Buffer): LockReading {
  const directives = [...directivesOf(bytes.toString('utf8'))];
  if (!directives.some(({ verb }) => verb === 'module')) {
    throw new CatalogError('MALFORMED', 'The file has no line "module"; it is no go.mod');
  }
  const isWhole = listsAll(directives.find(({ verb }) => verb === 'go')?.words[0]);
  const modules = new Map<string, Module>();
  for (const { verb, words, comment, line } of directives) {
    const [path, version] = words;
    if (verb !== 'require' || path === undefined || version === undefined) continue;
    modules.set(path, { path, version, direct: !/^\s*indirect\b/.test(comment), line });
  }
  if (!isWhole && sum !== undefined) {
    if (sum.length > lockLimits.lines) {
      throw new CatalogError(
        'LIMIT_EXCEEDED',
        `Its go.sum has more than ${lockLimits.lines} bytes; skip it by its path`,
      );
    }
    for (const [path, version] of modulesOfSum(sum.toString('utf8'))) {
      if (!modules.has(path)) modules.set(path, { path, version, direct: false, line: undefined });
    }
  }
  const entries = replaceModules(modules, directives).map(({ path, version, direct, line }): LockEntry => ({
    name: path,
    version,
    direct,
    ...(line === undefined ? {} : { lines: { start: line, end: line } }),
  }));
  return packagesOf('golang', 'go-mod', entries);
}

/** `1.17` and later; a file without the line is of Go 1.16 (Modules Reference, "go directive"). */
function listsAll(version: string | undefined): boolean {
  const [, major = 1, minor = 16] = /^(\d+)\.(\d+)/.exec(version ?? '')?.map(Number) ?? [];
  return major > 1 || minor >= 17;
}

/** `old [version] => new version`; what is replaced by a folder is code of the project, and is left out. */
function replaceModules(modules: ReadonlyMap<string, Module>, directives: readonly Directive[]): Module[] {
  const replaced = new Map(modules);
  for (const { verb, words } of directives) {
    if (verb !== 'replace') continue;
    const arrow = words.indexOf('=>');
    const [path, only] = words.slice(0, Math.max(0, arrow));
    const [target, version] = words.slice(arrow + 1);
    const module = path === undefined ? undefined : modules.get(path);
    if (module === undefined || path === undefined || target === undefined || arrow < 0) continue;
    if (only !== undefined && only !== module.version) continue;
    if (version === undefined) replaced.delete(path);
    else replaced.set(path, { ...module, path: target, version });
  }
  return [...replaced.values()];
}
