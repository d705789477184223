import type { RuleError } from '../../../error.ts';
import { policyError } from '../read-policy.ts';
import type { EcrPolicy, EcrRule } from './schema.ts';

/** Most wildcards in one pattern (user guide, "Tag pattern list"). */
const mostWildcards = 4;

/**
 * Checks what ECR checks beyond the form of a policy, and refuses what this registry has no way to do: there is one
 * storage class.
 *
 * @param onUnsupported is told of a rule that is right there and cannot be had here, by its place in the list; throws unless it is given
 * @throws RuleError POLICY_INVALID, RULE_UNSUPPORTED
 */
export function checkEcrPolicy({ rules }: EcrPolicy, onUnsupported?: (index: number, error: RuleError) => void): void {
  const seen = new Map<string, string>();
  for (const [index, rule] of rules.entries()) {
    const path = `$.rules[${index}]`;
    checkSupported(rule, path, (error) => {
      if (onUnsupported === undefined) throw error;
      onUnsupported(index, error);
    });
    checkSelection(rule, path);
    for (const [key, where] of uniqueKeys(rule)) {
      const first = seen.get(key);
      if (first !== undefined)
        throw policyError('POLICY_INVALID', `${path}${where}`, `is also that of ${first}; ECR takes each once`);
      seen.set(key, path);
    }
  }
  const last = Math.max(...rules.map(({ rulePriority }) => rulePriority));
  for (const [index, { selection, rulePriority }] of rules.entries()) {
    if (selection.tagStatus !== 'any' || rulePriority === last) continue;
    const why = `is lower than ${last}; the rule for any image must have the highest number`;
    throw policyError('POLICY_INVALID', `$.rules[${index}].rulePriority`, why);
  }
}

function checkSupported({ action, selection }: EcrRule, path: string, refuse: (error: RuleError) => void): void {
  const advice = 'this registry has one storage class; use the action expire, or leave the rule out';
  if (action.type === 'transition')
    return refuse(policyError('RULE_UNSUPPORTED', `${path}.action.type`, `is transition; ${advice}`));
  if (action.targetStorageClass !== undefined) {
    throw policyError('POLICY_INVALID', `${path}.action.targetStorageClass`, 'does not go with the action expire');
  }
  if (selection.storageClass === 'archive') {
    return refuse(policyError('RULE_UNSUPPORTED', `${path}.selection.storageClass`, `is archive; ${advice}`));
  }
  if (selection.countType === 'sinceImageTransitioned') {
    refuse(policyError('RULE_UNSUPPORTED', `${path}.selection.countType`, `is sinceImageTransitioned; ${advice}`));
  }
}

function checkSelection({ selection }: EcrRule, path: string): void {
  const { tagStatus, tagPatternList, tagPrefixList, countType, countUnit } = selection;
  const lists = Number(tagPatternList !== undefined) + Number(tagPrefixList !== undefined);
  if (lists !== Number(tagStatus === 'tagged')) {
    const why =
      tagStatus === 'tagged' ? 'needs a tagPatternList or a tagPrefixList, not both' : 'takes no list of tags';
    throw policyError('POLICY_INVALID', `${path}.selection`, `with tagStatus ${tagStatus} ${why}`);
  }
  for (const [place, pattern] of (tagPatternList ?? []).entries()) {
    if (pattern.split('*').length - 1 <= mostWildcards) continue;
    const why = `has more than ${mostWildcards} wildcards`;
    throw policyError('POLICY_INVALID', `${path}.selection.tagPatternList[${place}]`, why);
  }
  if ((countUnit === undefined) !== (countType === 'imageCountMoreThan')) {
    const why = countUnit === undefined ? 'is missing; write days' : 'does not go with imageCountMoreThan';
    throw policyError('POLICY_INVALID', `${path}.selection.countUnit`, why);
  }
}

/** What only one rule may have: a priority, a set of patterns, the untagged images, any image. */
function uniqueKeys({ rulePriority, selection }: EcrRule): readonly (readonly [key: string, where: string])[] {
  const { tagStatus, tagPatternList, tagPrefixList } = selection;
  const list = tagPatternList ?? tagPrefixList?.map((prefix) => `${prefix}*`);
  const status = list === undefined ? tagStatus : JSON.stringify(list.toSorted());
  return [
    [`priority ${rulePriority}`, '.rulePriority'],
    [`selects ${status}`, '.selection'],
  ];
}
