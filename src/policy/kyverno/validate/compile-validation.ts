import type { KyvernoRule, KyvernoValidation } from '../document/policy/model.ts';
import type { RuleCompiler } from '../rule/compiler.ts';
import { compileMessage } from '../rule/conditions.ts';
import { compileCelValidation } from './cel.ts';
import { compileForm, forms } from './form.ts';
import type { Validate } from './model.ts';

/** Forms that are not carried out, and what to do instead. */
const unsupported = {
  podSecurity: 'is not supported; use the Pod Security Standards of Kubernetes, or patterns for what they ask',
  manifests: 'is not supported: signatures of manifests are not verified',
  assert: 'is not supported; write pattern, deny or cel',
} as const;

/** Compiles what an object must be like. What is wrong with it is told to the compiler. */
export function compileValidation(rule: KyvernoRule, validation: KyvernoValidation, compiler: RuleCompiler): Validate {
  const path = ['validate'];
  for (const [name, why] of Object.entries(unsupported)) {
    if (validation[name as keyof typeof unsupported] !== undefined) compiler.mistake([...path, name], why);
  }
  const { message, cel, podSecurity, manifests, assert } = validation;
  const words = {
    rule: rule.name,
    message: message === undefined ? undefined : compileMessage(message, [...path, 'message'], compiler),
  };
  const others = [podSecurity, manifests, assert].filter((each) => each !== undefined).length;
  if (cel !== undefined) {
    if (forms.some((each) => validation[each] !== undefined))
      compiler.mistake([...path, 'cel'], 'takes no other form beside it');
    return compileCelValidation(cel, words, [...path, 'cel'], compiler);
  }
  if (others > 0) return () => ({ outcome: 'passed', message: '' });
  return compileForm(validation, words, path, compiler, 0);
}
