import type { FunctionTable } from '../../../lang/jmespath/function/declare.ts';
import { compileJmespath, type JmespathExpression } from '../../../lang/jmespath/evaluate.ts';
import { kyvernoFunctions } from '../function/list.ts';
import type { KyvernoSettings } from './model.ts';

/** What all rules are compiled and judged with. */
export interface RuleTools {
  readonly settings: KyvernoSettings;
  readonly functions: FunctionTable;
  readonly expressions: ExpressionTable;
}

/** Expressions that policies have as they are, compiled once. Those that are made of values are compiled each time, and not kept. */
export class ExpressionTable {
  readonly #compiled = new Map<string, JmespathExpression>();

  /** Compiles an expression for good. @throws LangError SYNTAX, LIMIT_EXCEEDED */
  prepare(text: string): void {
    if (!this.#compiled.has(text)) this.#compiled.set(text, compileJmespath(text));
  }

  /** @throws LangError SYNTAX, LIMIT_EXCEEDED for one that is not prepared */
  get(text: string): JmespathExpression {
    return this.#compiled.get(text) ?? compileJmespath(text);
  }
}

/** Tools for policies that are compiled together. */
export function ruleTools(settings: KyvernoSettings): RuleTools {
  return { settings, functions: kyvernoFunctions(settings.naming), expressions: new ExpressionTable() };
}
