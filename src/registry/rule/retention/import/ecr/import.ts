import { printable } from '../../../../../base/printable.ts';
import { formatAge, formatDuration } from '../../../../../base/time-text.ts';
import {
  compilePattern,
  compilePatterns,
  matchesAny,
  type NamePattern,
  type PatternSpec,
} from '../../../../../base/name-pattern.ts';
import type { Decision, Decisions, RetentionPolicy } from '../../policy.ts';
import { compareText, type ManifestView, type RepositoryView } from '../../repository-view.ts';
import { lastPull } from '../image.ts';
import type { ImportedPolicy } from '../imported-policy.ts';
import { readPolicy } from '../read-policy.ts';
import { checkEcrPolicy } from './check.ts';
import { ecrPolicy, type EcrRule } from './schema.ts';

const day = 86_400_000;

/**
 * Imports a lifecycle policy of Amazon ECR for some repositories, and evaluates it as ECR does (user guide, "Lifecycle
 * policy evaluation rules"): over images with all of their tags; every rule counts all images that it selects; an image is
 * only ever taken by the first rule that selects it. What is a referrer of an image that is here goes with that image, and so
 * does what cosign attaches to it by a tag.
 *
 * One thing more than ECR takes: `sinceImagePulled` with the action `expire`, since there is no archive here.
 *
 * @throws RuleError POLICY_INVALID, RULE_UNSUPPORTED, LIMIT_EXCEEDED; PatternError; the message names the place
 */
export function importEcrPolicy(text: string | Uint8Array, repositories: readonly PatternSpec[]): ImportedPolicy {
  const document = readPolicy(text, ecrPolicy);
  checkEcrPolicy(document);
  const scope = compilePatterns(repositories);
  const rules = document.rules.map(compileRule).sort((a, b) => a.priority - b.priority);
  const policy: RetentionPolicy = {
    unit: 'image',
    childrenFollow: false,
    covers: (repository) => matchesAny(scope, repository),
    decide: (view, now) => decide(rules, view, now),
  };
  return { policy, notes: notesOf(document.rules) };
}

interface CompiledRule {
  readonly priority: number;
  readonly name: string;
  selects(image: ManifestView): boolean;
  /** Says why an image goes, or why it stays, by its place among those that the rule selects, newest first. */
  judge(image: ManifestView, place: number, now: number): Omit<Decision, 'rule'>;
}

function compileRule({ rulePriority, description, selection }: EcrRule): CompiledRule {
  const about = description === undefined || description === '' ? '' : ` (${printable(description)})`;
  const patterns =
    selection.tagPatternList?.map((pattern) => compilePattern({ wildcard: pattern })) ??
    selection.tagPrefixList?.map(compilePrefix);
  return {
    priority: rulePriority,
    name: `ECR rule ${rulePriority}${about}`,
    selects({ tags }) {
      if (patterns === undefined) return selection.tagStatus === 'any' || tags.length === 0;
      return tags.length > 0 && patterns.every((pattern) => tags.some(({ tag }) => pattern.matches(tag.name)));
    },
    judge: judgeBy(selection.countType, selection.countNumber),
  };
}

function compilePrefix(prefix: string): NamePattern {
  return { text: `${prefix}*`, matches: (name) => name.startsWith(prefix) };
}

function judgeBy(type: EcrRule['selection']['countType'], count: number): CompiledRule['judge'] {
  if (type === 'imageCountMoreThan') {
    return (_, place) => {
      const goes = place > count;
      const reason = `Number ${place} by push, ${goes ? 'beyond' : 'among'} the newest ${count}.`;
      return { action: goes ? 'delete' : 'keep', reason };
    };
  }
  return (image, _, now) => {
    const pulled = type === 'sinceImagePulled' ? lastPull(image) : undefined;
    const age = now - (pulled ?? image.manifest.pushedAt);
    const goes = age > count * day;
    const unknown = type === 'sinceImagePulled' ? 'No pull is known, and it was pushed' : 'Pushed';
    const how = pulled === undefined ? unknown : 'Last pulled';
    const reason = `${how} ${formatAge(age)} ago, ${goes ? 'longer than' : 'within'} ${formatDuration(count * day)}.`;
    return { action: goes ? 'delete' : 'keep', reason };
  };
}

function decide(rules: readonly CompiledRule[], view: RepositoryView, now: number): Decisions {
  // Reference artifacts are no images: they expire after their subject does.
  const images = view.manifests
    .filter(({ tags, subjects }) => tags.length > 0 || subjects.length === 0)
    .sort((a, b) => b.manifest.pushedAt - a.manifest.pushedAt || compareText(a.manifest.digest, b.manifest.digest));
  const manifests: (Decision | undefined)[] = Array.from({ length: view.manifests.length });
  for (const rule of rules) {
    let place = 0;
    for (const image of images) {
      if (!rule.selects(image)) continue;
      place += 1;
      manifests[image.index] ??= { ...rule.judge(image, place, now), rule: rule.name };
    }
  }
  return { tags: [], manifests, quotas: [] };
}

function notesOf(rules: readonly EcrRule[]): readonly string[] {
  return rules.flatMap(({ selection }, index) =>
    selection.countType === 'sinceImagePulled'
      ? [`$.rules[${index}] expires images by their last pull, which ECR only lets an archive rule do.`]
      : [],
  );
}
