import type { RegistryConfig } from '../config/model.ts';
import type { TagGuard } from '../content/content.ts';
import { RegistryError } from '../error.ts';
import { compileImmutableRules } from '../rule/immutable/compile.ts';
import { judgeTagDelete, judgeTagWrite } from '../rule/immutable/judge.ts';

/**
 * The rules about tags that do not move. They are asked in the transaction that would move one, so that no two requests can both find
 * it free.
 */
export function tagGuardOf({ tags }: Pick<RegistryConfig, 'tags'>): TagGuard {
  const rules = compileImmutableRules(tags.immutable);
  return {
    refusal({ repository, tag, current, next, now }) {
      const write = { repository, tag, current, now };
      const verdict = next === undefined ? judgeTagDelete(rules, write) : judgeTagWrite(rules, { ...write, next });
      if (verdict.allowed) return undefined;
      return new RegistryError('DENIED', verdict.message, { status: 409, detail: { rule: verdict.rule, tag } });
    },
    isHeld: ({ repository, tag, current, now }) =>
      current !== undefined && rules.holdOf(repository, tag, current.pushedAt, now) !== undefined,
  };
}
