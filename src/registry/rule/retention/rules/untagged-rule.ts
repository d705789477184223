import { formatAge, formatDuration } from '../../../../base/time-text.ts';
import { parseDuration } from '../../duration.ts';
import { RuleError } from '../../error.ts';
import { compileScope, type CompiledScope } from '../../scope.ts';
import type { Decision } from '../policy.ts';
import type { ManifestView } from '../repository-view.ts';
import type { UntaggedRule } from './model.ts';

/** A rule about untagged manifests, ready to be used. */
export interface CompiledUntaggedRule {
  readonly scope: CompiledScope;
  /** Decides over a manifest that nothing holds; undefined when the rule lets it stay. */
  apply(view: ManifestView, now: number): Decision | undefined;
}

/** Compiles a rule about untagged manifests. @throws RuleError RULE_INVALID, DURATION_INVALID; PatternError */
export function compileUntaggedRule(rule: UntaggedRule): CompiledUntaggedRule {
  const { name, olderThan, notPulledFor } = rule;
  if (olderThan === undefined && notPulledFor === undefined) {
    throw new RuleError(
      'RULE_INVALID',
      `Rule "${name}" does not say after how long; give it olderThan or notPulledFor`,
    );
  }
  const pushLimit = olderThan === undefined ? undefined : parseDuration(olderThan);
  const pullLimit = notPulledFor === undefined ? undefined : parseDuration(notPulledFor);
  return {
    scope: compileScope(rule),
    apply({ manifest: { pushedAt, pulledAt } }, now) {
      let reason = 'No tag names it.';
      if (pushLimit !== undefined) {
        const age = now - pushedAt;
        if (!(age > pushLimit)) return undefined;
        reason += ` Pushed ${formatAge(age)} ago, longer than ${formatDuration(pushLimit)}.`;
      }
      if (pullLimit !== undefined) {
        const age = now - Math.max(pushedAt, pulledAt ?? -Infinity);
        if (!(age > pullLimit)) return undefined;
        const use = pulledAt === undefined ? 'No pull is known, and it was pushed' : 'Last used';
        reason += ` ${use} ${formatAge(age)} ago, longer than ${formatDuration(pullLimit)}.`;
      }
      return { action: 'delete', rule: name, reason };
    },
  };
}
