import type { Environment } from '@marcbachmann/cel-js';
import { RE2JS } from 're2js';
import { errorMessage } from '../../../base/error.ts';
import { celLimits } from '../limits.ts';
import type { Meter } from '../meter.ts';

/**
 * Regular expressions are RE2's, which take linear time, and match anywhere unless they are anchored (langdef.md, "Regular Expressions").
 * `find` and `findAll` are Kubernetes' (kubernetes.io/docs, "Kubernetes regex library"). Under `_matches`, since the library has a
 * `matches` that takes exponential time and cannot be replaced.
 */
export function registerRegex(environment: Environment, meter: Meter): void {
  const compiled = new Map<string, RE2JS>();
  const matcherOf = (text: string, expression: string): ReturnType<RE2JS['matcher']> => {
    let found = compiled.get(expression);
    if (found === undefined) {
      found = compile(expression);
      // An expression that makes its own patterns has no end of them.
      if (compiled.size < 100) compiled.set(expression, found);
    }
    // Its time grows with the product of both.
    meter.charge(Math.ceil((text.length * sizeOf(expression)) / 128));
    return found.matcher(text);
  };
  const matches = (text: string, expression: string): boolean => matcherOf(text, expression).find();
  const findAll = (text: string, expression: string, most = -1n): string[] => {
    const matcher = matcherOf(text, expression);
    const found: string[] = [];
    while ((most < 0n || found.length < Number(most)) && matcher.find()) found.push(matcher.group() ?? '');
    return found;
  };
  const sync = { async: false };
  environment.registerFunction('string._matches(string): bool', matches, sync);
  environment.registerFunction('matches(string, string): bool', matches, sync);
  environment.registerFunction(
    'string.find(string): string',
    (text: string, expression: string) => findAll(text, expression, 1n)[0] ?? '',
    sync,
  );
  environment.registerFunction('string.findAll(string): list<string>', findAll, sync);
  environment.registerFunction('string.findAll(string, int): list<string>', findAll, sync);
}

/** About how many states it has: RE2 writes a repetition out, of which it takes at most a thousand. */
function sizeOf(expression: string): number {
  const repeats = [...expression.matchAll(/\{(?:\d+,)?(\d{1,4}),?\}/g)].map(([, most]) => Number(most));
  return expression.length * Math.max(1, ...repeats);
}

function compile(expression: string): RE2JS {
  if (expression.length > celLimits.regex) {
    throw new RangeError(`a regular expression has more than ${celLimits.regex} characters`);
  }
  try {
    return RE2JS.compile(expression);
  } catch (cause) {
    const shown = JSON.stringify(expression.slice(0, 60));
    throw new RangeError(`${shown} is no regular expression: ${errorMessage(cause)}`, { cause });
  }
}
