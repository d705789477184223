import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import { LangError } from '../../../lang/error.ts';
import { isObject, type JsonValue } from '../../../lang/jmespath/value.ts';
import { compileContext } from '../context/compile-context.ts';
import type { ForeachValidation } from '../document/policy/model.ts';
import { kyvernoLimits } from '../limits.ts';
import type { RuleCompiler } from '../rule/compiler.ts';
import { compileConditions } from '../rule/conditions.ts';
import { NeedsLookup } from '../rule/model.ts';
import type { JudgingScope } from '../rule/scope.ts';
import {
  type CompileForm,
  invalid,
  notMeant,
  type Validate,
  type ValidationResult,
  type ValidationWords,
  valid,
} from './model.ts';

/**
 * What elements of lists must be like (Kyverno, "foreach"): each of several lists, and each element of one. What cannot be computed for
 * an element is passed over in Kyverno unless it is the last; here, it leaves the rule undecided where no other element fails it.
 *
 * @param compileForm compiles the form that elements are held against
 * @param level lists around this one
 */
export function compileForeach(
  entries: readonly ForeachValidation[],
  words: ValidationWords,
  path: ConfigPath,
  compiler: RuleCompiler,
  compileForm: CompileForm,
  level: number,
): Validate {
  if (entries.length === 0) compiler.mistake(path, 'needs one list at least');
  if (level >= kyvernoLimits.foreachDepth) {
    compiler.mistake(path, `has more than ${kyvernoLimits.foreachDepth} lists within each other`);
    return () => valid;
  }
  const lists = entries.map((each, at) => compileList(each, words, [...path, at], compiler, compileForm, level));
  return (scope, target) => {
    const results = lists.map((validate) => attempted(() => validate(scope, target)));
    return summary(results);
  };
}

/** What came of one element, or of one list. */
type Attempt = ValidationResult | { readonly outcome: 'error'; readonly error: LangError | NeedsLookup };

function attempted(act: () => ValidationResult): Attempt {
  try {
    return act();
  } catch (error) {
    if (error instanceof LangError || error instanceof NeedsLookup) return { outcome: 'error', error };
    throw error;
  }
}

/** Whatever is still to be looked up comes first, so that all of it is asked for at once and the answer hangs on no order. */
function summary(attempts: readonly Attempt[]): ValidationResult {
  const errors = attempts.flatMap((each) => (each.outcome === 'error' ? [each.error] : []));
  const needs = errors.find((error) => error instanceof NeedsLookup);
  if (needs !== undefined) throw needs;
  const failed = attempts.find((each) => each.outcome === 'failed');
  if (failed?.outcome === 'failed') return failed;
  const [error] = errors;
  if (error !== undefined) throw error;
  return attempts.some(({ outcome }) => outcome === 'passed') ? valid : notMeant('no element of a list is meant');
}

function compileList(
  entry: ForeachValidation,
  words: ValidationWords,
  path: ConfigPath,
  compiler: RuleCompiler,
  compileForm: CompileForm,
  level: number,
): Validate {
  const { list, elementScope, context, preconditions } = entry;
  const expression = compiler.expression(list, [...path, 'list']);
  const entries = compileContext(context, [...path, 'context'], compiler);
  const conditions = compileConditions(preconditions, [...path, 'preconditions'], compiler);
  const validate = compileForm(entry, words, path, compiler, level + 1);
  // What is deleted has no new form: Kyverno finds nothing there.
  const isOfNew = /\brequest\.object\b|\bimages\b/.test(list);
  const one = (scope: JudgingScope, element: JsonValue, at: number, target: JsonValue): ValidationResult => {
    scope.step();
    const variables = { element, [`element${level}`]: element, elementIndex: at, [`elementIndex${level}`]: at };
    const own = scope.within(variables).withContext(entries);
    const { holds } = conditions(own);
    if (!holds) return notMeant('preconditions not met');
    const result = validate(own, targetOf(element, elementScope, target));
    return result.outcome === 'failed' ? invalid(`validation failure: ${result.message}`) : result;
  };
  return (scope, target) => {
    if (isOfNew && scope.input.subject.operation === 'DELETE') return notMeant('what is deleted has no such list');
    const found = scope.search(expression);
    const elements = Array.isArray(found) ? (found as readonly JsonValue[]) : [found];
    const attempts: Attempt[] = [];
    for (const [at, element] of elements.entries()) {
      if (element === null) continue;
      attempts.push(attempted(() => one(scope, element, at, target)));
    }
    return summary(attempts);
  };
}

/** Patterns are about the element, where it is an object and the rule says nothing else. */
function targetOf(element: JsonValue, elementScope: boolean | undefined, target: JsonValue): JsonValue {
  if (elementScope === true && !isObject(element)) {
    throw new LangError('EVALUATION', 'elementScope is true, and an element of the list is no object');
  }
  return (elementScope ?? isObject(element)) ? element : target;
}
