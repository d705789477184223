import { dockerfileLimits } from './limits.ts';

/** A text with variables put in, quotes and escapes resolved. */
export interface Substituted {
  /** Variables of unknown value stand in it as `${NAME}`. */
  readonly text: string;
  /** True where some part of it is not known. */
  readonly open: boolean;
  /** True where its last part is not known. */
  readonly endsOpen: boolean;
}

/** Values of variables; undefined for those that are not known. */
export type Variables = (name: string) => string | undefined;

/**
 * Puts variables in (Dockerfile reference, "Environment replacement"): `$NAME`, `${NAME}`, and with `:-`, `-`, `:+`, `+`. Single quotes keep
 * what is in them as it is. The forms that cut or replace parts (`${NAME#…}`, `%`, `/`) and those that fail (`?`) are not carried out:
 * their value counts as unknown.
 *
 * Never throws: what goes beyond the limits is unknown too.
 */
export function substitute(source: string, variables: Variables, escape: string): Substituted {
  return new Substitution(source, variables, escape).read(0);
}

class Substitution {
  readonly #source: string;
  readonly #variables: Variables;
  readonly #escape: string;
  #at = 0;
  #text = '';
  #open = false;
  #endsOpen = false;

  constructor(source: string, variables: Variables, escape: string) {
    this.#source = source;
    this.#variables = variables;
    this.#escape = escape;
  }

  read(depth: number): Substituted {
    let quote = '';
    for (; this.#at < this.#source.length; this.#at += 1) {
      const character = this.#source[this.#at] as string;
      const next = this.#source[this.#at + 1] ?? '';
      if (quote !== "'" && character === this.#escape) {
        // Within quotes, only what would mean something else is escaped.
        if (quote === '"' && !['"', '$', this.#escape].includes(next)) this.#put(character);
        this.#put(next);
        this.#at += 1;
      } else if (quote !== "'" && character === '$') {
        this.#variable(depth);
      } else if (character === quote) quote = '';
      else if (quote === '' && (character === '"' || character === "'")) quote = character;
      else this.#put(character);
    }
    return { text: this.#text, open: this.#open, endsOpen: this.#endsOpen };
  }

  #put(text: string): void {
    if (text === '') return;
    if (this.#text.length + text.length > dockerfileLimits.substituted) {
      this.#open = true;
      this.#endsOpen = true;
      return;
    }
    this.#text += text;
    this.#endsOpen = false;
  }

  #unknown(name: string): void {
    this.#put(`\${${name}}`);
    this.#open = true;
    this.#endsOpen = true;
  }

  #variable(depth: number): void {
    const rest = this.#source.slice(this.#at, this.#at + 260);
    const plain = /^\$([A-Za-z_]\w{0,250}|\d)/.exec(rest)?.[1];
    if (plain !== undefined) {
      this.#at += plain.length;
      this.#known(plain);
      return;
    }
    const [, name, operator = ''] = /^\$\{([A-Za-z_]\w{0,250}|\d)(:?[-+]|\})?/.exec(rest) ?? [];
    if (name === undefined) {
      this.#put('$');
      return;
    }
    if (operator === '}') {
      this.#at += name.length + 2;
      this.#known(name);
      return;
    }
    const end = closingBrace(this.#source, this.#at + 2, this.#escape);
    const word = this.#source.slice(this.#at + 2 + name.length + operator.length, end);
    this.#at = end;
    const value = this.#variables(name);
    const isSet = value !== undefined && (value !== '' || !operator.startsWith(':'));
    if (operator.endsWith('-')) {
      if (isSet) this.#put(value);
      else this.#word(word, name, depth);
    } else if (operator.endsWith('+')) {
      if (isSet) this.#word(word, name, depth);
    } else this.#unknown(name);
  }

  #known(name: string): void {
    const value = this.#variables(name);
    if (value === undefined) this.#unknown(name);
    else this.#put(value);
  }

  #word(word: string, name: string, depth: number): void {
    if (depth >= dockerfileLimits.substitutionDepth) {
      this.#unknown(name);
      return;
    }
    const { text, open, endsOpen } = new Substitution(word, this.#variables, this.#escape).read(depth + 1);
    this.#put(text);
    this.#open ||= open;
    if (text !== '') this.#endsOpen = endsOpen;
  }
}

/** Where the brace that opened before this place is closed, or the end of the text. */
function closingBrace(text: string, from: number, escape: string): number {
  let depth = 1;
  for (let at = from; at < text.length; at += 1) {
    const character = text[at] as string;
    if (character === escape) at += 1;
    else if (character === '{' && text[at - 1] === '$') depth += 1;
    else if (character === '}' && (depth -= 1) === 0) return at;
  }
  return text.length;
}
