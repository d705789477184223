import { LangError } from '../../../lang/error.ts';
import { type JmespathFunction, valueFunction } from '../../../lang/jmespath/function/declare.ts';
import { parseSemverRange } from '../../../lang/semver/range.ts';
import { parseSemver } from '../../../lang/semver/semver.ts';

/** `semver_compare()`: whether a version is in a range. */
export const versionFunctions: readonly JmespathFunction[] = [
  valueFunction('semver_compare', ['string', 'string'], ([text, rangeText]) => {
    const version = parseSemver(text as string);
    if (version === undefined) throw wrong(text as string, 'no version such as 1.2.3');
    const range = parseSemverRange(rangeText as string);
    if (range === undefined) throw wrong(rangeText as string, 'no range such as ">=1.2.0 <2.0.0"');
    return range(version);
  }),
];

function wrong(text: string, what: string): LangError {
  return new LangError('EVALUATION', `semver_compare(): ${JSON.stringify(text.slice(0, 60))} is ${what}`);
}
