import { type CompiledRepositories, compileRepositories, maskOf } from './compile-repositories.ts';
import { type Access, type Action, actions } from './access.ts';
import { RegistryAuthError } from './error.ts';
import type { Grant, RepositoryGrant } from './grant.ts';
import type { Identity, IdentityKind } from './identity.ts';
import { authLimits } from './limits.ts';

/** How far grants reach. */
interface Reach {
  readonly some: number;
  readonly all: number;
}

/** Grants that are ready to be asked, and what they answered lately. Made by {@link compileGrants}; opaque. */
export interface CompiledGrants {
  /** By subject, what is granted on some repository, and what on all of them, as bits. */
  readonly reach: ReadonlyMap<string, Reach>;
  /** By subject, as grants write it. */
  readonly bySubject: ReadonlyMap<string, readonly CompiledRepositories[]>;
  /** Subjects that may do everything to every repository. */
  readonly unlimited: ReadonlySet<string>;
  /** Which actions (bits in the order of `actions`) an identity has on a repository, the oldest answer first. */
  readonly answers: Map<string, number>;
  /** What the answers of an identity are kept under; its groups are part of it, so a new group is a new key. */
  readonly keys: WeakMap<Identity, string>;
  /** The grants that identities bring themselves. */
  readonly own: WeakMap<readonly RepositoryGrant[], readonly CompiledRepositories[]>;
}

const subjectKinds: ReadonlySet<string> = new Set<IdentityKind | 'group'>([
  'user',
  'robot',
  'workload',
  'certificate',
  'group',
]);

/**
 * Reads grants once, so that each request costs a look-up.
 *
 * @throws RegistryAuthError AUTH_SETTING_INVALID that names the grant, counted from 1
 */
export function compileGrants(grants: readonly Grant[]): CompiledGrants {
  if (grants.length > authLimits.grants) throw invalid(`there are more than ${authLimits.grants} of them`);
  const bySubject = new Map<string, CompiledRepositories[]>();
  const unlimited = new Set<string>();
  const reach = new Map<string, Reach>();
  grants.forEach((grant, index) => {
    const where = `grant ${index + 1}`;
    const compiled = compileRepositories(grant, where);
    if (grant.to.length === 0) throw invalid(`${where} names nobody`);
    for (const subject of new Set(grant.to.map((text) => checkSubject(text, where)))) {
      const list = bySubject.get(subject) ?? [];
      bySubject.set(subject, list);
      list.push(compiled);
      if (isUnlimited(grant)) unlimited.add(subject);
      const { some, all } = reach.get(subject) ?? { some: 0, all: 0 };
      const own = reachOf(grant);
      reach.set(subject, { some: some | own.some, all: all | own.all });
    }
  });
  return { reach, bySubject, unlimited, answers: new Map(), keys: new WeakMap(), own: new WeakMap() };
}

/** Whether an identity may do something to a repository: only what a grant says, and within what its token says. */
export function isAllowed(grants: CompiledGrants, identity: Identity, action: Action, repository: string): boolean {
  const bit = maskOf([action]);
  return (grantedMask(grants, identity, repository) & limitMask(identity, repository) & bit) !== 0;
}

/** All that an identity may do to a repository; nothing where its existence must stay hidden. */
export function allowedActions(grants: CompiledGrants, identity: Identity, repository: string): readonly Action[] {
  const mask = grantedMask(grants, identity, repository) & limitMask(identity, repository);
  return actions.filter((action) => (mask & maskOf([action])) !== 0);
}

/**
 * Whether an identity may ask for the catalog; what it then sees is decided by {@link isInCatalog} for each repository.
 * Strangers may where they may list something: else they are to log in, and nobody walks through all names for them.
 */
export function mayReadCatalog(grants: CompiledGrants, identity: Identity): boolean {
  if (!isForCatalog(identity)) return false;
  return identity.kind !== 'anonymous' || (reachFor(grants, identity).some & maskOf(['list'])) !== 0;
}

/** Whether an identity sees all repositories, those too that are not there yet. */
export function seesWholeCatalog(grants: CompiledGrants, identity: Identity): boolean {
  return isForCatalog(identity) && (reachFor(grants, identity).all & maskOf(['list'])) !== 0;
}

function isForCatalog({ limitedTo }: Identity): boolean {
  return limitedTo === undefined || limitedTo.some(({ type }) => type === 'registry');
}

function reachFor({ reach }: CompiledGrants, identity: Identity): Reach {
  const shared = subjectsOf(identity).flatMap((subject) => reach.get(subject) ?? []);
  return [...shared, ...(identity.grants ?? []).map(reachOf)].reduce(
    (sum, { some, all }) => ({ some: sum.some | some, all: sum.all | all }),
    { some: 0, all: 0 },
  );
}

function reachOf({ repositories, actions: granted }: RepositoryGrant): Reach {
  const some = maskOf(granted);
  return { some, all: repositories.includes('**') ? some : 0 };
}

