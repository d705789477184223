import type { Environment } from '@marcbachmann/cel-js';

/** Ints are bigints, doubles numbers, and uints objects of the library that hold a bigint. */
interface CelNumber {
  valueOf(): number | bigint;
}

/**
 * Numbers of all types lie on one line (langdef.md, "Numeric Values"): numbers of JSON are doubles, those that people write
 * mostly ints. What stands in a list or map is compared so where both are ints or doubles.
 */
export function registerNumbers(environment: Environment): void {
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

/** Exact, as JavaScript compares the two by their mathematical values. */
function areEqual(left: number | bigint, right: number | bigint): boolean {
  // oxlint-disable-next-line eqeqeq -- the strict one tells types apart
  return left == right;
}
