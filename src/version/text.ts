const zero = 0x30;
const nine = 0x39;

/** True for the code of an ASCII digit; false for NaN, which `charCodeAt` gives past the end. */
export function isDigit(code: number): boolean {
  return code >= zero && code <= nine;
}

/** True for the code of an ASCII letter. */
export function isLetter(code: number): boolean {
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

/** Where the run of digits that starts at `from` ends; `from` itself when there is none. */
export function endOfDigits(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && isDigit(text.charCodeAt(at))) at += 1;
  return at;
}

/** Where the run of ASCII letters that starts at `from` ends. */
export function endOfLetters(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && isLetter(text.charCodeAt(at))) at += 1;
  return at;
}

/**
 * Orders two runs of digits by the number they write. An empty run is 0, leading zeros do not count, and length is not
 * limited by what a number holds: feeds have 30-digit components.
 */
export function compareDigits(a: string, aFrom: number, aEnd: number, b: string, bFrom: number, bEnd: number): number {
  let i = aFrom;
  let j = bFrom;
  while (i < aEnd && a.charCodeAt(i) === zero) i += 1;
  while (j < bEnd && b.charCodeAt(j) === zero) j += 1;
  const length = aEnd - i;
  if (length !== bEnd - j) return length - (bEnd - j);
  for (let at = 0; at < length; at += 1) {
    const order = a.charCodeAt(i + at) - b.charCodeAt(j + at);
    if (order !== 0) return order;
  }
  return 0;
}

/** {@link compareDigits} for whole strings. */
export function compareNumbers(a: string, b: string): number {
  return compareDigits(a, 0, a.length, b, 0, b.length);
}

/** Orders two parts of texts by character code; the shorter one is lower when it begins the other. */
export function compareSpans(a: string, aFrom: number, aEnd: number, b: string, bFrom: number, bEnd: number): number {
  const length = Math.min(aEnd - aFrom, bEnd - bFrom);
  for (let at = 0; at < length; at += 1) {
    const order = a.charCodeAt(aFrom + at) - b.charCodeAt(bFrom + at);
    if (order !== 0) return order;
  }
  return aEnd - aFrom - (bEnd - bFrom);
}

/** Orders two texts by character code. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
