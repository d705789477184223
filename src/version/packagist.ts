import { composer } from './composer.ts';
import type { VersionScheme } from './scheme.ts';

/**
 * A release's version with four numbers, which is what Composer makes of every version before it compares: `7.65` and
 * `7.65.0` are one release. Branches (`2.1.x-dev`, `dev-main`) stay as they are.
 */
function withFourNumbers(text: string): string {
  const [head, numbers = ''] = /^[vV]?(\d+(?:\.\d+){0,2})(?!\d|\.\d|\.?[xX*])/.exec(text) ?? [];
  if (head === undefined) return text;
  return head + '.0'.repeat(4 - numbers.split('.').length) + text.slice(head.length);
}

/**
 * Packages of Packagist: ordered as {@link composer} does, once Composer has filled up their numbers (Composer's
 * VersionParser::normalize).
 */
export const packagist: VersionScheme = {
  id: 'packagist',
  compare: (a, b) => composer.compare(withFourNumbers(a), withFourNumbers(b)),
  isValid: (text) => composer.isValid(text),
};