/** Whether an identity sees a repository in the catalog. A token for the catalog names no repositories. */
export function isInCatalog(grants: CompiledGrants, identity: Identity, repository: string): boolean {
  if (!isForCatalog(identity)) return false;
  // Not remembered: a whole catalog would push out what requests ask again and again.
  return (
    ((decideShared(grants, identity, repository) | ownMask(grants, identity, repository)) & maskOf(['list'])) !== 0
  );
}

/**
 * Whether an identity may read what others did: who may do everything to every repository (one grant of `*` on `**`), unless a token
 * holds it to less than the catalog.
 */
export function mayReadAudit(grants: CompiledGrants, identity: Identity): boolean {
  if (!isForCatalog(identity)) return false;
  return (
    subjectsOf(identity).some((subject) => grants.unlimited.has(subject)) || (identity.grants ?? []).some(isUnlimited)
  );
}

function isUnlimited({ repositories, actions: some }: RepositoryGrant): boolean {
  return repositories.includes('**') && maskOf(some) === maskOf(actions);
}

/** Of what a token is asked for, what an identity may have; resources of which nothing is left are left out. */
export function grantAccess(grants: CompiledGrants, identity: Identity, asked: readonly Access[]): readonly Access[] {
  return asked.flatMap((access): Access[] => {
    if (access.type === 'registry') return mayReadCatalog(grants, identity) ? [access] : [];
    // Clients ask for `pull` to list tags too, so `pull` stands for both.
    const wanted: readonly Action[] = access.actions.includes('pull') ? [...access.actions, 'list'] : access.actions;
    const granted = allowedActions(grants, identity, access.name).filter((action) => wanted.includes(action));
    return granted.length === 0 ? [] : [{ ...access, actions: granted }];
  });
}

/** What a token leaves of all actions. `pull` covers `list`: no client asks for more when it lists tags. */
function limitMask({ limitedTo }: Identity, repository: string): number {
  if (limitedTo === undefined) return maskOf(actions);
  const access = limitedTo.find(({ type, name }) => type === 'repository' && name === repository);
  if (access?.type !== 'repository') return 0;
  return maskOf(access.actions.includes('pull') ? [...access.actions, 'list'] : access.actions);
}

function grantedMask(grants: CompiledGrants, identity: Identity, repository: string): number {
  // Longer names exist nowhere, and must not fill the memory of answers.
  if (repository.length > authLimits.repositoryLength) return 0;
  return sharedMask(grants, identity, repository) | ownMask(grants, identity, repository);
}

function sharedMask(grants: CompiledGrants, identity: Identity, repository: string): number {
  let prefix = grants.keys.get(identity);
  if (prefix === undefined) {
    prefix = JSON.stringify([identity.kind, identity.name, ...identity.groups]);
    grants.keys.set(identity, prefix);
  }
  const key = `${prefix}${repository}`;
  const known = grants.answers.get(key);
  if (known !== undefined) return known;
  const mask = decideShared(grants, identity, repository);
  const oldest = grants.answers.keys().next().value;
  if (grants.answers.size >= authLimits.cachedPermissions && oldest !== undefined) grants.answers.delete(oldest);
  grants.answers.set(key, mask);
  return mask;
}

function decideShared(grants: CompiledGrants, identity: Identity, repository: string): number {
  let mask = 0;
  for (const subject of subjectsOf(identity)) {
    for (const compiled of grants.bySubject.get(subject) ?? []) mask |= compiled(repository);
  }
  return mask;
}

function ownMask(grants: CompiledGrants, { grants: own }: Identity, repository: string): number {
  if (own === undefined) return 0;
  let compiled = grants.own.get(own);
  if (compiled === undefined) {
    compiled = own.map((grant) => compileRepositories(grant, 'a grant of its own'));
    grants.own.set(own, compiled);
  }
  return compiled.reduce((mask, match) => mask | match(repository), 0);
}

function subjectsOf({ kind, name, groups }: Identity): readonly string[] {
  if (kind === 'anonymous') return ['anonymous'];
  return ['anonymous', 'authenticated', `${kind}:${name}`, ...groups.map((group) => `group:${group}`)];
}

function checkSubject(text: string, where: string): string {
  if (text === 'anonymous' || text === 'authenticated') return text;
  const colon = text.indexOf(':');
  if (colon < 1 || colon === text.length - 1 || !subjectKinds.has(text.slice(0, colon))) {
    throw invalid(
      `${where} is to ${JSON.stringify(text.slice(0, 100))}, which is none of user:NAME, robot:NAME, workload:NAME, ` +
        'certificate:NAME, group:NAME, authenticated and anonymous',
    );
  }
  return text;
}

function invalid(why: string): RegistryAuthError {
  return new RegistryAuthError('AUTH_SETTING_INVALID', `The grants cannot be used: ${why}`);
}
