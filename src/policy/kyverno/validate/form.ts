import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import type { ValidationForms } from '../document/policy/model.ts';
import type { RuleCompiler } from '../rule/compiler.ts';
import { compileAnyPattern } from './any-pattern.ts';
import { compileDeny } from './deny.ts';
import { compileForeach } from './foreach.ts';
import { type Validate, type ValidationWords, valid } from './model.ts';
import { compilePattern } from './pattern.ts';

/** The forms that rules and elements of lists have in common. */
export const forms = ['pattern', 'anyPattern', 'deny', 'foreach'] as const;

/** Compiles the one form that is there. */
export function compileForm(
  validation: ValidationForms,
  words: ValidationWords,
  path: ConfigPath,
  compiler: RuleCompiler,
  level: number,
): Validate {
  const { pattern, anyPattern, deny, foreach } = validation;
  const there = forms.filter((each) => validation[each] !== undefined);
  if (there.length !== 1) compiler.mistake(path, `takes exactly one of ${forms.join(', ')}`);
  else if (pattern !== undefined) return compilePattern(pattern, words, [...path, 'pattern'], compiler);
  else if (anyPattern !== undefined) return compileAnyPattern(anyPattern, words, [...path, 'anyPattern'], compiler);
  else if (deny !== undefined) return compileDeny(deny, words, [...path, 'deny'], compiler);
  else if (foreach !== undefined)
    return compileForeach(foreach, words, [...path, 'foreach'], compiler, compileForm, level);
  return () => valid;
}
