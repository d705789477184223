import type { Environment } from '@marcbachmann/cel-js';

/** Values that have an order: texts, numbers, times, durations, and booleans. */
type Ordered = string | number | bigint | boolean | { valueOf(): number | bigint };

/** Lists as Kubernetes and the lists extension have them (kubernetes.io/docs, "Kubernetes list library"; cel-go/ext, "Lists"). */
export function registerLists(environment: Environment): void {
  const sync = { async: false };
  const register = (signature: string, call: (...values: never[]) => unknown): void => {
    environment.registerFunction(signature, call, sync);
  };
  register('list.isSorted(): bool', (values: readonly Ordered[]) =>
    values.every((each, at) => at === 0 || compare(values[at - 1] as Ordered, each) <= 0),
  );
  register('list.sum(): dyn', (values: readonly (number | bigint)[]) => sum(values));
  register('list.min(): dyn', (values: readonly Ordered[]) => extreme(values, 'min', -1));
  register('list.max(): dyn', (values: readonly Ordered[]) => extreme(values, 'max', 1));
  register('list.slice(int, int): list<dyn>', (values: readonly unknown[], from: bigint, to: bigint) => {
    if (from < 0n || to < from || to > BigInt(values.length)) throw new RangeError(`slice(${from}, ${to}) is outside`);
    return values.slice(Number(from), Number(to));
  });
  register('list.reverse(): list<dyn>', (values: readonly unknown[]) => values.toReversed());
  register('list.sort(): list<dyn>', (values: readonly Ordered[]) => values.toSorted(compare));
  register('list.flatten(): list<dyn>', (values: readonly unknown[]) => values.flat());
  register('list.distinct(): list<dyn>', (values: readonly unknown[]) => {
    const seen = new Set<unknown>();
    return values.filter((each) => {
      const key = typeof each === 'object' && each !== null ? keyOf(each) : each;
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    });
  });
}

function sum(values: readonly (number | bigint)[]): number | bigint {
  if (values.every((each) => typeof each === 'bigint')) return values.reduce((total, each) => total + each, 0n);
  if (values.every((each) => typeof each === 'number')) return values.reduce((total, each) => total + each, 0);
  throw new RangeError('sum() of a list that has something else than numbers of one type');
}

function extreme(values: readonly Ordered[], name: string, sign: 1 | -1): Ordered {
  const [first, ...rest] = values;
  if (first === undefined) throw new RangeError(`${name}() of an empty list`);
  return rest.reduce((best, each) => (Math.sign(compare(each, best)) === sign ? each : best), first);
}

function compare(left: Ordered, right: Ordered): number {
  const [own, other] = [left.valueOf(), right.valueOf()];
  const isNumber = (value: unknown): boolean => typeof value === 'number' || typeof value === 'bigint';
  if (typeof own !== typeof other && !(isNumber(own) && isNumber(other))) {
    throw new RangeError('values of different types have no order');
  }
  if (typeof own === 'object') throw new RangeError('lists and maps have no order');
  return own < other ? -1 : own > other ? 1 : 0;
}

/** The same for what is equal: ints are apart from doubles only where they differ. */
function keyOf(value: object): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? Number(each) : each));
}
