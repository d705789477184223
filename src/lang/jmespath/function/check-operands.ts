import { LangError } from '../../error.ts';
import { type JsonValue, typeOf } from '../value.ts';
import type { JmespathFunction, Operand, ParameterType } from './declare.ts';

/**
 * Checks that a call has as many operands as the function takes, of the types that it takes (JMESPath specification, "Functions
 * Expressions").
 *
 * @throws LangError EVALUATION
 */
export function checkOperands(
  { name, parameters, isVariadic = false }: JmespathFunction,
  operands: readonly Operand[],
): void {
  const wrongCount = isVariadic ? operands.length < parameters.length : operands.length !== parameters.length;
  if (wrongCount) {
    const wanted = `${isVariadic ? 'at least ' : ''}${parameters.length}`;
    throw new LangError('EVALUATION', `${name}() takes ${wanted} operands and was given ${operands.length}`);
  }
  for (const [at, operand] of operands.entries()) {
    const types = parameters[Math.min(at, parameters.length - 1)] ?? [];
    if (!types.some((type) => fits(type, operand))) {
      const given = operand.kind === 'reference' ? 'a reference' : typeOf(operand.value);
      throw new LangError(
        'EVALUATION',
        `${name}() takes ${types.join(' or ')} as operand ${at + 1} and was given ${given}`,
      );
    }
  }
}

function fits(type: ParameterType, operand: Operand): boolean {
  if (operand.kind === 'reference') return type === 'reference';
  const { value } = operand;
  switch (type) {
    case 'any':
      return true;
    case 'array-number':
      return isListOf(value, 'number');
    case 'array-string':
      return isListOf(value, 'string');
    default:
      return typeOf(value) === type;
  }
}

function isListOf(value: JsonValue, type: 'number' | 'string'): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === type);
}
