import type { Problem } from '../../../base/problem.ts';
import type { CodecError } from '../../../codec/error.ts';
import type { CatalogResult, OwnershipFact, PackageFact } from '../../cataloger.ts';
import { unusableEntries } from '../../document/problem.ts';
import { CatalogError } from '../../error.ts';
import { indexProviders, resolveDependencies } from '../dependencies.ts';
import type { FindProvider } from '../dependencies.ts';
import { pathBudget } from '../path-budget.ts';
import { readInstalled } from './installed.ts';
import type { Installed } from './installed.ts';

/**
 * Reads an rpm database of any kind.
 *
 * @param wal the `-wal` file beside an SQLite database
 * @throws CatalogError when not one package can be read; with some read, what is damaged becomes a problem
 */
export function parseRpmDatabase(bytes: Buffer, wal: Buffer | undefined, path: string): CatalogResult {
  // rpm and SQLite both take an empty file for an empty database.
  if (bytes.length === 0 && wal === undefined) return { facts: [] };
  const budget = pathBudget(path);
  const { installed, unusable, failure } = readInstalled(bytes, wal, budget);
  if (installed.length === 0) {
    if (failure !== undefined) throw toCatalogError(failure);
    if (unusable > 0) {
      throw new CatalogError('MALFORMED', 'The rpm database holds no package that can be read; rebuild it with rpmdb');
    }
  }
  const find = withFiles(indexProviders(installed), installed);
  const facts: (PackageFact | OwnershipFact)[] = [];
  for (const entry of installed) {
    const needs = entry.requires.map((name) => [name]);
    const dependsOn = resolveDependencies(needs, entry.name, find);
    facts.push({ kind: 'package', package: dependsOn.length > 0 ? { ...entry.package, dependsOn } : entry.package });
    if (entry.paths.length === 0) continue;
    const { arch } = entry.package;
    const { name, paths } = entry;
    facts.push({ kind: 'ownership', type: 'rpm', name, ...(arch !== undefined && { arch }), paths });
  }
  const problems = [
    ...unusableEntries(path, unusable, 'database'),
    ...damageProblems(path, failure),
    ...budget.problems(),
  ];
  return { facts, problems };
}

/** Packages also need files by path, which nobody lists as provided: they are looked up among the owned ones. */
function withFiles(find: FindProvider, installed: readonly Installed[]): FindProvider {
  const needed = new Set<string>();
  for (const { requires } of installed)
    for (const name of requires) if (name.startsWith('/')) needed.add(name.slice(1));
  const owners = new Map<string, string>();
  for (const { name, paths } of installed) {
    for (const path of paths) if (needed.has(path) && !owners.has(path)) owners.set(path, name);
  }
  return (name) => find(name) ?? (name.startsWith('/') ? owners.get(name.slice(1)) : undefined);
}

function damageProblems(path: string, failure: CodecError | undefined): readonly Problem[] {
  return failure === undefined
    ? []
    : [{ code: failure.code, subject: path, message: failure.message, incomplete: true }];
}

function toCatalogError(failure: CodecError): CatalogError {
  const code = failure.code === 'TRUNCATED' ? 'MALFORMED' : failure.code;
  return new CatalogError(code, failure.message, { cause: failure });
}
