import { LangError } from '../error.ts';

/** Marks and operators, longer ones before those that they begin with. */
export const marks = [
  '[?',
  '[]',
  '||',
  '&&',
  '==',
  '!=',
  '<=',
  '>=',
  '<',
  '>',
  '!',
  '|',
  '&',
  '.',
  '*',
  '@',
  ',',
  ':',
  '(',
  ')',
  '{',
  '}',
  '[',
  ']',
] as const;

/** One of {@link marks}. */
export type Mark = (typeof marks)[number];

/** A piece of an expression, and where it begins in it. */
export type Token = { readonly at: number } & (
  | { readonly kind: 'mark'; readonly mark: Mark }
  | { readonly kind: 'name'; readonly name: string; readonly isQuoted: boolean }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'literal'; readonly text: string; readonly isRaw: boolean }
  | { readonly kind: 'end' }
);

/** How a piece is told in a sentence. */
export function describeToken(token: Token): string {
  switch (token.kind) {
    case 'mark':
      return `"${token.mark}"`;
    case 'name':
      return JSON.stringify(token.name);
    case 'number':
      return String(token.value);
    case 'literal':
      return 'a literal';
    default:
      return 'its end';
  }
}

/** That an expression cannot be read. @param at characters before the mistake */
export function syntaxError(sentence: string, at: number): LangError {
  return new LangError('SYNTAX', `The JMESPath expression cannot be read at character ${at + 1}: ${sentence}`);
}
