import type { RetentionRule } from '../../rule/retention/rules/model.ts';

/** Kinds of rules, in the order of the documents. */
export const retentionKinds = ['keep', 'delete', 'delete-untagged', 'quota'] as const;

/** A rule as the file gives it, before it is known to have what its kind has and nothing else. */
export type GivenRule = { readonly kind: RetentionRule['kind'] } & Readonly<Record<string, unknown>>;

interface KindParts {
  /** Members besides name and repositories. */
  readonly members: readonly string[];
  /** Of these it has one at least, so that it does not take everything at once, or nothing. */
  readonly conditions: readonly string[];
}

const kinds: Readonly<Record<RetentionRule['kind'], KindParts>> = {
  // With no condition its patterns alone decide.
  keep: { members: ['tags', 'except', 'newest', 'pushedWithin', 'pulledWithin', 'orderBy'], conditions: [] },
  delete: {
    members: ['tags', 'except', 'olderThan', 'notPulledFor', 'beyondNewest', 'orderBy'],
    conditions: ['olderThan', 'notPulledFor', 'beyondNewest'],
  },
  'delete-untagged': { members: ['olderThan', 'notPulledFor'], conditions: ['olderThan', 'notPulledFor'] },
  quota: { members: ['maxTags', 'maxBytes', 'orderBy'], conditions: ['maxTags', 'maxBytes'] },
};

const common: ReadonlySet<string> = new Set(['kind', 'name', 'repositories', 'exceptRepositories']);

/** What is wrong with a rule for one of its kind; undefined when nothing is. */
export function whyNoRule(rule: GivenRule): string | undefined {
  const { members, conditions } = kinds[rule.kind];
  const foreign = Object.keys(rule).find((name) => !common.has(name) && !members.includes(name));
  if (foreign !== undefined) return `has ${foreign}, which a rule of the kind ${rule.kind} does not know; remove it`;
  if (conditions.length > 0 && !conditions.some((name) => rule[name] !== undefined)) {
    const does = rule.kind === 'quota' ? 'limits nothing' : 'would delete everything that it is about at once';
    return `${does}; add ${conditions.join(' or ')}`;
  }
  const ordered = rule.kind === 'keep' ? 'newest' : rule.kind === 'delete' ? 'beyondNewest' : undefined;
  if (rule['orderBy'] !== undefined && ordered !== undefined && rule[ordered] === undefined) {
    return `has an orderBy that orders nothing; add ${ordered}, or remove it`;
  }
  if (rule.kind === 'quota' && rule['orderBy'] === 'semver') return 'orders a quota by push or pull alone';
  return undefined;
}
