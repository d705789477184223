import { printable } from '../../../base/printable.ts';
import { RuleError } from '../error.ts';
import type { PatternSpec } from '../../../base/name-pattern.ts';
import type { ImmutableRule } from './model.ts';

/** A repository's setting as Amazon ECR's API tells it (PutImageTagMutability). */
export interface EcrTagMutability {
  readonly imageTagMutability: string;
  readonly imageTagMutabilityExclusionFilters?:
    | readonly { readonly filterType: string; readonly filter: string }[]
    | undefined;
}

const filterGrammar = /^[0-9a-zA-Z._*-]{1,128}$/;
const mostFilters = 5;

/**
 * Writes a repository's setting of Amazon ECR as a rule of this registry; undefined for one that lets all tags move.
 *
 * @throws RuleError POLICY_INVALID
 */
export function immutableRuleFromEcr(
  setting: EcrTagMutability,
  repositories: readonly PatternSpec[],
  name: string = 'ECR tag mutability',
): ImmutableRule | undefined {
  const filters = (setting.imageTagMutabilityExclusionFilters ?? []).map(({ filterType, filter }, index) => {
    const path = `$.imageTagMutabilityExclusionFilters[${index}]`;
    if (filterType !== 'WILDCARD') throw invalid(`${path}.filterType`, filterType, 'is no WILDCARD');
    if (!filterGrammar.test(filter)) throw invalid(`${path}.filter`, filter, `does not match ${filterGrammar.source}`);
    return { wildcard: filter };
  });
  const kind = setting.imageTagMutability;
  const excludes = kind === 'IMMUTABLE_WITH_EXCLUSION' || kind === 'MUTABLE_WITH_EXCLUSION';
  if (!excludes && kind !== 'IMMUTABLE' && kind !== 'MUTABLE') {
    throw invalid('$.imageTagMutability', kind, 'is none of the four settings');
  }
  if (excludes ? filters.length < 1 || filters.length > mostFilters : filters.length > 0) {
    const wanted = excludes ? `must have 1 to ${mostFilters}` : 'must have none';
    throw invalid(
      '$.imageTagMutabilityExclusionFilters',
      String(filters.length),
      `is their number, and ${kind} ${wanted}`,
    );
  }
  if (kind === 'MUTABLE') return undefined;
  if (kind === 'IMMUTABLE') return { name, repositories };
  return kind === 'IMMUTABLE_WITH_EXCLUSION'
    ? { name, repositories, except: filters }
    : { name, repositories, tags: filters };
}

function invalid(path: string, value: string, why: string): RuleError {
  return new RuleError(
    'POLICY_INVALID',
    `${path}: "${printable(value)}" ${why}; copy the setting as ECR's API gives it`,
  );
}
