import type { ConfigPath, Finding } from '../../../codec/yaml/mistake.ts';
import type { ImageExtractor, KyvernoRule } from '../../kyverno/document/policy/model.ts';
import type {
  LabelSelector,
  MatchBlock,
  ResourceDescription,
  ResourceFilter,
} from '../../kyverno/document/match/model.ts';
import { parseKindSelector, selectsKind } from '../../kyverno/match/kind-selector.ts';
import { matchesWildcard } from '../../kyverno/wildcard.ts';
import type { ClusterMatch, ImageResource } from '../../seaworthy/model.ts';
import type { ObjectFilter } from '../../resource/object-filter/model.ts';
import { workloadsOf } from '../../seaworthy/object-images.ts';
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

function matchesOfRule(rule: KyvernoRule, namespace: string | undefined, tell: Tell): readonly ClusterMatch[] {
  const { match, exclude, imageExtractors = {} } = rule;
  const context: MatchContext = { namespace, imageExtractors, possible: possibleOf(rule) };
  const excluded = exclude === undefined ? [] : filtersOf(exclude, ['exclude'], tell);
  const exceptions = excluded.flatMap(({ filter, path }) => exceptionOf(filter, path, tell) ?? []);
  return filtersOf(match, ['match'], tell).flatMap(({ filter, path }) => {
    const included = matchOf(filter, path, context, tell);
    return included === undefined ? [] : exceptFor(included, exceptions, tell);
  });
}

/** A filter, and where it stands. */
export interface PlacedFilter {
  readonly filter: ResourceFilter;
  readonly path: ConfigPath;
}

/** Filters, each of which is enough. */
export function filtersOf({ any, all, ...own }: MatchBlock, path: ConfigPath, tell: Tell): readonly PlacedFilter[] {
  if (any !== undefined) return any.map((filter, at) => ({ filter, path: [...path, 'any', at] }));
  if (all === undefined) return [{ filter: own, path }];
  if (all.length > 1)
    tell([...path, 'all'], 'has several filters that must all hold, which one match cannot say; write one');
  return all.slice(0, 1).map((filter, at) => ({ filter, path: [...path, 'all', at] }));
}

