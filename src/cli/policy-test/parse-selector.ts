import type { TestFilter } from '../../admission/suite/run-suite.ts';
import { matchesWildcard } from '../../policy/kyverno/wildcard.ts';
import { ConfigError } from '../config/error.ts';

const parts = ['policy', 'rule', 'resource'] as const;

/**
 * Reads which tests are wanted: `policy=disallow-latest, rule=require-tag, resource=app-*`. What it does not name may be anything.
 *
 * @throws ConfigError SETTING_INVALID
 */
export function parseSelector(text: string | undefined): TestFilter {
  const wanted = new Map<string, string>();
  for (const part of (text ?? '').split(',').map((each) => each.trim())) {
    if (part === '') continue;
    const [, name = '', pattern] = /^([a-z]+) *= *(\S+)$/.exec(part) ?? [];
    if (pattern === undefined || !parts.some((each) => each === name)) {
      const sentence = '--test-case-selector takes policy=NAME, rule=NAME and resource=NAME, separated by commas';
      throw new ConfigError('SETTING_INVALID', sentence);
    }
    wanted.set(name, pattern);
  }
  const fits = (part: (typeof parts)[number], value: string): boolean =>
    matchesWildcard(wanted.get(part) ?? '*', value);
  return ({ policy, rule, name }) => fits('policy', policy) && fits('rule', rule) && fits('resource', name);
}
