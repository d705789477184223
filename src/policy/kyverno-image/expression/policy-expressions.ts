import { type CelExpression, compileCelExpression } from '../../../lang/cel/compile.ts';
import { LangError } from '../../../lang/error.ts';
import { functionsFor, type ImageFunctions } from './functions.ts';

/** Variables of a policy's expressions. */
export const policyVariables: readonly string[] = [
  'object',
  'oldObject',
  'request',
  'namespaceObject',
  'variables',
  'images',
  'attestors',
  'attestations',
  'exceptions',
  'resource',
  'globalContext',
];

/** Variables of conditions on whether a policy is about an object. */
export const matchVariables: readonly string[] = [
  'object',
  'oldObject',
  'request',
  'namespaceObject',
  'variables',
  'resource',
  'globalContext',
];

/** Compiles the expressions of one policy, whose functions answer for the object that is being judged. */
export class PolicyExpressions {
  #current: ImageFunctions | undefined;
  readonly #functions = functionsFor(() => {
    if (this.#current === undefined) throw new LangError('EVALUATION', 'There is nothing to look at');
    return this.#current;
  });
  /** All that were compiled. */
  readonly compiled: CelExpression[] = [];

  /** @throws LangError SYNTAX, LIMIT_EXCEEDED */
  compile(text: string, variables: readonly string[] = policyVariables): CelExpression {
    const expression = compileCelExpression(text, variables, this.#functions);
    this.compiled.push(expression);
    return expression;
  }

  /** Does something in which functions of expressions answer for one object. */
  during<Value>(functions: ImageFunctions, act: () => Value): Value {
    const before = this.#current;
    this.#current = functions;
    try {
      return act();
    } finally {
      this.#current = before;
    }
  }
}
