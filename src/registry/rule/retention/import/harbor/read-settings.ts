import { RuleError } from '../../../error.ts';
import type { ImmutableRule } from '../../../immutable/model.ts';
import type { ImportedSettings, ImportNote } from '../imported-settings.ts';
import { policyError, readJson, readPolicy } from '../read-policy.ts';
import { harborImmutableRules, type HarborRule } from './schema.ts';
import { compileTagSelector } from './selector.ts';
import { harborScope, harborPolicyToSettings } from './to-settings.ts';

/**
 * Writes what Harbor gave as settings: the retention policy of a project, or a list of its rules for immutable tags.
 *
 * @param project the project's name, which the documents do not have
 * @throws RuleError POLICY_INVALID, RULE_UNSUPPORTED, LIMIT_EXCEEDED
 */
export function readHarborSettings(text: string | Uint8Array, project: string): ImportedSettings {
  if (!Array.isArray(readJson(text))) return harborPolicyToSettings(text, project);
  const notes: ImportNote[] = [];
  const immutable: ImmutableRule[] = [];
  for (const [index, rule] of readPolicy(text, harborImmutableRules).entries()) {
    const path = `$[${index}]`;
    if (rule.disabled === true) {
      notes.push({ lost: false, path, why: 'is left out: it is disabled' });
      continue;
    }
    try {
      immutable.push(writeRule(rule, index, project, path));
    } catch (error) {
      if (!(error instanceof RuleError) || error.code !== 'RULE_UNSUPPORTED') throw error;
      notes.push({ lost: true, path, why: `is left out: ${error.message}` });
    }
  }
  return { immutable, retention: [], notes };
}

function writeRule(rule: HarborRule, index: number, project: string, path: string): ImmutableRule {
  if (rule.action !== 'immutable') {
    throw policyError('RULE_UNSUPPORTED', `${path}.action`, `is "${rule.action}"; only immutable can be imported`);
  }
  const [selector, second] = rule.tag_selectors;
  if (selector === undefined || second !== undefined) {
    throw policyError('RULE_UNSUPPORTED', `${path}.tag_selectors`, 'are several, of which all must hold');
  }
  compileTagSelector(selector, `${path}.tag_selectors[0]`);
  const scope = harborScope(rule, project, path);
  const matches = selector.decoration === 'matches';
  const all = matches && (selector.pattern === '**' || selector.pattern === '*');
  const tags = all ? {} : matches ? { tags: [selector.pattern] } : { except: [selector.pattern] };
  return { name: `Harbor immutable ${index + 1}`, ...scope, ...tags };
}
