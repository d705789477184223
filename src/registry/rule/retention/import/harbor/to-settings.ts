import { RuleError } from '../../../error.ts';
import type { KeepRule, RetentionRule } from '../../rules/model.ts';
import type { RuleScope } from '../../../scope.ts';
import type { ImportedSettings, ImportNote } from '../imported-settings.ts';
import { policyError, readPolicy } from '../read-policy.ts';
import { checkHarborPolicy, compileHarborRule } from './import.ts';
import { harborPolicy, type HarborRule } from './schema.ts';
import { compileRepositorySelector, readUntagged } from './selector.ts';

/** Age at which untagged images go that Harbor removes at once: what a client pushes is untagged until its tag follows. */
const untaggedAge = '1d';

/**
 * Writes the retention policy of a Harbor project as rules of this registry: what its rules retain is kept, and everything else in
 * the repositories that they are about goes. Where a rule that retains cannot be written, nothing is written that deletes.
 *
 * @param project the project's name, which the document does not have
 * @throws RuleError POLICY_INVALID, RULE_UNSUPPORTED for what is said of the policy as a whole, LIMIT_EXCEEDED
 */
export function harborPolicyToSettings(text: string | Uint8Array, project: string): ImportedSettings {
  const document = readPolicy(text, harborPolicy);
  checkHarborPolicy(document);
  const notes: ImportNote[] = [];
  const written: Written[] = [];
  let lost = false;
  for (const [index, rule] of document.rules.entries()) {
    const path = `$.rules[${index}]`;
    if (rule.disabled === true) {
      notes.push({ lost: false, path, why: 'is left out: it is disabled' });
      continue;
    }
    try {
      written.push(writeRule(rule, index, project, (why) => notes.push({ lost: false, path, why })));
    } catch (error) {
      if (!(error instanceof RuleError) || error.code !== 'RULE_UNSUPPORTED') throw error;
      lost = true;
      notes.push({ lost: true, path, why: `is left out: ${error.message}` });
    }
  }
  const keep = written.flatMap(({ keep: rule }) => rule ?? []);
  const cron = document.trigger?.settings?.cron ?? '';
  const schedule = scheduleOf(cron);
  if (cron !== '' && schedule === undefined) {
    notes.push({
      lost: true,
      path: '$.trigger.settings.cron',
      why: `is left out: "${cron}" has seconds, or no six fields`,
    });
  }
  if (lost) {
    notes.push({
      lost: true,
      path: '$.rules',
      why: 'delete nothing here, since one that retains could not be written',
    });
  }
  const goes = lost ? [] : deletions(written, notes);
  return { immutable: [], retention: [...keep, ...goes], notes, ...(schedule === undefined ? {} : { schedule }) };
}

/** A rule, what it is about, and which untagged images it retains: all, none, or those younger than an age. */
interface Written {
  readonly scope: Omit<RuleScope, 'name'>;
  readonly keep: KeepRule | undefined;
  readonly untagged: 'all' | 'none' | 'counted' | { readonly days: number };
}

function writeRule(rule: HarborRule, index: number, project: string, tell: (why: string) => void): Written {
  const path = `$.rules[${index}]`;
  // Checks it whole, with the messages of an import that is evaluated.
  compileHarborRule(rule, index);
  const scope = harborScope(rule, project, path);
  const [selector, second] = rule.tag_selectors;
  if (selector === undefined || second !== undefined) {
    throw policyError('RULE_UNSUPPORTED', `${path}.tag_selectors`, 'are several, of which all must hold');
  }
  const value = Number(rule.params?.[rule.template] ?? 0);
  const conditions = conditionsOf(rule.template, value);
  const matches = selector.decoration === 'matches';
  const all = selector.pattern === '**' || selector.pattern === '*';
  const tags = all && matches ? {} : matches ? { tags: [selector.pattern] } : { except: [selector.pattern] };
  const name = `Harbor rule ${index + 1}`;
  if (isCounting(rule.template)) tell('counts tags here, where Harbor counts images that may have several');
  if (rule.template === 'latestPulledN')
    tell('takes a push for a use here, so that what was just pushed counts as new');
  const box = readUntagged(selector.extras, `${path}.tag_selectors[0].extras`) ?? matches;
  const keepsUntagged = box === matches;
  return {
    scope,
    keep: conditions === undefined ? undefined : { name, kind: 'keep', ...scope, ...tags, ...conditions },
    untagged: keepsUntagged ? untaggedOf(rule.template, value) : 'none',
  };
}

