import type { ConfigPath, Finding } from '../../../codec/yaml/mistake.ts';
import type { KyvernoRule } from '../../kyverno/document/policy/model.ts';
import type {
  LabelSelector,
  MatchBlock,
  ResourceDescription,
  ResourceFilter,
} from '../../kyverno/document/match/model.ts';
import { parseKindSelector, selectsKind } from '../../kyverno/match/kind-selector.ts';
import { matchesWildcard } from '../../kyverno/wildcard.ts';
import type { ClusterMatch } from '../../seaworthy/model.ts';
import { kindNames, kindOfName } from '../../seaworthy/workload-kinds.ts';

type Tell = (path: ConfigPath, sentence: string) => void;

/** Which objects a rule is about: one of these, or none where that could not be said. Each stands for a policy of its own. */
export interface WrittenMatch {
  readonly matches: readonly ClusterMatch[];
  readonly unsaid: readonly Finding[];
}

/**
 * Which objects a rule and what it is extended to are about, as matches of the form. What they go by besides kinds, namespaces, labels of
 * namespaces and operations is told.
 *
 * @param rules the rule itself, and what it is extended to; paths are of the rule itself
 * @param namespace of a `Policy`
 */
export function matchesOf(rules: readonly KyvernoRule[], namespace: string | undefined): WrittenMatch {
  const found = new Map<string, Finding>();
  const tell: Tell = (path, sentence) => void found.set(JSON.stringify(path), { path, sentence });
  const own = rules.flatMap((rule) => matchesOfRule(rule, namespace, tell));
  return { matches: joined(own), unsaid: [...found.values()] };
}

function matchesOfRule(
  { match, exclude }: KyvernoRule,
  namespace: string | undefined,
  tell: Tell,
): readonly ClusterMatch[] {
  const excluded = exclude === undefined ? [] : filtersOf(exclude, ['exclude'], tell);
  const exceptions = excluded.flatMap(({ filter, path }) => exceptionOf(filter, path, tell) ?? []);
  return filtersOf(match, ['match'], tell).flatMap(({ filter, path }) => {
    const included = matchOf(filter, path, namespace, tell);
    return included === undefined ? [] : exceptFor(included, exceptions, tell);
  });
}

interface PlacedFilter {
  readonly filter: ResourceFilter;
  readonly path: ConfigPath;
}

/** Filters, each of which is enough. */
function filtersOf({ any, all, ...own }: MatchBlock, path: ConfigPath, tell: Tell): readonly PlacedFilter[] {
  if (any !== undefined) return any.map((filter, at) => ({ filter, path: [...path, 'any', at] }));
  if (all === undefined) return [{ filter: own, path }];
  if (all.length > 1)
    tell([...path, 'all'], 'has several filters that must all hold, which one match cannot say; write one');
  return all.slice(0, 1).map((filter, at) => ({ filter, path: [...path, 'all', at] }));
}

/** What of a filter has no place in the form. */
function refuse({ resources = {}, roles, clusterRoles, subjects }: ResourceFilter, path: ConfigPath, tell: Tell): void {
  const users = { roles, clusterRoles, subjects };
  for (const [name, value] of Object.entries(users)) {
    if (value !== undefined) tell([...path, name], 'is about who asks, which an ImagePolicy does not go by');
  }
  const { name, names, annotations, selector } = resources;
  for (const [member, value] of Object.entries({ name, names })) {
    if (value !== undefined)
      tell([...path, 'resources', member], 'is about names of objects, which an ImagePolicy does not go by');
  }
  for (const [member, value] of Object.entries({ annotations, selector })) {
    if (value === undefined) continue;
    tell(
      [...path, 'resources', member],
      'is about what users write at their own objects, which an ImagePolicy does not go by',
    );
  }
}

function matchOf(
  filter: ResourceFilter,
  path: ConfigPath,
  namespace: string | undefined,
  tell: Tell,
): ClusterMatch | undefined {
  const { resources = {} } = filter;
  // A filter that says nothing is about nothing.
  if (Object.values(filter).every((each) => each === undefined) || Object.keys(resources).length === 0) {
    if (Object.values(filter).some((each) => each !== undefined)) refuse(filter, path, tell);
    return undefined;
  }
  refuse(filter, path, tell);
  const at = [...path, 'resources'];
  const { kinds, namespaces, namespaceSelector, operations } = resources;
  const named = namespacesOf(namespaces, [...at, 'namespaces'], tell);
  const within = namespace === undefined ? named : inNamespace(namespace, named);
  if (within?.length === 0) return undefined;
  const known = kinds === undefined ? kindNames : kindsOf(kinds, [...at, 'kinds'], tell);
  if (known.length === 0) return undefined;
  const done = operationsOf(operations);
  if (done?.length === 0) return undefined;
  const selector =
    namespaceSelector === undefined ? undefined : selectorOf(namespaceSelector, [...at, 'namespaceSelector'], tell);
  return {
    ...(within === undefined ? {} : { namespaces: within }),
    ...(selector === undefined ? {} : { namespaceSelector: selector }),
    ...(known.length === kindNames.length ? {} : { kinds: known }),
    ...(done === undefined ? {} : { operations: done }),
  };
}

