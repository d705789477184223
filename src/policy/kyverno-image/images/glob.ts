import { RE2JS } from 're2js';
import { kyvernoImageLimits } from '../limits.ts';

/**
 * Compiles a pattern of images of `matchImageReferences` (Kyverno has it by gobwas/glob, without separators): `*` and `**` are any run of
 * characters, slashes included, `?` is one, `[abc]`, `[!abc]` and `[a-z]` one of some, `{a,b}` one of several texts, and `\` takes what
 * follows as it is. Takes linear time.
 *
 * @returns a sentence about what is wrong with it, which completes one that begins with its path
 */
export function compileReferenceGlob(text: string): ((name: string) => boolean) | string {
  if (text === '') return 'is empty; write "*" for every image';
  if (text.length > kyvernoImageLimits.glob) return `has more than ${kyvernoImageLimits.glob} characters`;
  const source = translate(text);
  if (source === undefined) return 'has a bracket that is not closed, or one within another';
  const expression = RE2JS.compile(source);
  return (name) => expression.testExact(name);
}

function translate(text: string): string | undefined {
  const parts: readonly string[] = text.match(/\\?[\s\S]/gu) ?? [];
  let source = '';
  let isInBraces = false;
  for (let at = 0; at < parts.length; at += 1) {
    const part = parts[at] ?? '';
    if (part === '*') source += '.*';
    else if (part === '?') source += '.';
    else if (part === '[') {
      const end = parts.indexOf(']', at + 1);
      const set = end < 0 ? undefined : setOf(parts.slice(at + 1, end));
      if (set === undefined) return undefined;
      source += set;
      at = end;
    } else if (part === '{' || part === '}') {
      if ((part === '{') === isInBraces) return undefined;
      isInBraces = part === '{';
      source += isInBraces ? '(?:' : ')';
    } else if (part === ',' && isInBraces) source += '|';
    else source += RE2JS.quote(part.length > 1 && part.startsWith('\\') ? part.slice(1) : part);
  }
  return isInBraces ? undefined : `(?s)${source}`;
}

function setOf([first, ...rest]: readonly string[]): string | undefined {
  if (first === undefined) return undefined;
  const isNegated = first === '!';
  const parts = isNegated ? rest : [first, ...rest];
  if (parts.length === 0) return undefined;
  const isRange = parts.length === 3 && parts[1] === '-';
  if (isRange && (parts[0] ?? '') > (parts[2] ?? '')) return undefined;
  const members = parts.map((part, at) => (isRange && at === 1 ? '-' : escapeInSet(part)));
  return `[${isNegated ? '^' : ''}${members.join('')}]`;
}

function escapeInSet(part: string): string {
  const text = part.length > 1 && part.startsWith('\\') ? part.slice(1) : part;
  return /^[\w/:.@ ]$/u.test(text) ? text : `\\x{${(text.codePointAt(0) ?? 0).toString(16)}}`;
}
