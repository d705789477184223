import { compileCel } from '../../lang/cel/compile.ts';
import type { CompiledCondition } from './model.ts';

/** Compiles a condition in the Common Expression Language. @throws LangError SYNTAX, LIMIT_EXCEEDED */
export function compileCelCondition(text: string, variables: readonly string[]): CompiledCondition {
  const condition = compileCel(text, [...variables, 'now']);
  const shown = text.trim().replaceAll(/\s+/g, ' ');
  return {
    whyNot: ({ variables: values, now }) =>
      condition(withTime(values, now)) ? undefined : `its condition is not met: ${shown}`,
    usesOf: (variable) => condition.uses.get(variable),
    usesTime: condition.uses.has('now'),
  };
}

/** Members that throw stay what they are until they are asked for. */
function withTime(values: Readonly<Record<string, unknown>>, now: number): Readonly<Record<string, unknown>> {
  return Object.defineProperties({ now: new Date(now) }, Object.getOwnPropertyDescriptors(values));
}
