import { LangError } from '../../../lang/error.ts';
import { type JmespathFunction, valueFunction } from '../../../lang/jmespath/function/declare.ts';
import { compareCodePoints } from '../../../lang/jmespath/function/compare-text.ts';
import { checkTextLength, type JsonValue } from '../../../lang/jmespath/value.ts';

/** Functions of texts (kyverno.io/docs/policy-types/cluster-policy/jmespath, "String"). */
export const textFunctions: readonly JmespathFunction[] = [
  valueFunction('compare', ['string', 'string'], ([left, right]) =>
    Math.sign(compareCodePoints(textOf(left), textOf(right))),
  ),
  valueFunction(
    'equal_fold',
    ['string', 'string'],
    ([left, right]) => textOf(left).toLowerCase() === textOf(right).toLowerCase(),
  ),
  valueFunction('replace', ['string', 'string', 'string', 'number'], ([text, old, fresh, count]) =>
    replace(textOf(text), textOf(old), textOf(fresh), count as number),
  ),
  valueFunction('replace_all', ['string', 'string', 'string'], ([text, old, fresh]) =>
    replace(textOf(text), textOf(old), textOf(fresh), -1),
  ),
  valueFunction('to_upper', ['string'], ([text]) => textOf(text).toUpperCase()),
  valueFunction('to_lower', ['string'], ([text]) => textOf(text).toLowerCase()),
  valueFunction('trim', ['string', 'string'], ([text, characters]) => trim(textOf(text), textOf(characters))),
  valueFunction('trim_prefix', ['string', 'string'], ([text, prefix]) => {
    const [whole, start] = [textOf(text), textOf(prefix)];
    return whole.startsWith(start) ? whole.slice(start.length) : whole;
  }),
  valueFunction('split', ['string', 'string'], ([text, glue]) => {
    const [whole, by] = [textOf(text), textOf(glue)];
    return by === '' ? Array.from(whole) : whole.split(by);
  }),
  valueFunction('truncate', ['string', 'number'], ([text, length]) =>
    Array.from(textOf(text))
      .slice(0, Math.max(0, Math.trunc(length as number)))
      .join(''),
  ),
  valueFunction('to_boolean', ['string'], ([text]) => {
    const word = textOf(text).toLowerCase();
    if (word === 'true' || word === 'false') return word === 'true';
    throw new LangError('EVALUATION', `to_boolean(): ${JSON.stringify(word.slice(0, 60))} is neither true nor false`);
  }),
  valueFunction('path_canonicalize', ['string'], ([path]) => cleanPath(textOf(path))),
];

function textOf(value: JsonValue | undefined): string {
  return value as string;
}

/** The first so many; all for a count below zero (Go, strings.Replace). */
function replace(text: string, old: string, fresh: string, count: number): string {
  const pieces = old === '' ? ['', ...Array.from(text), ''] : text.split(old);
  const places = pieces.length - 1;
  const replaced = count < 0 ? places : Math.min(places, Math.trunc(count));
  checkTextLength(text.length + replaced * fresh.length);
  return (
    pieces.slice(0, replaced + 1).join(fresh) +
    pieces
      .slice(replaced + 1)
      .map((piece) => old + piece)
      .join('')
  );
}

/** Takes characters of a set from both ends (Go, strings.Trim). */
function trim(text: string, characters: string): string {
  const set = new Set(Array.from(characters));
  const all = Array.from(text);
  let start = 0;
  let end = all.length;
  while (start < end && set.has(all[start] ?? '')) start += 1;
  while (end > start && set.has(all[end - 1] ?? '')) end -= 1;
  return all.slice(start, end).join('');
}

/** The shortest path that is the same without looking at any disk (Go, path/filepath, Clean); empty for an empty one. */
function cleanPath(path: string): string {
  if (path === '') return '';
  const isRooted = path.startsWith('/');
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (!isRooted) kept.push(part);
  }
  const clean = kept.join('/');
  return isRooted ? `/${clean}` : clean === '' ? '.' : clean;
}
