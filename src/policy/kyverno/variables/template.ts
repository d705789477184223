import { LangError } from '../../../lang/error.ts';
import { type JsonValue, objectOf } from '../../../lang/jmespath/value.ts';
import { kyvernoLimits } from '../limits.ts';
import { escapeInLiteral, type ExpressionPiece, parseTemplate, type Within } from './parse-template.ts';

/** Gives the value of an expression. @throws LangError */
export type Search = (expression: string) => JsonValue;

/** A value with variables, read once and filled any number of times. */
export interface Template {
  /** Whether it has variables at all; without, it is filled with itself. */
  readonly isFixed: boolean;
  /** The value with those of variables in their places. @throws LangError what `search` throws; EVALUATION, LIMIT_EXCEEDED */
  readonly fill: (search: Search) => JsonValue;
  /** Expressions that are the same whatever is put in, for whoever compiles them beforehand. */
  readonly expressions: readonly string[];
}

/**
 * Reads the variables of a value. A text that is one variable and nothing else becomes its value, of whatever type; in a longer text,
 * values are written as texts. A variable that gives nothing is an error, as in Kyverno: whoever means that writes `{{ x || '' }}`.
 *
 * What a variable gives is never read for variables again, and within another expression it stays one text or one name: whoever writes
 * `' || '` into an image's label changes no expression. Kyverno reads texts again until there is no variable left in them.
 *
 * @throws LangError SYNTAX, LIMIT_EXCEEDED
 */
export function compileTemplate(value: JsonValue): Template {
  if (typeof value === 'string') return value.includes('{{') ? compileText(value) : fixed(value);
  if (value === null || typeof value !== 'object') return fixed(value);
  if (Array.isArray(value)) {
    const items = (value as readonly JsonValue[]).map(compileTemplate);
    if (items.every(({ isFixed }) => isFixed)) return fixed(value);
    return whole(items, (search) => items.map(({ fill }) => fill(search)));
  }
  const members = Object.entries(value).map(([name, each]) => [compileTemplate(name), compileTemplate(each)] as const);
  const parts = members.flat();
  if (parts.every(({ isFixed }) => isFixed)) return fixed(value);
  return whole(parts, (search) =>
    objectOf(members.map(([name, each]) => [textOf(name.fill(search)), each.fill(search)] as const)),
  );
}

function fixed(value: JsonValue): Template {
  return { isFixed: true, fill: () => value, expressions: [] };
}

function whole(parts: readonly Template[], fill: Template['fill']): Template {
  return { isFixed: false, fill, expressions: parts.flatMap(({ expressions }) => expressions) };
}

/** A part of a text: made with what variables give. */
interface Part {
  readonly make: (search: Search) => JsonValue;
  readonly expressions: readonly string[];
}

function compileText(text: string): Template {
  const parts = parseTemplate(text).map((piece): Part =>
    piece.kind === 'text'
      ? { make: () => piece.text, expressions: [] }
      : variable(compileExpression(joined(piece.pieces))),
  );
  const [only] = parts;
  const expressions = parts.flatMap((part) => part.expressions);
  if (parts.length === 1 && only !== undefined) return { isFixed: false, fill: only.make, expressions };
  const fill = (search: Search): string => {
    let made = '';
    for (const { make } of parts) {
      made += textOf(make(search));
      if (made.length > kyvernoLimits.document) throw tooLong();
    }
    return made;
  };
  return { isFixed: false, fill, expressions };
}

/** An expression whose text may have to be made. */
interface ExpressionText {
  readonly textOf: (search: Search) => string;
  readonly expressions: readonly string[];
}

function variable({ textOf: expressionOf, expressions }: ExpressionText): Part {
  return { expressions, make: (search) => valueOf(expressionOf(search), search) };
}

function valueOf(expression: string, search: Search): JsonValue {
  const value = search(expression);
  if (value !== null) return value;
  const shown = JSON.stringify(expression.length > 100 ? `${expression.slice(0, 97)}...` : expression);
  throw new LangError('EVALUATION', `The variable ${shown} gives nothing`);
}

function compileExpression(pieces: readonly ExpressionPiece[]): ExpressionText {
  const [first] = pieces;
  if (pieces.length === 0 || (pieces.length === 1 && first?.kind === 'text')) {
    const text = first?.kind === 'text' ? first.text.trim() : '';
    return { textOf: () => text, expressions: [text] };
  }
  const parts = pieces.map((piece) => {
    if (piece.kind === 'text') return { make: () => piece.text, expressions: [] };
    const inner = variable(compileExpression(joined(piece.pieces)));
    return { make: (search: Search) => insert(inner.make(search), piece.within), expressions: inner.expressions };
  });
  return {
    expressions: parts.flatMap(({ expressions }) => expressions),
    textOf: (search) => {
      let made = '';
      for (const { make } of parts) {
        made += make(search);
        if (made.length > kyvernoLimits.document) throw tooLong();
      }
      return made.trim();
    },
  };
}

/** Texts beside each other as one. */
function joined(pieces: readonly ExpressionPiece[]): readonly ExpressionPiece[] {
  const found: ExpressionPiece[] = [];
  let text = '';
  for (const piece of pieces) {
    if (piece.kind === 'text') text += piece.text;
    else {
      if (text !== '') found.push({ kind: 'text', text });
      text = '';
      found.push(piece);
    }
  }
  if (text !== '') found.push({ kind: 'text', text });
  return found;
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
