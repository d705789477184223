import { LangError } from '../../../lang/error.ts';

/** A piece of a text with variables: text as it is, or an expression, which may hold others. */
export type TemplatePiece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'expression'; readonly pieces: readonly ExpressionPiece[] };

/** A piece of an expression. `within` says where in it another one stands, since what it gives must stay what it is there. */
export type ExpressionPiece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'expression'; readonly pieces: readonly ExpressionPiece[]; readonly within: Within };

/** Within a text, a quoted name, a literal in backticks, or none of them. */
export type Within = 'text' | 'name' | 'literal' | 'bare';

/** Expressions within each other; policies have two. */
const depth = 8;

/**
 * Parts a text at its variables, `{{ expression }}` (Kyverno, "Variables"). `\{{` is no variable but `{{`. A text `'…'` that holds
 * variables is given as the same text in JSON, since nothing can be escaped in the former that ends with a backslash.
 *
 * @throws LangError SYNTAX for a variable without an end, LIMIT_EXCEEDED for too many within each other
 */
export function parseTemplate(text: string): readonly TemplatePiece[] {
  return new Reader(text).template();
}

/** A text as it stands between the quotes of JSON, in backticks. */
export function escapeInLiteral(text: string): string {
  return JSON.stringify(text).slice(1, -1).replaceAll('`', '\\`');
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  template(): readonly TemplatePiece[] {
    const pieces: TemplatePiece[] = [];
    let text = '';
    while (this.#at < this.#text.length) {
      if (this.#takes('\\{{')) text += '{{';
      else if (this.#takes('{{')) {
        if (text !== '') pieces.push({ kind: 'text', text });
        text = '';
        pieces.push({ kind: 'expression', pieces: this.#expression(1) });
      } else text += this.#character();
    }
    if (text !== '' || pieces.length === 0) pieces.push({ kind: 'text', text });
    return pieces;
  }

  /** Up to its two closing braces. Braces of its own objects, and all that is quoted, are part of it. */
  #expression(level: number): readonly ExpressionPiece[] {
    if (level > depth)
      throw new LangError('LIMIT_EXCEEDED', `A text has more than ${depth} variables within each other`);
    const start = this.#at - 2;
    const pieces: ExpressionPiece[] = [];
    let braces = 0;
    while (this.#at < this.#text.length) {
      if (this.#takes('{{')) pieces.push({ kind: 'expression', pieces: this.#expression(level + 1), within: 'bare' });
      else if (braces === 0 && this.#takes('}}')) return pieces;
      else {
        const character = this.#character();
        if (character === "'" || character === '"' || character === '`') pieces.push(...this.#quoted(character, level));
        else {
          braces += character === '{' ? 1 : character === '}' ? -1 : 0;
          pieces.push({ kind: 'text', text: character });
        }
      }
    }
    throw noEnd(start);
  }

  /** From behind a quote up to the next of its kind, both of which are given as well. */
  #quoted(quote: "'" | '"' | '`', level: number): readonly ExpressionPiece[] {
    const start = this.#at - 1;
    const within = quote === "'" ? 'text' : quote === '"' ? 'name' : 'literal';
    const pieces: ExpressionPiece[] = [];
    let text = '';
    for (;;) {
      if (this.#at >= this.#text.length) throw noEnd(start);
      if (this.#takes('{{')) {
        pieces.push({ kind: 'text', text }, { kind: 'expression', pieces: this.#expression(level + 1), within });
        text = '';
        continue;
      }
      const character = this.#character();
      if (character === quote) break;
      text += character;
      if (character === '\\' && this.#at < this.#text.length && !this.#text.startsWith('{{', this.#at)) {
        text += this.#character();
      }
    }
    pieces.push({ kind: 'text', text });
    if (quote !== "'" || pieces.length === 1) return [textPiece(quote), ...pieces, textPiece(quote)];
    const escaped = pieces.map((piece) =>
      piece.kind === 'text' ? textPiece(escapeInLiteral(piece.text.replaceAll(String.raw`\'`, "'"))) : piece,
    );
    return [textPiece('`"'), ...escaped, textPiece('"`')];
  }

  #takes(text: string): boolean {
    const isIt = this.#text.startsWith(text, this.#at);
    if (isIt) this.#at += text.length;
    return isIt;
  }

  #character(): string {
    const character = this.#text.charAt(this.#at);
    this.#at += 1;
    return character;
  }
}

function textPiece(text: string): ExpressionPiece {
  return { kind: 'text', text };
}

function noEnd(at: number): LangError {
  return new LangError(
    'SYNTAX',
    `What begins at character ${at + 1} of the text has no end; close variables with }}, and quotes`,
  );
}
