import { RE2JS } from 're2js';
import { errorMessage } from '../../../base/error.ts';
import { LangError } from '../../../lang/error.ts';
import { type JmespathFunction, valueFunction } from '../../../lang/jmespath/function/declare.ts';
import { checkTextLength, type JsonValue } from '../../../lang/jmespath/value.ts';
import { kyvernoLimits } from '../limits.ts';

const textOrNumber = ['string', 'number'] as const;

/** Functions of regular expressions, which are RE2's and match anywhere unless they are anchored. */
export const regexFunctions: readonly JmespathFunction[] = [
  valueFunction('regex_match', ['string', textOrNumber], ([expression, text]) =>
    compile('regex_match', expression).matcher(textOf(text)).find(),
  ),
  valueFunction('regex_replace_all', ['string', textOrNumber, textOrNumber], ([expression, text, by]) =>
    replaceAll(compile('regex_replace_all', expression), textOf(text), textOf(by), expand),
  ),
  valueFunction('regex_replace_all_literal', ['string', textOrNumber, textOrNumber], ([expression, text, by]) =>
    replaceAll(compile('regex_replace_all_literal', expression), textOf(text), textOf(by), (template) => template),
  ),
];

function compile(name: string, value: JsonValue | undefined): RE2JS {
  const text = value as string;
  if (text.length > kyvernoLimits.regex) {
    throw new LangError('LIMIT_EXCEEDED', `${name}(): the expression has more than ${kyvernoLimits.regex} characters`);
  }
  try {
    return RE2JS.compile(text);
  } catch (cause) {
    const sentence = `${name}(): ${JSON.stringify(text.slice(0, 60))} is no regular expression: ${errorMessage(cause)}`;
    throw new LangError('EVALUATION', sentence, { cause });
  }
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'number' ? String(value) : (value as string);
}

type Matcher = ReturnType<RE2JS['matcher']>;

/** Go, regexp, ReplaceAllString. An empty match right behind another one is none. */
function replaceAll(
  expression: RE2JS,
  text: string,
  template: string,
  by: (template: string, match: Matcher, names: Readonly<Record<string, number>>) => string,
): string {
  const matcher = expression.matcher(text);
  const names = expression.namedGroups() as Readonly<Record<string, number>>;
  let made = '';
  let end = 0;
  for (let isFirst = true; matcher.find(); isFirst = false) {
    if (!isFirst && matcher.start() === matcher.end() && matcher.start() === end) continue;
    made += text.slice(end, matcher.start()) + by(template, matcher, names);
    checkTextLength(made.length);
    end = matcher.end();
  }
  return made + text.slice(end);
}

/** `$1`, `$name`, `${name}` and `$$`; the longest name counts, and what is no group is nothing (Go, regexp, Expand). */
function expand(template: string, match: Matcher, names: Readonly<Record<string, number>>): string {
  return template.replaceAll(/\$(?:\$|(\w+)|\{(\w+)\})/g, (whole, plain?: string, braced?: string) => {
    if (whole === '$$') return '$';
    const name = plain ?? braced ?? '';
    const group = /^\d+$/.test(name) ? Number(name) : Object.hasOwn(names, name) ? names[name] : undefined;
    return group === undefined || group > match.groupCount() ? '' : (match.group(group) ?? '');
  });
}
