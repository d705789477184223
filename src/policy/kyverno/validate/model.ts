import type { JsonValue } from '../../../lang/jmespath/value.ts';
import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import type { ValidationForms } from '../document/policy/model.ts';
import type { RuleCompiler } from '../rule/compiler.ts';
import type { JudgingScope } from '../rule/scope.ts';

/** What a form of validation says. */
export interface ValidationResult {
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** For people; empty when it passed. */
  readonly message: string;
}

/**
 * Holds something against a form: an object, or one element of a list.
 *
 * @param target what patterns are compared with
 * @throws LangError, NeedsLookup
 */
export type Validate = (scope: JudgingScope, target: JsonValue) => ValidationResult;

/** It is as it must be. */
export const valid: ValidationResult = { outcome: 'passed', message: '' };

/** It is not. */
export function invalid(message: string): ValidationResult {
  return { outcome: 'failed', message };
}

/** The form says nothing about it. */
export function notMeant(message: string): ValidationResult {
  return { outcome: 'skipped', message };
}

/** What forms tell people with: the rule's name, and its message. */
export interface ValidationWords {
  readonly rule: string;
  /** Undefined where the rule has none. */
  readonly message: ((scope: JudgingScope) => string) | undefined;
}

/** Compiles the one form that is there; elements of lists are held against forms as objects are. */
export type CompileForm = (
  validation: ValidationForms,
  words: ValidationWords,
  path: ConfigPath,
  compiler: RuleCompiler,
  level: number,
) => Validate;

/** `validation error: <message>. rule <name> failed at path <path>`, as Kyverno tells it, and people look for it. */
export function patternMessage({ message }: ValidationWords, scope: JudgingScope, why: string): string {
  const own = message?.(scope) ?? '';
  if (own === '') return `validation error: ${why}`;
  return `validation error: ${own.endsWith('.') ? own : `${own}.`} ${why}`;
}
