import { LangError } from '../error.ts';

/** Nanoseconds of each unit (Go, package time, ParseDuration). */
const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n, // U+00B5
  μs: 1000n, // U+03BC
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const most = 2n ** 63n;
const piece = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/uy;

/**
 * Reads a duration as Go writes it, such as `1h30m`, `-1.5s` or `0` (package time, ParseDuration).
 *
 * @returns nanoseconds; undefined for what is none, or longer than 292 years
 */
export function parseGoDuration(text: string): bigint | undefined {
  if (text.length > 200) return undefined;
  const isNegative = text.startsWith('-');
  const rest = /^[+-]/.test(text) ? text.slice(1) : text;
  if (rest === '0') return 0n;
  let total = 0n;
  let at = 0;
  while (at < rest.length) {
    piece.lastIndex = at;
    const [whole, digits = '', fraction = '', unit = ''] = piece.exec(rest) ?? [];
    if (whole === undefined || (digits === '' && fraction === '')) return undefined;
    const nanoseconds = units[unit] ?? 0n;
    total += BigInt(digits === '' ? '0' : digits) * nanoseconds;
    if (fraction !== '') total += (BigInt(fraction) * nanoseconds) / 10n ** BigInt(fraction.length);
    at += whole.length;
  }
  if (at === 0 || total > most || (total === most && !isNegative)) return undefined;
  return isNegative ? -total : total;
}

/** @param name of what takes it, for the sentence @throws LangError EVALUATION for what is no duration */
export function readGoDuration(text: string, name: string): bigint {
  const found = parseGoDuration(text);
  if (found !== undefined) return found;
  throw new LangError('EVALUATION', `${name}: ${JSON.stringify(text.slice(0, 60))} is no duration such as 1h30m`);
}

/** As Go writes it: `72h3m0.5s`, `1.5ms`, `0s` (package time, Duration.String). */
export function formatGoDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s';
  const sign = nanoseconds < 0n ? '-' : '';
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (size < 1000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${decimal(size, 1000n)}µs`;
  if (size < 1_000_000_000n) return `${sign}${decimal(size, 1_000_000n)}ms`;
  const minutes = size / 60_000_000_000n;
  const seconds = `${decimal(size % 60_000_000_000n, 1_000_000_000n)}s`;
  if (minutes === 0n) return sign + seconds;
  const hours = minutes / 60n;
  return `${sign}${hours === 0n ? '' : `${hours}h`}${minutes % 60n}m${seconds}`;
}

function decimal(value: bigint, unit: bigint): string {
  const fraction = (value % unit)
    .toString()
    .padStart(unit.toString().length - 1, '0')
    .replace(/0+$/, '');
  return `${value / unit}${fraction === '' ? '' : `.${fraction}`}`;
}