/** Undefined for a rule that retains nothing. */
function conditionsOf(template: string, value: number): Partial<KeepRule> | undefined {
  if (template === 'always') return {};
  if (isCounting(template)) {
    if (value === 0) return undefined;
    return template === 'latestPushedK' ? { newest: value } : { newest: value, orderBy: 'pull' };
  }
  return template === 'nDaysSinceLastPull' ? { pulledWithin: daysOf(value) } : { pushedWithin: daysOf(value) };
}

function untaggedOf(template: string, value: number): Written['untagged'] {
  if (template === 'always') return 'all';
  if (isCounting(template)) return value === 0 ? 'none' : 'counted';
  return { days: value };
}

function isCounting(template: string): boolean {
  return template.startsWith('latest');
}

/** No days are those of what was pushed at this moment; a duration is never nothing. */
function daysOf(value: number): string {
  return value === 0 ? '1m' : `${value}d`;
}

/** The repositories that a rule is about, by their whole names. @throws RuleError POLICY_INVALID, RULE_UNSUPPORTED */
export function harborScope(
  { scope_selectors: scopes }: HarborRule,
  project: string,
  path: string,
): Omit<RuleScope, 'name'> {
  const selectors = scopes['repository'] ?? [];
  for (const [at, one] of selectors.entries()) {
    compileRepositorySelector(one, `${path}.scope_selectors.repository[${at}]`);
  }
  const all = [`${project}/**`];
  const [selector, second] = selectors;
  if (second !== undefined) {
    throw policyError('RULE_UNSUPPORTED', `${path}.scope_selectors.repository`, 'are several, of which all must hold');
  }
  if (selector === undefined || (selector.decoration === 'repoMatches' && selector.pattern === '**')) {
    return { repositories: all };
  }
  const named = [`${project}/${selector.pattern}`];
  return selector.decoration === 'repoMatches'
    ? { repositories: named }
    : { repositories: all, exceptRepositories: named };
}

/** What no rule retains goes, in each set of repositories that a rule is about. */
function deletions(written: readonly Written[], notes: ImportNote[]): readonly RetentionRule[] {
  const scopes = [...Map.groupBy(written, ({ scope }) => JSON.stringify(scope)).values()];
  const rules: RetentionRule[] = scopes.map(([first], at) => ({
    name: scopes.length === 1 ? 'Harbor policy' : `Harbor policy ${at + 1}`,
    kind: 'delete',
    ...(first as Written).scope,
    beyondNewest: 0,
  }));
  const retained = written.map(({ untagged }) => untagged).filter((one) => one !== 'none');
  if (written.length === 0 || retained.includes('all')) return rules;
  if (retained.includes('counted') || (retained.length > 0 && scopes.length > 1)) {
    const why = 'remove no untagged images here: those that they retain cannot be told by age alone';
    notes.push({ lost: true, path: '$.rules', why });
    return rules;
  }
  const days = retained.map((one) => (typeof one === 'object' ? one.days : 0));
  const age = days.length === 0 ? untaggedAge : daysOf(Math.max(...days));
  if (days.length === 0) {
    notes.push({ lost: false, path: '$.rules', why: `remove untagged images after ${untaggedAge} here, not at once` });
  }
  const untagged = rules.map(({ name, repositories, exceptRepositories }): RetentionRule => ({
    name: `${name} untagged`,
    kind: 'delete-untagged',
    repositories,
    ...(exceptRepositories === undefined ? {} : { exceptRepositories }),
    olderThan: age,
  }));
  return [...rules, ...untagged];
}

/** Harbor writes seconds before the five fields of cron. */
function scheduleOf(cron: string): string | undefined {
  const fields = cron.trim().split(/\s+/);
  return fields.length === 6 && fields[0] === '0' ? fields.slice(1).join(' ') : undefined;
}
