import { comparePadded, isDotted } from './dotted.ts';
import { invalidVersion } from './error.ts';
import { matchesGrammar, type VersionScheme } from './scheme.ts';
import { compareNumbers, compareTexts, isDigit } from './text.ts';

const grammar = /^\d+(?:\.[0-9A-Za-z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;
/** What RubyGems' ordering reads although its grammar does not: letters right after the first number (`1beta`). */
const orderable = /^\d+[A-Za-z]*(?:\.[0-9A-Za-z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;
const piece = /\d+|[A-Za-z]+|-/g;
const zeros = /^0+$/;

function isValid(text: string): boolean {
  return matchesGrammar(text, grammar);
}

function isNumber(segment: string): boolean {
  return isDigit(segment.charCodeAt(0));
}

function dropTrailingZeros(segments: string[]): void {
  while (segments.length > 0 && zeros.test(segments.at(-1) as string)) segments.pop();
}

/** Numbers and words in turn, without the zeros that end the leading numbers and the whole; a dash reads as `pre`. */
function segmentsOf(text: string): readonly string[] {
  const segments: string[] = [];
  let hasWord = false;
  for (const found of text.match(piece) ?? []) {
    const segment = found === '-' ? 'pre' : found;
    if (!hasWord && !isNumber(segment)) {
      dropTrailingZeros(segments);
      hasWord = true;
    }
    segments.push(segment);
  }
  dropTrailingZeros(segments);
  return segments;
}

function compareSegments(a: string, b: string): number {
  const aNumber = isNumber(a);
  if (aNumber !== isNumber(b)) return aNumber ? 1 : -1;
  return aNumber ? compareNumbers(a, b) : compareTexts(a, b);
}

function compare(a: string, b: string): number {
  if (!matchesGrammar(a, orderable)) throw invalidVersion('gem', a);
  if (!matchesGrammar(b, orderable)) throw invalidVersion('gem', b);
  if (isDotted(a) && isDotted(b)) return comparePadded(a, b);
  const aSegments = segmentsOf(a);
  const bSegments = segmentsOf(b);
  const length = Math.max(aSegments.length, bSegments.length);
  for (let index = 0; index < length; index += 1) {
    const order = compareSegments(aSegments[index] ?? '0', bSegments[index] ?? '0');
    if (order !== 0) return order;
  }
  return 0;
}

/** Ruby's packages: a word makes a pre-release, since it is below any number and below nothing at all (`Gem::Version`). */
export const gem: VersionScheme = { id: 'gem', compare, isValid };
