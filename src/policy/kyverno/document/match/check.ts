import type { Finding } from '../../../../codec/yaml/mistake.ts';
import type { KyvernoPolicy, KyvernoRule } from '../policy/model.ts';
import type { MatchBlock, ResourceFilter } from './model.ts';

type Path = readonly (string | number)[];

/** Finds what the blocks of a rule cannot be together. */
export function checkMatch(
  { kind, spec: { background } }: KyvernoPolicy,
  rule: KyvernoRule,
  path: Path,
): readonly Finding[] {
  const found: Finding[] = [];
  for (const name of ['match', 'exclude'] as const) {
    const block = rule[name];
    if (block === undefined) continue;
    found.push(...checkMatchBlock(block, [...path, name], kind, background));
  }
  return found;
}

/** The same for one block. @param background whether it is to be about what is there already */
export function checkMatchBlock(
  block: MatchBlock,
  path: Path,
  kind: KyvernoPolicy['kind'],
  background: boolean | undefined,
): readonly Finding[] {
  const found: Finding[] = [];
  const forms = [block.any !== undefined, block.all !== undefined, isOldForm(block)].filter(Boolean).length;
  if (forms > 1) found.push({ path, sentence: 'takes any or all, and nothing beside it' });
  if (forms === 0 && path.at(-1) === 'match') found.push({ path, sentence: 'is about nothing; write any or all' });
  for (const [filter, at] of filtersOf(block)) {
    found.push(...checkFilter(filter, [...path, ...at], kind, background));
  }
  return found;
}

function checkFilter(
  filter: ResourceFilter,
  path: Path,
  kind: KyvernoPolicy['kind'],
  background: boolean | undefined,
): readonly Finding[] {
  const found: Finding[] = [];
  if (kind === 'Policy' && filter.resources?.namespaces !== undefined) {
    const sentence = 'cannot be in a Policy, which is about its own namespace; make it a ClusterPolicy';
    found.push({ path: [...path, 'resources', 'namespaces'], sentence });
  }
  for (const user of ['roles', 'clusterRoles', 'subjects'] as const) {
    if (filter[user] === undefined || background === false) continue;
    found.push({ path: [...path, user], sentence: 'needs spec.background: false: nobody sends what is there already' });
  }
  return found;
}

function isOldForm({ resources, roles, clusterRoles, subjects }: MatchBlock): boolean {
  return resources !== undefined || roles !== undefined || clusterRoles !== undefined || subjects !== undefined;
}

/** All filters of a block, and where they stand in it. */
function filtersOf(block: MatchBlock): readonly (readonly [ResourceFilter, Path])[] {
  const { any = [], all = [], ...own } = block;
  return [
    ...(isOldForm(block) ? ([[own, []]] as const) : []),
    ...any.map((each, at) => [each, ['any', at]] as const),
    ...all.map((each, at) => [each, ['all', at]] as const),
  ];
}
