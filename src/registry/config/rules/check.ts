import { PatternError } from '../../../base/name-pattern.ts';
import { RuleError } from '../../rule/error.ts';
import { compileImmutableRules } from '../../rule/immutable/compile.ts';
import { compileRetentionRules } from '../../rule/retention/rules/compile.ts';
import type { RetentionRule } from '../../rule/retention/rules/model.ts';
import type { ConfigCheck } from '../config-check.ts';
import type { Finding } from '../../../codec/yaml/mistake.ts';
import type { RegistryConfig } from '../model.ts';
import { findRepeated } from '../value/repeated.ts';

const retentionPath = ['registry', 'retention', 'rules'];
const immutablePath = ['registry', 'tags', 'immutable'];

function repeatedNames({ tags, retention }: RegistryConfig): Finding[] {
  return [...findRepeated(retention.rules, retentionPath), ...findRepeated(tags.immutable, immutablePath)];
}

const names: ConfigCheck = { needs: ['tags', 'retention'], find: repeatedNames };

/** Patterns that match whatever there is. */
const everything: ReadonlySet<string> = new Set(['*', '**', '**/*', '**/**']);

/** Whether a rule takes tags for their age alone, whatever they are called, so that an idle repository ends up empty. */
function emptiesRepositories(rule: RetentionRule): boolean {
  if (rule.kind !== 'delete' || rule.beyondNewest !== undefined || rule.except !== undefined) return false;
  return rule.tags === undefined || rule.tags.some((pattern) => typeof pattern === 'string' && everything.has(pattern));
}

const keptNothing: ConfigCheck = {
  needs: ['retention', 'accept'],
  find({ retention, accept }) {
    if (accept.includes('empty-repositories') || retention.rules.some(({ kind }) => kind === 'keep')) return [];
    const sentence =
      'would leave nothing of a repository that nobody pushes to; add beyondNewest: 1, or a rule of the kind keep, or ' +
      'write accept: [empty-repositories] under registry where that is meant';
    return retention.rules.flatMap((rule, index): Finding[] =>
      emptiesRepositories(rule) ? [{ path: [...retentionPath, index], sentence }] : [],
    );
  },
};

/** What the checks before it have a better place for is told by them alone. */
const usable: ConfigCheck = {
  needs: ['tags', 'retention'],
  find(config) {
    if (repeatedNames(config).length > 0) return [];
    return [
      ...tried(retentionPath, () => compileRetentionRules(config.retention.rules)),
      ...tried(immutablePath, () => compileImmutableRules(config.tags.immutable)),
    ];
  },
};

function tried(path: readonly string[], act: () => unknown): Finding[] {
  try {
    act();
    return [];
  } catch (error) {
    if (!(error instanceof RuleError || error instanceof PatternError)) throw error;
    return [{ path, sentence: `cannot be used: ${error.message}` }];
  }
}

const hiddenQuotas: ConfigCheck = {
  needs: ['quotas'],
  find({ quotas }): Finding[] {
    const last = quotas.findIndex(({ repositories }) =>
      repositories.some((pattern) => pattern.startsWith('**') && everything.has(pattern)),
    );
    if (last < 0) return [];
    const sentence = `never counts, since quotas[${last}] is for all repositories and stands before it; put it first`;
    return quotas.slice(last + 1).map((_, index) => ({ path: ['registry', 'quotas', last + 1 + index], sentence }));
  },
};

/** Checks of rules about what is kept. */
export const rulesChecks: readonly ConfigCheck[] = [names, keptNothing, usable, hiddenQuotas];
