import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import { LangError } from '../../../lang/error.ts';
import type { JsonValue } from '../../../lang/jmespath/value.ts';
import type { ContextEntry } from '../document/policy/model.ts';
import type { RuleCompiler } from '../rule/compiler.ts';
import type { ContextScope, LoadContext } from './compile-context.ts';
import { compileExpressionText, viewOf } from './view.ts';

/**
 * A value with variables, an expression over one, or an expression over what there is. The default is for what gives nothing, and never
 * for what could not be looked up or computed.
 */
export function compileVariable(
  name: string,
  { value, jmesPath, default: otherwise }: NonNullable<ContextEntry['variable']>,
  path: ConfigPath,
  compiler: RuleCompiler,
): LoadContext {
  if (value === undefined && jmesPath === undefined && otherwise === undefined) {
    compiler.mistake(path, 'needs value, jmesPath or default');
  }
  const given = value === undefined ? undefined : compiler.template(value, [...path, 'value']);
  const fallback = otherwise === undefined ? undefined : compiler.template(otherwise, [...path, 'default']);
  const expressionOf = compileExpressionText(jmesPath, [...path, 'jmesPath'], compiler);
  const find = (scope: ContextScope): JsonValue => {
    const expression = expressionOf?.(scope);
    if (given === undefined) return expression === undefined ? null : scope.search(expression);
    const found = given.fill(scope.search);
    return expression === undefined ? found : viewOf(expression, found, scope);
  };
  return (scope) => {
    const found = find(scope) ?? fallback?.fill(scope.search) ?? null;
    if (found !== null) return found;
    throw new LangError('EVALUATION', `The variable ${name} of the context gives nothing, and has no default`);
  };
}
