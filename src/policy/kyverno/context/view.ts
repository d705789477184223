import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import { LangError } from '../../../lang/error.ts';
import type { JsonValue } from '../../../lang/jmespath/value.ts';
import type { RuleCompiler } from '../rule/compiler.ts';
import type { ContextScope } from './compile-context.ts';

/** Reads a `jmesPath`, in which variables may be; undefined where there is none. */
export function compileExpressionText(
  text: string | undefined,
  path: ConfigPath,
  compiler: RuleCompiler,
): ((scope: ContextScope) => string) | undefined {
  if (text === undefined || text === '') return undefined;
  const { isFixed, fill } = compiler.template(text, path);
  if (isFixed) compiler.expression(text, path);
  return ({ search }) => {
    const expression = fill(search);
    if (typeof expression === 'string') return expression;
    throw new LangError('EVALUATION', 'The jmesPath of an entry of the context is no text');
  };
}

/** What a `jmesPath` finds in a value, or the value where there is none. */
export function compileView(
  text: string | undefined,
  path: ConfigPath,
  compiler: RuleCompiler,
): (value: JsonValue, scope: ContextScope) => JsonValue {
  const expressionOf = compileExpressionText(text, path, compiler);
  if (expressionOf === undefined) return (value) => value;
  return (value, scope) => viewOf(expressionOf(scope), value, scope);
}

/** What an expression finds in a value. @throws LangError */
export function viewOf(expression: string, value: JsonValue, { judging }: ContextScope): JsonValue {
  return judging.tools.expressions.get(expression).search(value, judging.environment);
}
