import type { Environment } from '@marcbachmann/cel-js';
import type { Meter } from '../meter.ts';

/**
 * What the library lacks of the strings extension (github.com/google/cel-go/ext, "Strings"). `join` is under `_join`, since the library
 * has one that makes texts of any length.
 */
export function registerTexts(environment: Environment, meter: Meter): void {
  const sync = { async: false };
  const charAt = (text: string, at: bigint): string => {
    if (at < 0n || at > BigInt(text.length)) throw new RangeError(`charAt(${at}) is outside of the text`);
    return text.charAt(Number(at));
  };
  const replace = (text: string, from: string, to: string, most = -1n): string => {
    const limit = most < 0n ? Number.POSITIVE_INFINITY : Number(most);
    const parts = from === '' ? ['', ...Array.from(text), ''] : text.split(from);
    const times = Math.min(limit, parts.length - 1);
    // Before it is made, so that a text cannot grow beyond what is there.
    meter.charge((text.length + times * to.length) >> 4);
    return `${parts.slice(0, times + 1).join(to)}${parts.length > times + 1 ? from : ''}${parts.slice(times + 1).join(from)}`;
  };
  const join = (texts: readonly unknown[], between = ''): string => {
    let length = 0;
    for (const each of texts) {
      if (typeof each !== 'string') throw new RangeError('join() of a list that has something else than texts');
      length += each.length + between.length;
    }
    meter.charge(length >> 4);
    return texts.join(between);
  };
  environment.registerFunction('string.charAt(int): string', charAt, sync);
  environment.registerFunction('string.replace(string, string): string', replace, sync);
  environment.registerFunction('string.replace(string, string, int): string', replace, sync);
  environment.registerFunction('string.reverse(): string', (text: string) => Array.from(text).reverse().join(''), sync);
  environment.registerFunction('list._join(): string', join, sync);
  environment.registerFunction('list._join(string): string', join, sync);
}
