import { compareDigits, endOfDigits, isDigit } from './text.ts';

const dot = 0x2e;

/** True when `text` is nothing but numbers with dots between: the common case that most schemes order alike. */
export function isDotted(text: string): boolean {
  let wantsDigit = true;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isDigit(code)) {
      wantsDigit = false;
    } else {
      if (code !== dot || wantsDigit) return false;
      wantsDigit = true;
    }
  }
  return !wantsDigit;
}

/** Orders lists of numbers as if the shorter one went on with zeros: `1.0` is `1`. */
export function comparePadded(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const iEnd = endOfDigits(a, i, a.length);
    const jEnd = endOfDigits(b, j, b.length);
    const order = compareDigits(a, i, iEnd, b, j, jEnd);
    if (order !== 0) return order;
    i = Math.min(iEnd + 1, a.length);
    j = Math.min(jEnd + 1, b.length);
  }
  return 0;
}

/** Orders lists of numbers with any one character between; the shorter one is lower when it begins the other: `1` < `1.0`. */
export function compareNumberLists(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const iEnd = endOfDigits(a, i, a.length);
    const jEnd = endOfDigits(b, j, b.length);
    const order = compareDigits(a, i, iEnd, b, j, jEnd);
    if (order !== 0) return order;
    i = iEnd + 1;
    j = jEnd + 1;
  }
  return Number(i < a.length) - Number(j < b.length);
}
