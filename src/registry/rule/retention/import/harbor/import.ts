import { isLoose, type Decision, type Decisions, type RetentionPolicy } from '../../policy.ts';
import type { ManifestView, RepositoryView } from '../../repository-view.ts';
import type { ImportedPolicy } from '../imported-policy.ts';
import { jsonPath, policyError, readPolicy } from '../read-policy.ts';
import { harborPolicy, type HarborPolicy, type HarborRule } from './schema.ts';
import { compileRepositorySelector, compileTagSelector } from './selector.ts';
import { compileTemplate, type Template } from './template.ts';

/** The rule that is named where no rule retains an image. */
const policyName = 'Harbor retention policy';

/**
 * Imports the retention policy of a Harbor project, and evaluates it as Harbor does: rules only retain; in a repository that
 * a rule is about, every image goes that none of its rules retains; an image stays or goes with all of its tags. A repository
 * that no rule is about is left alone. Indexes take what they list along, and images what is attached to them.
 *
 * It differs in one thing, on the side of keeping: `nDaysSinceLastPull` judges an image by its push when no pull of it is
 * known.
 *
 * @param project The project's name, which repositories have before their first slash; the document only has its number.
 * @throws RuleError POLICY_INVALID, RULE_UNSUPPORTED, LIMIT_EXCEEDED; the message names the place
 */
export function importHarborPolicy(text: string | Uint8Array, project: string): ImportedPolicy {
  const document = readPolicy(text, harborPolicy);
  checkHarborPolicy(document);
  const notes: string[] = [];
  const rules: CompiledRule[] = [];
  for (const [index, rule] of document.rules.entries()) {
    const compiled = compileHarborRule(rule, index);
    if (rule.disabled === true) notes.push(`$.rules[${index}] is disabled and decides nothing, as in Harbor.`);
    else rules.push(compiled);
  }
  const rulesFor = (repository: string): readonly CompiledRule[] => {
    if (!repository.startsWith(`${project}/`)) return [];
    const name = repository.slice(project.length + 1);
    return rules.filter((rule) => rule.covers(name));
  };
  const policy: RetentionPolicy = {
    unit: 'image',
    childrenFollow: true,
    covers: (repository) => rulesFor(repository).length > 0,
    decide: (view, now) => decide(rulesFor(view.repository), view, now),
  };
  const cron = document.trigger?.settings?.cron;
  return cron === undefined || cron === null || cron === '' ? { policy, notes } : { policy, notes, schedule: cron };
}

interface CompiledRule {
  readonly name: string;
  /** By the name inside the project. */
  covers(name: string): boolean;
  selects(image: ManifestView): boolean;
  readonly retain: Template;
}

/** Checks what a policy says of itself as a whole. @throws RuleError RULE_UNSUPPORTED */
export function checkHarborPolicy({ algorithm, scope }: HarborPolicy): void {
  if (algorithm !== 'or')
    throw policyError('RULE_UNSUPPORTED', '$.algorithm', `is "${algorithm}"; only or can be imported`);
  if (scope.level !== 'project') {
    throw policyError('RULE_UNSUPPORTED', '$.scope.level', `is "${scope.level}"; only project can be imported`);
  }
}

/** Compiles a rule by its place in the list. @throws RuleError POLICY_INVALID, RULE_UNSUPPORTED */
export function compileHarborRule(rule: HarborRule, index: number): CompiledRule {
  const path = `$.rules[${index}]`;
  if (rule.action !== 'retain') {
    throw policyError('RULE_UNSUPPORTED', `${path}.action`, `is "${rule.action}"; only retain can be imported`);
  }
  const other = Object.keys(rule.scope_selectors).find((key) => key !== 'repository');
  if (other !== undefined) {
    const where = jsonPath(['rules', index, 'scope_selectors', other]);
    throw policyError('RULE_UNSUPPORTED', where, 'is not known; only repository can be imported');
  }
  const repositories = (rule.scope_selectors['repository'] ?? []).map((selector, place) =>
    compileRepositorySelector(selector, `${path}.scope_selectors.repository[${place}]`),
  );
  const tags = rule.tag_selectors.map((selector, place) =>
    compileTagSelector(selector, `${path}.tag_selectors[${place}]`),
  );
  return {
    name: `Harbor rule ${index + 1} (${rule.template})`,
    covers: (name) => repositories.every((matches) => matches(name)),
    selects: (image) => tags.every((matches) => matches(image)),
    retain: compileTemplate(rule, path),
  };
}

function decide(rules: readonly CompiledRule[], view: RepositoryView, now: number): Decisions {
  // What an index lists without a tag of its own, and what is attached to an image, is no artifact of its own in Harbor.
  const images = view.manifests.filter((manifest) => manifest.tags.length > 0 || isLoose(manifest));
  const manifests: (Decision | undefined)[] = Array.from({ length: view.manifests.length });
  for (const rule of rules) {
    const selected = images.filter((image) => rule.selects(image));
    for (const [image, reason] of rule.retain(selected, now)) {
      manifests[image.index] ??= { action: 'keep', rule: rule.name, reason };
    }
  }
  for (const { index } of images) {
    manifests[index] ??= { action: 'delete', rule: policyName, reason: 'None of its rules retains it.' };
  }
  return { tags: [], manifests, quotas: [] };
}
