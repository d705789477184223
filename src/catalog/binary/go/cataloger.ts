import { unusableEntries } from '../../document/problem.ts';
import { cleanText, textLimits, tryIdentity } from '../../document/text.ts';
import type { CatalogFile, CatalogResult, Cataloger } from '../../cataloger.ts';
import type { Package } from '../../../package/package.ts';
import { readGoBuildInfo } from './build-info.ts';
import { standardLibraryVersion } from './go-version.ts';
import { goLimits } from './limits.ts';
import { mainModuleVersion, unknownVersion } from './main-version.ts';
import { type GoModule, type GoModuleList, parseModuleList } from './module-list.ts';

const id = 'go-binary';
const standardLibrary = 'stdlib';

/**
 * Go programs: the modules that the linker recorded in them, and the standard library as package `stdlib`, whose
 * version has no leading `v` (as in the Go vulnerability database).
 *
 * The module that the program was built from is `main` and depends on all others: the record does not say which of
 * them need which. Modules that stand for a folder of the build machine are left out, as their code is anyone's.
 */
export const goBinary: Cataloger = {
  id,
  version: 2,
  wants: [{ executable: true }],
  maxBytes: goLimits.file,
  read,
};

function read(file: CatalogFile): CatalogResult {
  const program = file.executable();
  const info = program === undefined ? undefined : readGoBuildInfo(program);
  if (info === undefined) return { facts: [] };
  const list = parseModuleList(info.modules);
  const packages = new Map<string, Package>();
  let unusable = 0;
  const add = (made: Package | undefined): void => {
    if (made === undefined) unusable++;
    else packages.set(`${made.name}@${made.version}`, made);
  };
  const standard = standardLibraryVersion(info.goVersion);
  if (standard !== undefined) add(toPackage({ path: standardLibrary, version: standard }, ['BSD-3-Clause']));
  for (const module of list.dependencies) {
    if (!isFolder(module.path)) add(toPackage(module, []));
  }
  const main = mainPackage(list, [...new Set([...packages.values()].map((each) => each.name))]);
  if (main !== undefined) packages.set(`${main.name}@${main.version}`, main);
  return {
    facts: [...packages.values()].map((each) => ({ kind: 'package', package: each })),
    problems: unusableEntries(file.path, unusable),
  };
}

function mainPackage(list: GoModuleList, dependsOn: readonly string[]): Package | undefined {
  if (list.main === undefined || isFolder(list.main.path)) return undefined;
  const made = toPackage({ ...list.main, version: mainModuleVersion(list.main, list) }, []);
  return made === undefined ? undefined : { ...made, main: true, dependsOn };
}

/** A replacement by a folder, or a record without a path. */
function isFolder(path: string): boolean {
  return /^(?:$|\.{1,2}(?:[/\\]|$)|\/|[A-Za-z]:[/\\])/.test(path);
}

function toPackage(module: GoModule, licenses: readonly string[]): Package | undefined {
  const identity = tryIdentity(module.path, module.version === '' ? unknownVersion : module.version);
  if (identity === undefined) return undefined;
  const digest = cleanText(module.sum, textLimits.name);
  return {
    type: 'golang',
    ...identity,
    licenses,
    ...(digest?.startsWith('h1:') === true ? { digest } : {}),
    cataloger: id,
  };
}