/** What of a filter has no place in the form. @param isNamed whether names of objects have one */
function refuse(
  { resources = {}, roles, clusterRoles, subjects }: ResourceFilter,
  path: ConfigPath,
  tell: Tell,
  isNamed = false,
): void {
  const users = { roles, clusterRoles, subjects };
  for (const [name, value] of Object.entries(users)) {
    if (value !== undefined) tell([...path, name], 'is about who asks, which an ImagePolicy does not go by');
  }
  const { name, names, annotations, selector } = resources;
  for (const [member, value] of Object.entries({ name, names })) {
    if (value !== undefined && !isNamed)
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

/** What a rule says besides its filters. */
interface MatchContext {
  /** Of a `Policy`. */
  readonly namespace: string | undefined;
  readonly imageExtractors: Readonly<Record<string, readonly ImageExtractor[]>>;
  readonly possible: NonNullable<ClusterMatch['operations']>;
}

function matchOf(
  filter: ResourceFilter,
  path: ConfigPath,
  { namespace, imageExtractors, possible }: MatchContext,
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
  const custom = resourcesOf(kinds, imageExtractors);
  // Where a kind has extractors, they alone say where its images are.
  const known = (
    kinds === undefined ? kindNames : kindsOf(kinds, Object.keys(imageExtractors), [...at, 'kinds'], tell)
  ).filter((kind) => !Object.hasOwn(imageExtractors, kind));
  if (known.length + custom.length === 0) return undefined;
  const done = operationsOf(operations, possible);
  if (done?.length === 0) return undefined;
  const selector =
    namespaceSelector === undefined ? undefined : selectorOf(namespaceSelector, [...at, 'namespaceSelector'], tell);
  return {
    ...(within === undefined ? {} : { namespaces: within }),
    ...(selector === undefined ? {} : { namespaceSelector: selector }),
    ...kindsIn(known, custom),
    ...(done === undefined ? {} : { operations: done }),
  };
}

/** Kinds of a match: all that run pods need not be named, but where there are others beside them. */
function kindsIn(
  kinds: readonly string[],
  resources: readonly ImageResource[],
): Pick<ClusterMatch, 'kinds' | 'resources'> {
  if (resources.length === 0) return kinds.length === kindNames.length ? {} : { kinds };
  return { ...(kinds.length === 0 ? {} : { kinds }), resources };
}

/** Kinds that have extractors, as the filter names them. */
function resourcesOf(
  kinds: readonly string[] = ['*'],
  extractors: MatchContext['imageExtractors'],
): readonly ImageResource[] {
  const found = new Map<string, ImageResource>();
  for (const text of kinds) {
    const selector = parseKindSelector(text);
    if (selector === undefined) continue;
    const { group, version, subresource } = selector;
    for (const [kind, images] of Object.entries(extractors)) {
      if (!matchesWildcard(selector.kind, kind)) continue;
      found.set(`${group}/${version}/${kind}/${subresource}`, {
        kind,
        ...(group === '*' ? {} : { group }),
        ...(version === '*' ? {} : { version }),
        ...(subresource === '' ? {} : { subresource }),
        images,
      });
    }
  }
  return [...found.values()];
}

function inNamespace(namespace: string, patterns: readonly string[] | undefined): readonly string[] {
  return patterns === undefined || patterns.some((each) => matchesWildcard(each, namespace)) ? [namespace] : [];
}

/** @param possible what the rule can be about; objects with images are connected to as others, of which no rule here is told */
function operationsOf(
  given: ResourceDescription['operations'] = [],
  possible: NonNullable<ClusterMatch['operations']>,
): ClusterMatch['operations'] {
  const done = given.length === 0 ? possible : possible.filter((each) => given.includes(each));
  return done.length === 2 && !done.includes('DELETE') ? undefined : done;
}

/** Nothing runs because of what is deleted, and a pattern is for an object that is to be there. */
function possibleOf({ verifyImages, validate }: KyvernoRule): NonNullable<ClusterMatch['operations']> {
  const isOfNew = (verifyImages ?? validate?.pattern ?? validate?.anyPattern) !== undefined;
  return isOfNew ? ['CREATE', 'UPDATE'] : ['CREATE', 'UPDATE', 'DELETE'];
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

function kindsOf(given: readonly string[], custom: readonly string[], path: ConfigPath, tell: Tell): readonly string[] {
  const found = new Set<string>();
  for (const [at, text] of given.entries()) {
    const selector = parseKindSelector(text);
    const own = kindNames.filter(
      (kind) => selector !== undefined && selectsKind(selector, { ...kindOfName(kind), subresource: '' }),
    );
    for (const kind of own) found.add(kind);
    const isCustom = selector !== undefined && custom.some((kind) => matchesWildcard(selector.kind, kind));
    if (own.length === 0 && !isCustom)
      tell([...path, at], 'is no kind that runs images here, and an ImagePolicy finds none in it');
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
export interface Exception {
  readonly path: ConfigPath;
  readonly kinds: readonly string[] | undefined;
  /** What is said besides kinds. */
  readonly filter: ObjectFilter;
}

/** What a filter leaves out; undefined where it says nothing. */
export function exceptionOf(
  filter: ResourceFilter,
  path: ConfigPath,
  tell: Tell,
  isNamed = false,
): Exception | undefined {
  const { resources = {}, ...users } = filter;
  if (Object.keys(resources).length + Object.values(users).filter((each) => each !== undefined).length === 0)
    return undefined;
  refuse(filter, path, tell, isNamed);
  const at = [...path, 'resources'];
  const { kinds, namespaces, namespaceSelector, operations } = resources;
  const within = namespacesOf(namespaces, [...at, 'namespaces'], tell);
  const done = (['CREATE', 'UPDATE', 'DELETE'] as const).filter((each) => operations?.includes(each));
  return {
    path,
    kinds,
    filter: {
      ...(within === undefined ? {} : { namespaces: within }),
      ...(namespaceSelector === undefined
        ? {}
        : { namespaceSelector: selectorOf(namespaceSelector, [...at, 'namespaceSelector'], tell) }),
      ...(operations === undefined || operations.length === 0 ? {} : { operations: done }),
    },
  };
}

/** A match without what is left out: kinds of it, namespaces, or what several things must hold of. */
function exceptFor(match: ClusterMatch, exceptions: readonly Exception[], tell: Tell): readonly ClusterMatch[] {
  let kept: ClusterMatch | undefined = match;
  for (const { kinds, filter, path } of exceptions) {
    if (kept === undefined) break;
    const { workloads, resources } = touchedBy(kinds, kept, path, tell);
    if (workloads.length + resources.length === 0) continue;
    kept = without(kept, workloads, resources, filter);
  }
  return kept === undefined ? [] : [kept];
}

function without(
  match: ClusterMatch,
  workloads: readonly string[],
  resources: readonly ImageResource[],
  filter: ObjectFilter,
): ClusterMatch | undefined {
  const { kinds: _kinds, resources: custom = [], ...rest } = match;
  const own = workloadsOf(match);
  if (Object.keys(filter).length === 0) {
    const left = own.filter((kind) => !workloads.includes(kind));
    const others = custom.filter((each) => !resources.includes(each));
    return left.length + others.length === 0 ? undefined : { ...rest, ...kindsIn(left, others) };
  }
  const isAll = workloads.length === own.length && resources.length === custom.length;
  const { namespaces, ...more } = filter;
  if (isAll && namespaces !== undefined && Object.keys(more).length === 0) {
    return { ...match, exceptNamespaces: [...new Set([...(match.exceptNamespaces ?? []), ...namespaces])] };
  }
  const names = [...new Set([...workloads, ...resources.map(({ kind }) => kind)])];
  return { ...match, except: [...(match.except ?? []), { ...(isAll ? {} : { kinds: names }), ...filter }] };
}

/** The kinds of a match that an exception names. */
function touchedBy(
  kinds: readonly string[] | undefined,
  match: ClusterMatch,
  path: ConfigPath,
  tell: Tell,
): { readonly workloads: readonly string[]; readonly resources: readonly ImageResource[] } {
  const [own, custom] = [workloadsOf(match), match.resources ?? []];
  if (kinds === undefined || kinds.length === 0) return { workloads: own, resources: custom };
  const selectors = kinds.flatMap((text) => parseKindSelector(text) ?? []);
  const isTouched = ({ kind, group = '*', version = '*', subresource = '' }: ImageResource): boolean =>
    selectors.some((each) => {
      if (!matchesWildcard(each.kind, kind) || (each.subresource !== '*' && each.subresource !== subresource))
        return false;
      const isSame = (of: string, is: string): boolean => of === '*' || of === is;
      if (isSame(each.group, group) && isSame(each.version, version)) return true;
      tell(
        [...path, 'resources', 'kinds'],
        'leaves out some groups or versions of a kind; name those that are meant in match',
      );
      return false;
    });
  return {
    workloads: own.filter((kind) =>
      selectors.some((each) => selectsKind(each, { ...kindOfName(kind), subresource: '' })),
    ),
    resources: custom.filter(isTouched),
  };
}

/** Matches that differ in kinds alone are one. */
function joined(matches: readonly ClusterMatch[]): readonly ClusterMatch[] {
  const byRest = new Map<string, ClusterMatch>();
  for (const match of matches) {
    const { kinds: _kinds, resources = [], ...rest } = match;
    const key = JSON.stringify(rest);
    const before = byRest.get(key);
    const all = new Set([...workloadsOf(match), ...(before === undefined ? [] : workloadsOf(before))]);
    const custom = new Map([...(before?.resources ?? []), ...resources].map((each) => [JSON.stringify(each), each]));
    const listed = kindNames.filter((kind) => all.has(kind));
    byRest.set(key, { ...rest, ...kindsIn(listed, [...custom.values()]) });
  }
  return [...byRest.values()];
}

/** The kinds that a match is about, by their names alone. */
export function kindsOfMatch(match: ClusterMatch): readonly string[] {
  return [...workloadsOf(match), ...(match.resources ?? []).map(({ kind }) => kind)];
}
