import { isIP } from 'node:net';

/** Forms of IPv6 addresses that lead to one of IPv4: what they begin with, and the word (of 16 bits) at which it stands. */
const forms: readonly { readonly start: readonly number[]; readonly at: number; readonly inverted?: true }[] = [
  // IPv4-compatible and IPv4-mapped (RFC 4291, 2.5.5), IPv4-translated (RFC 2765, 2.1).
  { start: [0, 0, 0, 0, 0, 0], at: 6 },
  { start: [0, 0, 0, 0, 0, 0xffff], at: 6 },
  { start: [0, 0, 0, 0, 0xffff, 0], at: 6 },
  // Translation by its own prefix and by that of one's network (RFC 6052, 2.1; RFC 8215).
  { start: [0x64, 0xff9b, 0, 0, 0, 0], at: 6 },
  { start: [0x64, 0xff9b, 1], at: 6 },
  // 6to4 (RFC 3056, 2) and Teredo (RFC 4380, 4).
  { start: [0x2002], at: 1 },
  { start: [0x2001, 0], at: 6, inverted: true },
];

/** The IPv4 address that an IPv6 address of a well-known form leads to; undefined for all others. */
export function embeddedAddress(address: string): string | undefined {
  const words = wordsOf(address);
  const form =
    words === undefined ? undefined : forms.find(({ start }) => start.every((word, at) => words[at] === word));
  if (words === undefined || form === undefined) return undefined;
  const [high = 0, low = 0] = words.slice(form.at, form.at + 2).map((word) => (form.inverted ? word ^ 0xffff : word));
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}

/** The eight words of an IPv6 address; undefined for what is none. */
function wordsOf(address: string): readonly number[] | undefined {
  // A zone names one's own interface, and is no part of the address (RFC 4007, 11).
  const [text = ''] = address.split('%', 1);
  if (isIP(text) !== 6) return undefined;
  // URLs have one spelling of an address, with hexadecimal words alone.
  const { hostname } = new URL(`http://[${text}]`);
  const [before = '', after] = hostname.slice(1, -1).split('::');
  const head = wordsIn(before);
  const tail = wordsIn(after ?? '');
  return [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

function wordsIn(text: string): readonly number[] {
  return text === '' ? [] : text.split(':').map((word) => Number.parseInt(word, 16));
}
