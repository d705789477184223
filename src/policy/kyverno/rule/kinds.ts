import { parseKindSelector } from '../match/kind-selector.ts';
import type { MatchBlock } from '../document/match/model.ts';
import { filtersOf } from './looked-up.ts';

/**
 * Kinds that a block may be about, as `ResourceRule.kinds` has them, each once. A kind without a group is one of any group, so that a rule
 * about `Job` is asked about every kind of that name that a cluster has (Kyverno, `ParseKindSelector`).
 */
export function kindsOf(match: MatchBlock): readonly string[] {
  const filters = filtersOf(match).filter((each) => Object.values(each).some((member) => member !== undefined));
  const found = new Set<string>();
  for (const { resources } of filters) {
    if (resources?.kinds === undefined || resources.kinds.length === 0) {
      // One of `all` that names kinds is enough.
      if (match.all === undefined) found.add('*/*/*');
      continue;
    }
    for (const text of resources.kinds) {
      const selector = parseKindSelector(text);
      if (selector === undefined) continue;
      const { group, version, kind, subresource } = selector;
      const own = `${group}/${version}/${kind}`;
      found.add(subresource === '' ? own : `${own}/${subresource}`);
      if (kind === 'Pod' && subresource === '') found.add(`${own}/ephemeralcontainers`);
    }
  }
  return found.size === 0 && filters.length > 0 ? ['*/*/*'] : [...found].sort();
}
