import { LangError } from '../../../lang/error.ts';
import { formatGoDuration, parseGoDuration } from '../../../lang/go/duration.ts';
import { type JmespathFunction, valueFunction } from '../../../lang/jmespath/function/declare.ts';
import type { JsonValue } from '../../../lang/jmespath/value.ts';
import { formatQuantity, parseQuantity, type QuantityFormat } from '../../../lang/quantity/quantity.ts';

/** What is calculated with. A text is a quantity where it can be one, so that `5m` is five thousandths and no five minutes. */
type Amount =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'quantity'; readonly nano: bigint; readonly format: QuantityFormat }
  | { readonly kind: 'duration'; readonly nanoseconds: bigint };

const most = 2n ** 63n;

/** Functions that calculate (kyverno.io/docs/policy-types/cluster-policy/jmespath, "Arithmetic"). */
export const arithmeticFunctions: readonly JmespathFunction[] = [
  valueFunction('add', ['any', 'any'], ([left, right]) => write(add('add', read('add', left), read('add', right)))),
  valueFunction('sum', ['array'], ([values], { step }) => {
    const amounts = (values as readonly JsonValue[]).map((each) => read('sum', each));
    const [first, ...others] = amounts;
    if (first === undefined) throw new LangError('EVALUATION', 'sum(): there is nothing in the list');
    return write(
      others.reduce((total, each) => {
        step();
        return add('sum', total, each);
      }, first),
    );
  }),
  valueFunction('subtract', ['any', 'any'], ([left, right]) =>
    write(add('subtract', read('subtract', left), negated(read('subtract', right)))),
  ),
  valueFunction('multiply', ['any', 'any'], ([left, right]) =>
    write(multiply(read('multiply', left), read('multiply', right))),
  ),
  valueFunction('divide', ['any', 'any'], ([left, right]) =>
    write(divide(read('divide', left), read('divide', right))),
  ),
  valueFunction('modulo', ['any', 'any'], ([left, right]) =>
    write(modulo(read('modulo', left), read('modulo', right))),
  ),
  valueFunction('round', ['number', 'number'], ([value, digits]) => round(value as number, digits as number)),
];

function read(name: string, value: JsonValue | undefined): Amount {
  if (typeof value === 'number') return { kind: 'number', value };
  if (typeof value === 'string') {
    const quantity = parseQuantity(value);
    if (quantity !== undefined) return { kind: 'quantity', ...quantity };
    const nanoseconds = parseGoDuration(value);
    if (nanoseconds !== undefined) return { kind: 'duration', nanoseconds };
  }
  const shown = (JSON.stringify(value) ?? 'nothing').slice(0, 60);
  throw new LangError('EVALUATION', `${name}(): ${shown} is neither a number nor a quantity nor a duration`);
}

function write(amount: Amount): JsonValue {
  switch (amount.kind) {
    case 'number':
      if (Number.isFinite(amount.value)) return withoutSign(amount.value);
      throw new LangError('EVALUATION', 'The result is too large for a number');
    case 'quantity':
      return formatQuantity(amount);
    default:
      if (amount.nanoseconds < most && amount.nanoseconds >= -most) return formatGoDuration(amount.nanoseconds);
      throw new LangError('EVALUATION', 'The result is too long for a duration');
  }
}

function add(name: string, left: Amount, right: Amount): Amount {
  if (left.kind === 'number' && right.kind === 'number') return { kind: 'number', value: left.value + right.value };
  if (left.kind === 'quantity' && right.kind === 'quantity') {
    return { kind: 'quantity', nano: left.nano + right.nano, format: left.nano === 0n ? right.format : left.format };
  }
  if (left.kind === 'duration' && right.kind === 'duration') {
    return { kind: 'duration', nanoseconds: left.nanoseconds + right.nanoseconds };
  }
  throw mismatch(name, left, right);
}

function negated(amount: Amount): Amount {
  switch (amount.kind) {
    case 'number':
      return { ...amount, value: -amount.value };
    case 'quantity':
      return { ...amount, nano: -amount.nano };
    default:
      return { ...amount, nanoseconds: -amount.nanoseconds };
  }
}

function multiply(left: Amount, right: Amount): Amount {
  if (left.kind === 'number' && right.kind === 'number') return { kind: 'number', value: left.value * right.value };
  const [amount, factor] = left.kind === 'number' ? [right, left] : [left, right];
  if (factor.kind !== 'number') throw mismatch('multiply', left, right);
  return scaled(amount, factor.value, 'multiply');
}

function divide(left: Amount, right: Amount): Amount {
  if (valueOf(right) === 0) throw new LangError('EVALUATION', 'divide(): there is no division by zero');
  if (left.kind === right.kind) return { kind: 'number', value: ratio(left, right) };
  if (right.kind === 'number') return scaled(left, 1 / right.value, 'divide');
  throw mismatch('divide', left, right);
}

function modulo(left: Amount, right: Amount): Amount {
  if (valueOf(right) === 0) throw new LangError('EVALUATION', 'modulo(): there is no division by zero');
  if (left.kind === 'number' && right.kind === 'number') {
    if (!Number.isInteger(left.value) || !Number.isInteger(right.value)) {
      throw new LangError('EVALUATION', 'modulo(): numbers must be whole');
    }
    return { kind: 'number', value: left.value % right.value };
  }
  if (left.kind === 'quantity' && right.kind === 'quantity') return { ...left, nano: left.nano % right.nano };
  if (left.kind === 'duration' && right.kind === 'duration') {
    return { ...left, nanoseconds: left.nanoseconds % right.nanoseconds };
  }
  throw mismatch('modulo', left, right);
}

function valueOf(amount: Amount): number {
  if (amount.kind === 'number') return amount.value;
  return Number(amount.kind === 'quantity' ? amount.nano : amount.nanoseconds);
}

function ratio(left: Amount, right: Amount): number {
  return valueOf(left) / valueOf(right);
}

function scaled(amount: Amount, factor: number, name: string): Amount {
  // Through a number of 17 digits, so that whole factors stay exact.
  const times = (value: bigint): bigint => {
    const result = Number.isInteger(factor) ? value * BigInt(factor) : undefined;
    if (result !== undefined) return result;
    const inexact = Number(value) * factor;
    if (!Number.isFinite(inexact)) throw new LangError('EVALUATION', `${name}(): the result is too large`);
    return BigInt(Math.round(inexact));
  };
  switch (amount.kind) {
    case 'quantity':
      return { ...amount, nano: times(amount.nano) };
    case 'duration':
      return { ...amount, nanoseconds: times(amount.nanoseconds) };
    default:
      return { ...amount, value: amount.value * factor };
  }
}

function round(value: number, digits: number): number {
  if (!Number.isInteger(digits) || digits < 0) {
    throw new LangError('EVALUATION', 'round(): the number of digits must be whole, and not below zero');
  }
  const factor = 10 ** Math.min(digits, 15);
  // So large a number has no digits behind its point.
  if (!Number.isFinite(value * factor)) return value;
  const rounded = Math.round(Math.abs(value) * factor) / factor;
  return withoutSign(value < 0 ? -rounded : rounded);
}

/** Zero has no sign in JSON as others read it, and is equal to nothing else. */
function withoutSign(value: number): number {
  return value === 0 ? 0 : value;
}

function mismatch(name: string, left: Amount, right: Amount): LangError {
  return new LangError('EVALUATION', `${name}(): a ${left.kind} and a ${right.kind} do not go together`);
}
