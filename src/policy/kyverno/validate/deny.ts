import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import type { Conditions } from '../document/conditions/model.ts';
import type { RuleCompiler } from '../rule/compiler.ts';
import { compileConditions } from '../rule/conditions.ts';
import { invalid, type Validate, type ValidationWords, valid } from './model.ts';

/** Objects of which conditions hold are denied; without conditions, all are (Kyverno, "Deny rules"). */
export function compileDeny(
  { conditions }: { readonly conditions?: Conditions },
  words: ValidationWords,
  path: ConfigPath,
  compiler: RuleCompiler,
): Validate {
  const hold = compileConditions(conditions, [...path, 'conditions'], compiler);
  return (scope) => {
    const { holds, messages } = hold(scope);
    if (!holds) return valid;
    const told = [words.message?.(scope) ?? '', ...messages].filter((each) => each !== '');
    return invalid(told.length === 0 ? `validation error: rule ${words.rule} failed` : told.join('; '));
  };
}
