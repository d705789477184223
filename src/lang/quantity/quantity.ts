/** How a quantity was written, which decides how it is written again. */
export type QuantityFormat = 'decimal' | 'binary' | 'exponent';

/** An amount of a resource (Kubernetes, apimachinery, resource.Quantity). */
export interface Quantity {
  /** In billionths; what is smaller was rounded away from zero when it was read. */
  readonly nano: bigint;
  readonly format: QuantityFormat;
}

const decimalSuffixes: readonly (readonly [suffix: string, power: number])[] = [
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
];
const binarySuffixes: readonly (readonly [suffix: string, power: number])[] = [
  ['Ki', 10],
  ['Mi', 20],
  ['Gi', 30],
  ['Ti', 40],
  ['Pi', 50],
  ['Ei', 60],
];
const nanoOfOne = 10n ** 9n;
const grammar = /^([+-]?)(\d*)(?:\.(\d*))?(?:([eE][+-]?\d{1,3})|([numkMGTPE]|[KMGTPE]i)?)$/;

/** Reads one, such as `100Mi`, `0.5`, `250m` or `1e3`; undefined for what is none. At most 100 characters. */
export function parseQuantity(text: string): Quantity | undefined {
  if (text.length > 100) return undefined;
  const [whole, sign, digits = '', fraction = '', exponent, suffix = ''] = grammar.exec(text) ?? [];
  if (whole === undefined || (digits === '' && fraction === '')) return undefined;
  const isNegative = sign === '-';
  const number = BigInt(digits + fraction);
  const binary = binarySuffixes.find(([each]) => each === suffix);
  const power =
    exponent === undefined ? (decimalSuffixes.find(([each]) => each === suffix)?.[1] ?? 0) : Number(exponent.slice(1));
  if (power > 200) return undefined;
  const scaled = binary === undefined ? number : number << BigInt(binary[1]);
  const nano = shift(scaled, 9 - fraction.length + (binary === undefined ? power : 0));
  const format = binary === undefined ? (exponent === undefined ? 'decimal' : 'exponent') : 'binary';
  return { nano: isNegative ? -nano : nano, format };
}

/** Which of two is greater: negative, zero or positive. */
export function compareQuantities(left: Quantity, right: Quantity): number {
  return left.nano < right.nano ? -1 : left.nano > right.nano ? 1 : 0;
}

/** In the one form that Kubernetes writes: the largest suffix that leaves a whole number. */
export function formatQuantity({ nano, format }: Quantity): string {
  if (nano === 0n) return '0';
  const sign = nano < 0n ? '-' : '';
  const size = nano < 0n ? -nano : nano;
  // What is below 1024 or no whole number is written in the decimal form whatever it was.
  if (format === 'binary' && size % nanoOfOne === 0n && size >= 1024n * nanoOfOne) {
    return sign + formatBinary(size / nanoOfOne);
  }
  let number = size;
  let power = -9;
  while (number % 1000n === 0n && power < 18) {
    number /= 1000n;
    power += 3;
  }
  if (format === 'exponent') return `${sign}${number}${power === 0 ? '' : `e${power}`}`;
  return sign + number.toString() + (decimalSuffixes.find(([, each]) => each === power)?.[0] ?? '');
}

function formatBinary(whole: bigint): string {
  let number = whole;
  let found = '';
  for (const [suffix] of binarySuffixes) {
    if (number % 1024n !== 0n) break;
    number /= 1024n;
    found = suffix;
  }
  return number.toString() + found;
}

/** Times a power of ten, rounded away from zero. */
function shift(number: bigint, power: number): bigint {
  if (power >= 0) return number * 10n ** BigInt(power);
  const divisor = 10n ** BigInt(-power);
  return (number + divisor - 1n) / divisor;
}
