import { RegistryAuthError } from './error.ts';
import { authLimits } from './limits.ts';

/** What may be done. `list` is reading the list of tags, and being seen in the catalog. */
export type Action = 'pull' | 'push' | 'delete' | 'list';

/** All actions, in the order in which they are written. */
export const actions: readonly Action[] = ['pull', 'push', 'delete', 'list'];

/** Rights on one repository, or on the catalog of all of them, as tokens carry them. */
export type Access =
  | { readonly type: 'repository'; readonly name: string; readonly actions: readonly Action[] }
  /** The catalog; its only action is written `*` on the wire. */
  | { readonly type: 'registry'; readonly name: 'catalog'; readonly actions: readonly ['list'] };

const componentPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const hostPattern = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?$/;

/**
 * Whether a text may name a repository in a scope: the grammar of the distribution specification, whose first component
 * may also be a host with a port, since mirrors name what they hold so (distribution, spec/auth/scope.md).
 */
export function isRepositoryName(name: string): boolean {
  if (name === '' || name.length > authLimits.repositoryLength) return false;
  const [first = '', ...rest] = name.split('/');
  if (!rest.every((component) => componentPattern.test(component))) return false;
  return componentPattern.test(first) || (rest.length > 0 && hostPattern.test(first));
}

/**
 * Reads the scopes of a request (distribution, spec/auth/scope.md): `type[(class)]:name:action,action`, separated by
 * blanks. A name may hold `host:port/`, so what counts is the first and the last colon. What is malformed, types and
 * actions that are unknown, and names that no repository can have are left out, as registries do: a client that asks for
 * more than there is gets what there is. Actions asked twice are one. The class, of which only `plugin` was ever used, is
 * passed over.
 *
 * @throws RegistryAuthError SCOPE_INVALID for what passes a limit
 */
export function parseScopes(scopes: readonly string[]): readonly Access[] {
  if (scopes.reduce((sum, scope) => sum + scope.length + 1, 0) > authLimits.scopeLength + 1) {
    throw tooMuch(`are longer than ${authLimits.scopeLength} characters together`);
  }
  const parts = scopes.flatMap((scope) => scope.split(' '));
  return unite(parts.map(parseScope).filter((access) => access !== undefined));
}

function parseScope(scope: string): Access | undefined {
  const first = scope.indexOf(':');
  const last = scope.lastIndexOf(':');
  const [, type] = /^([a-z0-9]+)(?:\([a-z0-9]+\))?$/.exec(scope.slice(0, Math.max(0, first))) ?? [];
  if (type === undefined || last === first) return undefined;
  return readAccess(type, scope.slice(first + 1, last), scope.slice(last + 1).split(','));
}

/**
 * What the three parts of a scope, or of an entry in a token's `access` claim, mean here; undefined when that is nothing.
 */
export function readAccess(type: string, name: string, asked: readonly string[]): Access | undefined {
  if (type === 'registry') {
    return name === 'catalog' && asked.includes('*') ? { type, name, actions: ['list'] } : undefined;
  }
  if (type !== 'repository' || !isRepositoryName(name)) return undefined;
  const known = actions.filter((action) => asked.includes(action) || asked.includes('*'));
  return known.length === 0 ? undefined : { type, name, actions: known };
}

/**
 * One access for each resource, in the order in which they came first.
 *
 * @throws RegistryAuthError SCOPE_INVALID for more resources than one token may name
 */
export function unite(accesses: readonly Access[]): readonly Access[] {
  const united = new Map<string, Access>();
  for (const access of accesses) {
    const key = `${access.type}:${access.name}`;
    const known = united.get(key);
    if (known?.type === 'repository' && access.type === 'repository') {
      const all = actions.filter((action) => known.actions.includes(action) || access.actions.includes(action));
      united.set(key, { ...known, actions: all });
    } else united.set(key, access);
  }
  if (united.size > authLimits.accesses) throw tooMuch(`name more than ${authLimits.accesses} resources`);
  return [...united.values()];
}

/** An access as a scope: `repository:team/app:pull,push`, `registry:catalog:*`. */
export function formatAccess(access: Access): string {
  return `${access.type}:${access.name}:${wireActions(access).join(',')}`;
}

/** The actions as scopes and tokens write them. */
export function wireActions(access: Access): readonly string[] {
  return access.type === 'registry' ? ['*'] : access.actions;
}

function tooMuch(why: string): RegistryAuthError {
  return new RegistryAuthError('SCOPE_INVALID', `The scopes ${why}; ask for less at once`);
}
