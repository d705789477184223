import { LangError } from '../../../lang/error.ts';
import { type JsonValue, objectOf } from '../../../lang/jmespath/value.ts';
import { kyvernoLimits } from '../limits.ts';
import {
  escapeInLiteral,
  type ExpressionPiece,
  parseTemplate,
  type TemplatePiece,
  type Within,
} from './parse-template.ts';

/** Gives the value of an expression. @throws LangError */
export type Search = (expression: string) => JsonValue;

/**
 * Puts the values of variables in their places. A text that is one variable and nothing else becomes its value, of whatever type; in a
 * longer text, values are written as texts.
 *
 * What a variable gives is never read for variables again, and within another expression it stays one text or one name: whoever writes
 * `' || '` into an image's label changes no expression. Kyverno reads texts again until there is no variable left in them.
 *
 * @throws LangError what `search` throws; SYNTAX; EVALUATION for a value that can be no part of an expression; LIMIT_EXCEEDED
 */
export function substitute(value: JsonValue, search: Search): JsonValue {
  if (typeof value === 'string') return value.includes('{{') ? substituteText(value, search) : value;
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((each) => substitute(each, search));
  if (value === null || typeof value !== 'object') return value;
  return objectOf(
    Object.entries(value).map(([name, each]) => {
      const own = name.includes('{{') ? textOf(substituteText(name, search)) : name;
      return [own, substitute(each, search)] as const;
    }),
  );
}

/** Whether a value has variables at all. */
export function hasVariables(value: JsonValue): boolean {
  if (typeof value === 'string') return value.includes('{{');
  if (value === null || typeof value !== 'object') return false;
  return Object.entries(value).some(([name, each]) => name.includes('{{') || hasVariables(each));
}

function substituteText(text: string, search: Search): JsonValue {
  const pieces = parseTemplate(text);
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) return pieceValue(only, search);
  let made = '';
  for (const piece of pieces) {
    made += textOf(pieceValue(piece, search));
    if (made.length > kyvernoLimits.document) throw tooLong();
  }
  return made;
}

function pieceValue(piece: TemplatePiece, search: Search): JsonValue {
  return piece.kind === 'text' ? piece.text : search(expressionOf(piece.pieces, search).trim());
}

function expressionOf(pieces: readonly ExpressionPiece[], search: Search): string {
  let made = '';
  for (const piece of pieces) {
    if (piece.kind === 'text') made += piece.text;
    else made += insert(search(expressionOf(piece.pieces, search).trim()), piece.within);
    if (made.length > kyvernoLimits.document) throw tooLong();
  }
  return made;
}

/** A value as it can stand at a place of an expression without being more than a value there. */
function insert(value: JsonValue, within: Within): string {
  switch (within) {
    case 'text':
      return escapeInLiteral(textOf(value));
    case 'name':
      return JSON.stringify(textOf(value)).slice(1, -1);
    case 'literal':
      return typeof value === 'string' ? escapeInLiteral(value) : JSON.stringify(value).replaceAll('`', '\\`');
    default:
      return bare(textOf(value));
  }
}

function bare(text: string): string {
  if (/^[\w-]*$/.test(text)) return text;
  const shown = JSON.stringify(text.slice(0, 60));
  throw new LangError(
    'EVALUATION',
    `A variable without quotes within another one gives ${shown}; put quotes around it`,
  );
}

function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function tooLong(): LangError {
  return new LangError('LIMIT_EXCEEDED', `A text with variables grows beyond ${kyvernoLimits.document} characters`);
}
