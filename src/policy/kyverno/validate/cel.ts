import { once } from '../../../base/once.ts';
import { lazyObject } from '../../../base/lazy-object.ts';
import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import { type CelExpression, compileCel, compileCelExpression } from '../../../lang/cel/compile.ts';
import { LangError } from '../../../lang/error.ts';
import type { CelValidation } from '../document/policy/model.ts';
import type { RuleCompiler } from '../rule/compiler.ts';
import type { JudgingScope } from '../rule/scope.ts';
import { celVariables, celVariablesOf } from './cel-variables.ts';
import { invalid, type Validate, type ValidationWords, valid } from './model.ts';

/** What is not carried out, and why. */
const refused = {
  paramKind: 'is not supported: objects of parameters are not read; write their values into the expressions',
  paramRef: 'is not supported: objects of parameters are not read; write their values into the expressions',
  auditAnnotations: 'is not supported: nothing is written into the audit log of the API server',
} as const;

/** Expressions that must be true (Kyverno, "Common Expression Language"; Kubernetes, ValidatingAdmissionPolicy). */
export function compileCelValidation(
  cel: CelValidation,
  words: ValidationWords,
  path: ConfigPath,
  compiler: RuleCompiler,
): Validate {
  for (const [name, why] of Object.entries(refused)) {
    if (cel[name as keyof typeof refused] !== undefined) compiler.mistake([...path, name], why);
  }
  const { expressions = [], variables = [] } = cel;
  if (expressions.length === 0) compiler.mistake([...path, 'expressions'], 'needs one expression at least');
  const checks = expressions.map(({ expression, message, messageExpression }, at) => {
    const own = [...path, 'expressions', at];
    const place = [...own, 'messageExpression'];
    return {
      expression,
      message,
      holds: compiler.attempt([...own, 'expression'], () => compileCel(expression, celVariables)),
      told:
        messageExpression === undefined
          ? undefined
          : compiler.attempt(place, () => compileCelExpression(messageExpression, celVariables)),
    };
  });
  const own = compileVariables(variables, [...path, 'variables'], compiler);
  const used = [...own.map(({ expression }) => expression), ...checks.flatMap(({ holds, told }) => [holds, told])];
  const scopeOf = compileCelScope(own, used.some(usesNamespace));
  return (scope) => {
    const values = scopeOf(scope);
    for (const { expression, message, holds, told } of checks) {
      scope.step();
      if (holds?.(values) !== false) continue;
      const made = told === undefined ? undefined : textOf(told, values);
      const text = made ?? message ?? words.message?.(scope) ?? '';
      return invalid(text === '' ? `failed expression: ${expression.trim()}` : text);
    }
    return valid;
  };
}

/** Conditions on whether a rule is about an object (Kyverno, `celPreconditions`). @throws LangError, NeedsLookup when called */
export function compileCelPreconditions(
  conditions: readonly { readonly name: string; readonly expression: string }[],
  path: ConfigPath,
  compiler: RuleCompiler,
): (scope: JudgingScope) => boolean {
  const compiled = conditions.map(({ expression }, at) =>
    compiler.attempt([...path, at, 'expression'], () => compileCel(expression, celVariables)),
  );
  const scopeOf = compileCelScope([], compiled.some(usesNamespace));
  return (scope) => {
    const values = scopeOf(scope);
    return compiled.every((holds) => {
      scope.step();
      return holds?.(values) === true;
    });
  };
}

/** A variable of the rule. */
interface CelVariable {
  readonly name: string;
  readonly expression: CelExpression | undefined;
}

function compileVariables(
  variables: NonNullable<CelValidation['variables']>,
  path: ConfigPath,
  compiler: RuleCompiler,
): readonly CelVariable[] {
  return variables.map(({ name, expression }, at) => {
    if (!/^[A-Za-z_]\w*$/.test(name)) compiler.mistake([...path, at, 'name'], 'is no name of a variable');
    const read = (): CelExpression => compileCelExpression(expression, celVariables);
    return { name, expression: compiler.attempt([...path, at, 'expression'], read) };
  });
}

function usesNamespace(expression: Pick<CelExpression, 'uses'> | undefined): boolean {
  return expression?.uses.has('namespaceObject') === true;
}

/** Variables, those of the rule among them, each of which is computed when an expression looks at it. */
function compileCelScope(
  variables: readonly CelVariable[],
  usesNamespaceObject: boolean,
): (scope: JudgingScope) => Readonly<Record<string, unknown>> {
  return (scope) => {
    const base = celVariablesOf(scope, usesNamespaceObject);
    const withVariables = (own: ReadonlyMap<string, () => unknown>): Readonly<Record<string, unknown>> => {
      const all = Object.keys(base).map((name) => [name, () => base[name]] as const);
      const made = lazyObject(own);
      return lazyObject(new Map<string, () => unknown>([...all, ['variables', () => made]]));
    };
    let made: ReadonlyMap<string, () => unknown> = new Map();
    for (const { name, expression } of variables) {
      // Each sees those before it, so that none can need itself.
      const before = made;
      const get = once(() => {
        scope.step();
        return expression?.(withVariables(before));
      });
      made = new Map([...before, [name, get]]);
    }
    return withVariables(made);
  };
}

/** One line of text; anything else is passed over, as Kubernetes does. */
function textOf(expression: CelExpression, values: Readonly<Record<string, unknown>>): string | undefined {
  try {
    const made = expression(values);
    return typeof made === 'string' && made.trim() !== '' && !made.includes('\n') ? made : undefined;
  } catch (error) {
    if (error instanceof LangError) return undefined;
    throw error;
  }
}
