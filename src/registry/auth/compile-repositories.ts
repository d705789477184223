import { isSeaworthyError } from '../../base/error.ts';
import { compileGlob } from '../../base/glob.ts';
import { type Action, actions } from './access.ts';
import { RegistryAuthError } from './error.ts';
import type { RepositoryGrant } from './grant.ts';

/** The actions that a grant gives on a repository, as bits in the order of `actions`; 0 for none. */
export type CompiledRepositories = (repository: string) => number;

/** Actions as bits. */
export function maskOf(some: readonly (Action | '*')[]): number {
  return actions.reduce(
    (mask, action, at) => (some.includes(action) || some.includes('*') ? mask | (1 << at) : mask),
    0,
  );
}

/**
 * Compiles the patterns of one grant.
 *
 * @throws RegistryAuthError AUTH_SETTING_INVALID with `where` in its message
 */
export function compileRepositories(grant: RepositoryGrant, where: string): CompiledRepositories {
  const unknown = grant.actions.find((action) => action !== '*' && !actions.includes(action));
  if (unknown !== undefined || grant.actions.length === 0) {
    throw invalid(where, `its actions are to be some of ${actions.join(', ')} or *`);
  }
  if (grant.repositories.length === 0) throw invalid(where, 'it names no repositories; write "**" for all');
  const tests = grant.repositories.map((pattern) => compilePattern(pattern, where));
  const mask = maskOf(grant.actions);
  return (repository) => (tests.some((test) => test(repository)) ? mask : 0);
}

function compilePattern(pattern: string, where: string): (repository: string) => boolean {
  // Such a pattern would match nothing, and whoever wrote it believes that it does.
  if (pattern === '' || pattern.startsWith('/') || pattern.endsWith('/') || /[A-Z\s]/.test(pattern)) {
    throw invalid(
      where,
      `${JSON.stringify(pattern.slice(0, 100))} matches no repository: names have small letters, no blanks, and no "/" at either end`,
    );
  }
  try {
    const glob = compileGlob(pattern);
    return simpleTest(pattern) ?? ((repository) => glob.matches(repository));
  } catch (cause) {
    throw invalid(where, isSeaworthyError(cause) ? cause.message : 'a pattern cannot be read', cause);
  }
}

/** The patterns that nearly everybody writes, for catalogs of many names; each means what the glob means. */
function simpleTest(pattern: string): ((repository: string) => boolean) | undefined {
  if (pattern === '**') return () => true;
  const [, prefix, star] = /^([^*?[\]{}\\]*?)(\/\*{1,2})?$/.exec(pattern) ?? [];
  if (prefix === undefined) return undefined;
  if (star === undefined) return (repository) => repository === prefix;
  const start = `${prefix}/`;
  if (star === '/*') return (repository) => repository.startsWith(start) && !repository.includes('/', start.length);
  return (repository) => repository === prefix || repository.startsWith(start);
}

function invalid(where: string, why: string, cause?: unknown): RegistryAuthError {
  return new RegistryAuthError(
    'AUTH_SETTING_INVALID',
    `The grants cannot be used: ${where}: ${why}`,
    cause === undefined ? {} : { cause },
  );
}
