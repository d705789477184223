import { RuleError } from '../../../error.ts';
import { immutableRuleFromEcr } from '../../../immutable/from-ecr.ts';
import type { ImmutableRule } from '../../../immutable/model.ts';
import type { ImportedSettings, ImportNote } from '../imported-settings.ts';
import { tagGlob } from '../imported-settings.ts';
import { readJson, readPolicy } from '../read-policy.ts';
import { ecrAnswer, type EcrAnswer } from './schema.ts';
import { ecrPolicyToSettings } from './to-settings.ts';

/**
 * Writes what Amazon ECR gave as settings: a lifecycle policy, by itself or as `aws ecr get-lifecycle-policy` shows it, or the tag
 * mutability of repositories as `aws ecr describe-repositories` shows it.
 *
 * @param repositories what a policy is about; the repositories that a document names by themselves when it is empty
 * @throws RuleError POLICY_INVALID, LIMIT_EXCEEDED
 */
export function readEcrSettings(text: string | Uint8Array, repositories: readonly string[]): ImportedSettings {
  const value = readJson(text);
  const isAnswer =
    typeof value === 'object' && value !== null && ('lifecyclePolicyText' in value || 'repositories' in value);
  const answer = isAnswer ? readPolicy(text, ecrAnswer) : undefined;
  if (answer !== undefined && 'repositories' in answer) return immutableSettings(answer.repositories);
  const named = answer === undefined ? repositories : repositories.length > 0 ? repositories : [answer.repositoryName];
  if (named.length === 0) {
    throw new RuleError('POLICY_INVALID', 'The policy names no repositories; say with --repository which it is about');
  }
  return ecrPolicyToSettings(answer?.lifecyclePolicyText ?? text, named);
}

type Settings = Extract<EcrAnswer, { repositories: unknown }>['repositories'];

function immutableSettings(settings: Settings): ImportedSettings {
  const notes: ImportNote[] = [];
  const immutable: ImmutableRule[] = [];
  for (const [index, setting] of settings.entries()) {
    const path = `$.repositories[${index}]`;
    const filters = setting.imageTagMutabilityExclusionFilters ?? [];
    const globs = filters.flatMap(({ filter }) => tagGlob(filter) ?? []);
    const { repositoryName: repository } = setting;
    const rule = immutableRuleFromEcr(setting, [repository], `ECR ${repository}`.slice(0, 100));
    if (rule === undefined) continue;
    if (globs.length < filters.length) notes.push({ lost: false, path, why: 'has filters that can match no tag' });
    // A list that is empty now matched nothing: no tag is immutable, or none is free.
    if (rule.tags !== undefined && globs.length === 0) continue;
    const { name, repositories } = rule;
    const tags = rule.tags === undefined ? {} : { tags: globs };
    const except = rule.except === undefined || globs.length === 0 ? {} : { except: globs };
    immutable.push({ name, ...(repositories === undefined ? {} : { repositories }), ...tags, ...except });
  }
  return { immutable, retention: [], notes };
}
