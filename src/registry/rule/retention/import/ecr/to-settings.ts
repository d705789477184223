import type { RetentionRule } from '../../rules/model.ts';
import type { ImportedSettings, ImportNote } from '../imported-settings.ts';
import { tagGlob } from '../imported-settings.ts';
import { readPolicy } from '../read-policy.ts';
import { checkEcrPolicy } from './check.ts';
import { type EcrRule, type EcrSelection, ecrPolicy } from './schema.ts';

/**
 * Writes a lifecycle policy of Amazon ECR as rules of this registry. ECR judges images with all of their tags, and the first rule
 * that selects an image decides about it alone; here each tag is judged by itself, and later rules leave alone what earlier ones
 * are about (`except`). Where the two differ, more is kept, but for what the notes tell.
 *
 * @throws RuleError POLICY_INVALID, LIMIT_EXCEEDED; the message names the place
 */
export function ecrPolicyToSettings(text: string | Uint8Array, repositories: readonly string[]): ImportedSettings {
  const document = readPolicy(text, ecrPolicy);
  const notes: ImportNote[] = [];
  const unsupported = new Set<number>();
  checkEcrPolicy(document, (index, { message }) => {
    unsupported.add(index);
    const path = `$.rules[${index}]`;
    notes.push({ lost: true, path, why: `is left out: ${message.slice(message.indexOf(' ') + 1)}` });
  });
  const retention: RetentionRule[] = [];
  const before: Before = { tags: [], untagged: false };
  const inOrder = document.rules.map((rule, index) => ({ rule, index }));
  for (const { rule, index } of inOrder.sort((a, b) => a.rule.rulePriority - b.rule.rulePriority)) {
    const path = `$.rules[${index}]`;
    const tell = (lost: boolean, why: string): number => notes.push({ lost, path, why });
    if (!unsupported.has(index)) retention.push(...writeRule(rule, repositories, before, tell));
    // What it selects is decided, whether it could be written or not.
    before.tags.push(...globsOf(rule.selection));
    if (rule.selection.tagStatus !== 'tagged') before.untagged = true;
  }
  return { immutable: [], retention, notes };
}

/** What earlier rules are about. */
interface Before {
  readonly tags: string[];
  untagged: boolean;
}

type Tell = (lost: boolean, why: string) => void;

function writeRule(
  { rulePriority, selection }: EcrRule,
  repositories: readonly string[],
  { tags: earlier, untagged }: Before,
  tell: Tell,
): readonly RetentionRule[] {
  const { tagStatus, countType } = selection;
  const name = `ECR rule ${rulePriority}`;
  const rules: RetentionRule[] = [];
  const globs = globsOf(selection);
  const patterns = patternsOf(selection);
  if (patterns.length > 1) {
    const list = patterns.map((pattern) => `"${pattern}"`).join(' and ');
    tell(true, `is left out: it is about images that have tags of ${list}, and rules here judge each tag by itself`);
    return [];
  }
  if (patterns.length === 1 && globs.length === 0) {
    tell(false, `is left out: no tag can match "${patterns[0]}"`);
    return [];
  }
  if (tagStatus !== 'untagged') {
    const tags = globs.filter((glob) => glob !== '*');
    const except = [...new Set(earlier)];
    rules.push({
      name,
      kind: 'delete',
      repositories,
      ...(tags.length === 0 ? {} : { tags }),
      ...(except.length === 0 ? {} : { except }),
      ...condition(selection),
    });
    if (countType === 'imageCountMoreThan')
      tell(false, 'counts tags here, where ECR counts images that may have several');
  }
  if (tagStatus === 'tagged' || untagged) return rules;
  if (countType === 'imageCountMoreThan') {
    tell(true, 'removes no untagged images here: they can be removed by age alone (kind: delete-untagged)');
    return rules;
  }
  rules.push({ name: `${name} untagged`, kind: 'delete-untagged', repositories, ...ageOf(selection) });
  return rules;
}

function condition(selection: EcrSelection): { beyondNewest?: number; olderThan?: string; notPulledFor?: string } {
  return selection.countType === 'imageCountMoreThan' ? { beyondNewest: selection.countNumber } : ageOf(selection);
}

function ageOf({ countType, countNumber }: EcrSelection): { olderThan?: string; notPulledFor?: string } {
  const age = `${countNumber}d`;
  return countType === 'sinceImagePulled' ? { notPulledFor: age } : { olderThan: age };
}

function patternsOf({ tagPatternList, tagPrefixList }: EcrSelection): readonly string[] {
  return tagPatternList ?? tagPrefixList?.map((prefix) => `${prefix}*`) ?? [];
}

function globsOf(selection: EcrSelection): readonly string[] {
  return patternsOf(selection).flatMap((pattern) => tagGlob(pattern) ?? []);
}
