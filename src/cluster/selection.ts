import { compileGlob } from '../base/glob.ts';
import { printable } from '../base/printable.ts';
import { ClusterError } from './error.ts';
import { allKinds, isOfWorkloads, type ListedKind } from './kinds.ts';
import { clusterLimits as limits } from './limits.ts';

/** What of a cluster is wanted, as it is asked for. Of each pair at most one says something. */
export interface SelectionRequest {
  /** Names; `*` and `?` stand for any characters. Capitals are as small letters. */
  readonly includeNamespaces?: readonly string[];
  readonly excludeNamespaces?: readonly string[];
  /** `Deployment`, `deployments`, `deploy`, `rollouts.argoproj.io`: capitals are as small letters. */
  readonly includeKinds?: readonly string[];
  readonly excludeKinds?: readonly string[];
  /** Leaves workloads out that somebody else controls. */
  readonly excludeOwned?: boolean;
}

/** What of a cluster is wanted. */
export interface Selection {
  /** The only namespaces that are wanted, where all of them are named whole. */
  readonly named: readonly string[] | undefined;
  /** Whether some of the only namespaces that are wanted are patterns. */
  readonly hasPatterns: boolean;
  readonly hasNamespace: (name: string) => boolean;
  /** Whether workloads of a kind are wanted, or objects of it, if they are counted. */
  readonly hasKind: (kind: Pick<ListedKind, 'group' | 'kind'>) => boolean;
  /** Kinds that are to be listed: also such as are not wanted themselves, and say what others are. */
  readonly kinds: readonly ListedKind[];
  /** Words for kinds that are wanted and not known here: custom resources, or mistyped. */
  readonly unknownKinds: readonly string[];
  readonly excludeOwned: boolean;
}

/**
 * Compiles what is wanted.
 *
 * @throws ClusterError SELECTION_INVALID
 */
export function compileSelection(request: SelectionRequest = {}): Selection {
  const { includeNamespaces = [], excludeNamespaces = [], includeKinds = [], excludeKinds = [] } = request;
  checkPair('namespaces', includeNamespaces, excludeNamespaces);
  checkPair('kinds', includeKinds, excludeKinds);
  const included = includeNamespaces.map(namespaceTest);
  const excluded = excludeNamespaces.map(namespaceTest);
  const hasPatterns = includeNamespaces.some(isPattern);
  const hasKind = (kind: Pick<ListedKind, 'group' | 'kind'>): boolean =>
    includeKinds.length > 0
      ? includeKinds.some((word) => meansKind(word, kind))
      : !excludeKinds.some((word) => meansKind(word, kind));
  return {
    named:
      includeNamespaces.length === 0 || hasPatterns
        ? undefined
        : [...new Set(includeNamespaces.map((name) => name.toLowerCase()))],
    hasPatterns,
    hasNamespace: (name) => (included.length > 0 ? included.some((is) => is(name)) : !excluded.some((is) => is(name))),
    hasKind,
    kinds: kindsFor(includeKinds, hasKind),
    unknownKinds: unknownKinds(includeKinds),
    excludeOwned: request.excludeOwned === true,
  };
}

/** Words for kinds that stand for none that is known here; they may stand for custom resources. */
export function unknownKinds(words: readonly string[]): readonly string[] {
  return words.filter((word) => !allKinds.some((kind) => meansKind(word, kind)));
}

/** What runs is known by all kinds together, so that they are listed all, or none of them where none is wanted. */
function kindsFor(include: readonly string[], hasKind: Selection['hasKind']): readonly ListedKind[] {
  const asked = include.length > 0;
  const isCustom = unknownKinds(include).length > 0;
  const wantsWorkloads = !asked || isCustom || allKinds.some((kind) => isOfWorkloads(kind) && hasKind(kind));
  return allKinds.filter((kind) => {
    if (isOfWorkloads(kind)) return wantsWorkloads;
    if (kind.use === 'counted') return asked && hasKind(kind);
    return asked ? wantsWorkloads || hasKind(kind) : hasKind(kind);
  });
}

/** Whether a word stands for a kind, as kubectl takes it: its name, its plural, what it is for short, or the former with its group. */
export function meansKind(word: string, { group, kind }: Pick<ListedKind, 'group' | 'kind'>): boolean {
  const text = word.toLowerCase();
  const known = allKinds.find((each) => each.kind === kind && each.group === group);
  const singular = kind.toLowerCase();
  const names = known === undefined ? [singular, ...pluralsOf(singular)] : [singular, known.resource, ...known.short];
  return names.some((name) => text === name || (group !== '' && text === `${name}.${group}`));
}

/** The plurals that a custom resource most likely has: its definition says which, and owners are not named by it. */
function pluralsOf(singular: string): readonly string[] {
  const all = [`${singular}s`, `${singular}es`];
  return singular.endsWith('y') ? [...all, `${singular.slice(0, -1)}ies`] : all;
}

function isPattern(text: string): boolean {
  return /[*?]/.test(text);
}

function namespaceTest(text: string): (name: string) => boolean {
  const wanted = text.toLowerCase();
  if (!/^[a-z0-9*?-]{1,63}$/.test(wanted)) {
    throw invalid(`"${printable(text)}" is no name of a namespace; write small letters, digits, dashes, and * for any`);
  }
  if (!isPattern(wanted)) return (name) => name === wanted;
  const glob = compileGlob(wanted);
  return (name) => glob.matches(name);
}

function checkPair(what: string, include: readonly string[], exclude: readonly string[]): void {
  if (include.length > 0 && exclude.length > 0) {
    throw invalid(`${what} are both included and excluded; use one of --include-${what} and --exclude-${what}`);
  }
  if (include.length + exclude.length > limits.selected) {
    throw invalid(`there are more than ${limits.selected} ${what}; use * for several, or list them all`);
  }
  if ([...include, ...exclude].includes('')) throw invalid(`a name of ${what} is empty; leave it out`);
}

function invalid(why: string): ClusterError {
  return new ClusterError('SELECTION_INVALID', `What to list cannot be told: ${why}`);
}
