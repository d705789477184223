import { printable } from '../base/printable.ts';
import type { Problem } from '../base/problem.ts';
import type { VerificationError } from '../signing/verify/verification-error.ts';
import { evidenceLimits } from './limits.ts';
import { progressOf } from './judge.ts';

/**
 * Why nothing that was found counts, for people, without a full stop: how many there were, and the reasons with the most useful first,
 * which is that of the signature that came furthest. Undefined where nothing was found at all.
 *
 * @param what `signature`
 * @param counted how many others do count
 */
export function whyNot(
  what: string,
  failures: readonly VerificationError[],
  problems: readonly Problem[],
  counted: number = 0,
): string | undefined {
  const count = failures.length + problems.length;
  if (count === 0) return undefined;
  const counts = new Map<string, number>();
  const ordered = [...failures].sort((one, other) => progressOf(other) - progressOf(one)).map(reasonOf);
  for (const reason of [...ordered, ...problems.map(({ message }) => clean(message))]) {
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const { reasons } = evidenceLimits;
  const told = [...counts]
    .slice(0, reasons)
    .map(([reason, times]) => (times > 1 ? `${reason} (${times} times)` : reason));
  const more = counts.size > reasons ? `; and for ${counts.size - reasons} other reasons` : '';
  const one = count === 1;
  const found =
    counted > 0
      ? `${count} other ${what}${one ? ' does' : 's do'} not count`
      : `${count} ${what}${one ? ' was found and does not count' : 's were found and none counts'}`;
  return `${found}: ${told.join('; ')}${more}`;
}

/**
 * Why one thing does not count, for people, without a full stop. Without advice, which is about the command line: who is denied by a gate
 * has none to add flags to.
 */
export function reasonOf({ message: whole, facts: { found, wanted } }: VerificationError): string {
  const message = whole.replace(/(?:; .*)?\.?$/s, '');
  const facts = [
    ...(found === undefined ? [] : [`found ${clean(found)}`]),
    ...(wanted === undefined ? [] : [`wanted ${clean(wanted)}`]),
  ];
  return facts.length === 0 ? clean(message) : `${clean(message)} (${facts.join(', ')})`;
}

/** What others wrote, safe and short enough to be told. */
function clean(text: string): string {
  return printable(text, evidenceLimits.reasonLength).replace(/\.$/, '');
}
