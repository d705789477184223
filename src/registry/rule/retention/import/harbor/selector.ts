import { parseStrictJson } from '../../../../../codec/json/parse.ts';
import { errorMessage } from '../../../../../base/error.ts';
import { compilePattern, type NamePattern } from '../../../../../base/name-pattern.ts';
import type { ManifestView } from '../../repository-view.ts';
import { policyError } from '../read-policy.ts';
import type { HarborSelector } from './schema.ts';

/** Compiles what narrows a rule to some repositories; names are those inside the project. @throws RuleError */
export function compileRepositorySelector(selector: HarborSelector, path: string): (name: string) => boolean {
  const pattern = compile(selector, path);
  if (selector.extras !== undefined && selector.extras !== null && selector.extras !== '') {
    throw policyError(
      'RULE_UNSUPPORTED',
      `${path}.extras`,
      'says something about repositories that is not known; leave it out',
    );
  }
  if (selector.decoration === 'repoMatches') return (name) => pattern.matches(name);
  if (selector.decoration === 'repoExcludes') return (name) => !pattern.matches(name);
  throw unknownDecoration(selector, path, 'repoMatches or repoExcludes');
}

/**
 * Compiles what narrows a rule to some images. `matches` takes an image when one of its tags matches, `excludes` when one
 * does not. Untagged images are taken or not as the box in `extras` says; without it both take them.
 *
 * @throws RuleError POLICY_INVALID, RULE_UNSUPPORTED
 */
export function compileTagSelector(selector: HarborSelector, path: string): (image: ManifestView) => boolean {
  const pattern = compile(selector, path);
  const { decoration } = selector;
  if (decoration !== 'matches' && decoration !== 'excludes') {
    throw unknownDecoration(selector, path, 'matches or excludes');
  }
  const matches = decoration === 'matches';
  const box = readUntagged(selector.extras, `${path}.extras`) ?? matches;
  return ({ tags }) =>
    tags.length === 0 ? box === matches : tags.some(({ tag }) => pattern.matches(tag.name) === matches);
}

function compile(selector: HarborSelector, path: string): NamePattern {
  if (selector.kind !== 'doublestar') {
    throw policyError('RULE_UNSUPPORTED', `${path}.kind`, `is "${selector.kind}"; only doublestar can be imported`);
  }
  try {
    return compilePattern({ glob: selector.pattern });
  } catch (cause) {
    throw policyError('POLICY_INVALID', `${path}.pattern`, `cannot be used: ${errorMessage(cause)}`, cause);
  }
}

/** Reads the box "untagged artifacts", which Harbor keeps as JSON in a text: `{"untagged":true}`. */
export function readUntagged(extras: string | null | undefined, path: string): boolean | undefined {
  if (extras === undefined || extras === null || extras === '') return undefined;
  let value: unknown;
  try {
    value = parseStrictJson(new TextEncoder().encode(extras), 2);
  } catch (cause) {
    throw policyError('POLICY_INVALID', path, 'holds no JSON; write it as {"untagged":true}', cause);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const entries = Object.entries(value);
    const [name, box] = entries[0] ?? [];
    if (entries.length === 0) return false;
    if (entries.length === 1 && name === 'untagged' && typeof box === 'boolean') return box;
  }
  throw policyError('RULE_UNSUPPORTED', path, 'says more than whether untagged images are meant');
}

function unknownDecoration({ decoration }: HarborSelector, path: string, wanted: string): Error {
  return policyError('RULE_UNSUPPORTED', `${path}.decoration`, `is "${decoration}"; only ${wanted} can be imported`);
}
