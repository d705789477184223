import type { StatementCondition } from '../model.ts';
import { compileCelCondition } from './cel.ts';
import { compileKyvernoConditions } from './kyverno.ts';
import type { CompiledCondition } from './model.ts';

/**
 * Compiles a condition, in whatever language it is.
 *
 * @param variables what it may use besides `now`; Kyverno's conditions use whatever there is
 * @throws LangError SYNTAX, LIMIT_EXCEEDED
 */
export function compileCondition(condition: StatementCondition, variables: readonly string[]): CompiledCondition {
  if ('cel' in condition) return compileCelCondition(condition.cel, variables);
  return compileKyvernoConditions(condition.kyverno, condition.exact, condition.denies);
}
