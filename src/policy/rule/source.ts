import { compilePatterns, matchesAny } from '../../base/name-pattern.ts';
import type { SourceRule } from '../model.ts';
import { assess, type CheckRule, passed } from './check-rule.ts';

/** Compiles a rule about where images come from. @throws PatternError */
export function compileSource({ allow, deny = [] }: SourceRule): CheckRule {
  const allowed = allow === undefined ? undefined : compilePatterns(allow);
  const denied = compilePatterns(deny);
  return ({ subject: { source } }) => {
    const by = denied.filter((pattern) => pattern.matches(source)).map(({ text }) => text);
    by.sort();
    if (by[0] !== undefined) return assess({ violations: [{ kind: 'source', source, deniedBy: by[0] }] });
    if (allowed === undefined || matchesAny(allowed, source)) return passed;
    return assess({ violations: [{ kind: 'source', source }] });
  };
}
