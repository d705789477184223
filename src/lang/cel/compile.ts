import { Environment } from '@marcbachmann/cel-js';
import { errorMessage } from '../../base/error.ts';
import { LangError } from '../error.ts';

/** A compiled condition: true or false for the values of its variables. */
export type CelCondition = (variables: Readonly<Record<string, unknown>>) => boolean;

/** Caps on an expression; conditions that people write have some hundreds of nodes. */
const limits = {
  characters: 65_536,
  maxAstNodes: 20_000,
  maxDepth: 200,
  maxListElements: 4096,
  maxMapEntries: 4096,
  maxCallArguments: 64,
} as const;

/**
 * Reads a condition in the Common Expression Language (github.com/google/cel-spec). Its variables are of any type and are
 * named beforehand, so that a misspelt one is an error when it is read and not a condition that never holds.
 *
 * @throws LangError SYNTAX or LIMIT_EXCEEDED; calling the result throws LangError EVALUATION when the condition has no answer
 */
export function compileCel(text: string, variables: readonly string[]): CelCondition {
  if (text.length > limits.characters) {
    throw new LangError('LIMIT_EXCEEDED', `The condition has more than ${limits.characters} characters`);
  }
  const { characters: _characters, ...bounds } = limits;
  const environment = new Environment({ limits: bounds, homogeneousAggregateLiterals: false });
  compareNumbers(environment);
  for (const name of variables) environment.registerVariable(name, 'dyn');
  let evaluate: ReturnType<Environment['parse']>;
  try {
    evaluate = environment.parse(text);
    const { valid, error } = evaluate.check();
    if (!valid) throw error ?? new Error('its types do not fit');
  } catch (cause) {
    throw new LangError('SYNTAX', `The condition cannot be read: ${firstLine(cause)}`, { cause });
  }
  return (values) => {
    let answer: unknown;
    try {
      answer = evaluate({ ...values });
    } catch (cause) {
      throw new LangError('EVALUATION', `The condition has no answer: ${firstLine(cause)}`, { cause });
    }
    if (typeof answer === 'boolean') return answer;
    throw new LangError('EVALUATION', 'The condition is neither true nor false');
  };
}

/**
 * Numbers of all types lie on one line (langdef.md, "Numeric Values"): numbers of JSON are doubles, those that people write
 * mostly ints. What stands in a list or map is compared so where both are ints or doubles.
 */
function compareNumbers(environment: Environment): void {
  for (const types of ['int == double', 'int == uint', 'uint == double']) {
    environment.registerOperator(types, (left: CelNumber, right: CelNumber) =>
      areEqual(left.valueOf(), right.valueOf()),
    );
  }
  environment.registerFunction('int(uint): int', (value: CelNumber) => {
    const number = BigInt(value.valueOf());
    if (number >= 2n ** 63n) throw new RangeError('int() of a uint that no int can hold');
    return number;
  });
}

/** Ints are bigints, doubles numbers, and uints objects of the library that hold a bigint. */
interface CelNumber {
  valueOf(): number | bigint;
}

/** Exact, as JavaScript compares the two by their mathematical values. */
function areEqual(left: number | bigint, right: number | bigint): boolean {
  // oxlint-disable-next-line eqeqeq -- the strict one tells types apart
  return left == right;
}

function firstLine(error: unknown): string {
  return errorMessage(error).split('\n', 1)[0] ?? '';
}