function inNamespace(namespace: string, patterns: readonly string[] | undefined): readonly string[] {
  return patterns === undefined || patterns.some((each) => matchesWildcard(each, namespace)) ? [namespace] : [];
}

/** Verifications are never about what is deleted or connected to. */
function operationsOf(given: ResourceDescription['operations']): ClusterMatch['operations'] {
  if (given === undefined) return undefined;
  const done = (['CREATE', 'UPDATE'] as const).filter((each) => given.includes(each));
  return done.length === 2 ? undefined : done;
}

/** Patterns of namespaces: stars and question marks are read alike. */
function namespacesOf(
  given: readonly string[] | undefined,
  path: ConfigPath,
  tell: Tell,
): readonly string[] | undefined {
  if (given === undefined) return undefined;
  for (const [at, each] of given.entries()) {
    if (!/^[a-z0-9*?-]{1,253}$/.test(each))
      tell([...path, at], 'is no pattern of namespaces, so that no namespace is like it');
  }
  return given.some((each) => /^\*+$/.test(each)) ? undefined : given;
}

function kindsOf(given: readonly string[], path: ConfigPath, tell: Tell): readonly string[] {
  const found = new Set<string>();
  for (const [at, text] of given.entries()) {
    const selector = parseKindSelector(text);
    const own = kindNames.filter(
      (kind) => selector !== undefined && selectsKind(selector, { ...kindOfName(kind), subresource: '' }),
    );
    for (const kind of own) found.add(kind);
    if (own.length === 0) tell([...path, at], 'is no kind that runs images here, and an ImagePolicy finds none in it');
  }
  return kindNames.filter((kind) => found.has(kind));
}

function selectorOf(selector: LabelSelector, path: ConfigPath, tell: Tell): LabelSelector {
  const pairs = Object.entries(selector.matchLabels ?? {}).flat();
  if (pairs.some((text) => /[*?]/.test(text))) {
    tell([...path, 'matchLabels'], 'has patterns, where a selector of an ImagePolicy takes names and values alone');
  }
  return selector;
}

/** What is left out. */
interface Exception {
  readonly path: ConfigPath;
  /** Undefined for all of them. */
  readonly namespaces: readonly string[] | undefined;
  readonly kinds: readonly string[] | undefined;
}

function exceptionOf(filter: ResourceFilter, path: ConfigPath, tell: Tell): Exception | undefined {
  const { resources = {}, ...users } = filter;
  if (Object.keys(resources).length + Object.values(users).filter((each) => each !== undefined).length === 0)
    return undefined;
  refuse(filter, path, tell);
  const at = [...path, 'resources'];
  if (resources.namespaceSelector !== undefined) {
    tell(
      [...at, 'namespaceSelector'],
      'leaves namespaces out by labels; select the others, as in match, with operators NotIn and DoesNotExist',
    );
  }
  if (resources.operations !== undefined)
    tell([...at, 'operations'], 'leaves operations out; name the others in match');
  const { kinds, namespaces } = resources;
  const selectors = kinds?.map(parseKindSelector);
  return {
    path,
    namespaces: namespacesOf(namespaces, [...at, 'namespaces'], tell),
    kinds:
      selectors === undefined
        ? undefined
        : kindNames.filter((kind) =>
            selectors.some((each) => each !== undefined && selectsKind(each, { ...kindOfName(kind), subresource: '' })),
          ),
  };
}

/** A match without what is left out: namespaces of it, or kinds of it, or both of some, which is said by several matches. */
function exceptFor(match: ClusterMatch, exceptions: readonly Exception[], tell: Tell): readonly ClusterMatch[] {
  let kept: readonly ClusterMatch[] = [match];
  for (const { namespaces, kinds, path } of exceptions) {
    kept = kept.flatMap((each) => {
      const own = each.kinds ?? kindNames;
      const touched = kinds === undefined ? own : own.filter((kind) => kinds.includes(kind));
      if (touched.length === 0) return [each];
      const others = own.filter((kind) => !touched.includes(kind));
      const rest = others.length === 0 ? [] : [{ ...each, kinds: others }];
      if (namespaces === undefined) return rest;
      const { kinds: _kinds, ...bare } = each;
      const outside: ClusterMatch = {
        ...bare,
        ...(touched.length === kindNames.length ? {} : { kinds: touched }),
        exceptNamespaces: [...new Set([...(each.exceptNamespaces ?? []), ...namespaces])],
      };
      return [...rest, outside];
    });
    if (kept.length > 20) tell(path, 'leaves so much out, in so many ways, that it would take more than 20 policies');
  }
  return kept;
}

/** Matches that differ in kinds alone are one. */
function joined(matches: readonly ClusterMatch[]): readonly ClusterMatch[] {
  const byRest = new Map<string, ClusterMatch>();
  for (const match of matches) {
    const { kinds, ...rest } = match;
    const key = JSON.stringify(rest);
    const before = byRest.get(key);
    const all = new Set([...(kinds ?? kindNames), ...(before === undefined ? [] : (before.kinds ?? kindNames))]);
    const listed = kindNames.filter((kind) => all.has(kind));
    byRest.set(key, listed.length === kindNames.length ? rest : { ...rest, kinds: listed });
  }
  return [...byRest.values()];
}
