import { LangError } from '../../../lang/error.ts';
import { type JmespathFunction, valueFunction } from '../../../lang/jmespath/function/declare.ts';
import { kyvernoLimits } from '../limits.ts';

/** `random('[a-z0-9]{8}')`: a text that the expression would match. */
export const randomFunctions: readonly JmespathFunction[] = [
  valueFunction('random', ['string'], ([pattern], { random }) => new Generator(pattern as string, random).text()),
];

/** What `*`, `+` and `{n,}` repeat at most. */
const many = 10;

const shorthands: Readonly<Record<string, string>> = {
  d: '0-9',
  w: 'A-Za-z0-9_',
  s: ' ',
};

/** Makes a text of an expression of literals, classes, groups, alternatives and repetitions. */
class Generator {
  readonly #pattern: string;
  readonly #random: () => number;
  #at = 0;
  #length = 0;

  constructor(pattern: string, random: () => number) {
    this.#pattern = pattern;
    this.#random = random;
  }

  text(): string {
    if (this.#pattern.length > kyvernoLimits.regex) throw this.#wrong('is too long');
    const make = this.#alternatives(0);
    if (this.#at < this.#pattern.length) throw this.#wrong('has a parenthesis too many');
    return make();
  }

  #alternatives(depth: number): () => string {
    if (depth > 20) throw this.#wrong('has too many groups within each other');
    const options = [this.#sequence(depth)];
    while (this.#takes('|')) options.push(this.#sequence(depth));
    return () => (options[this.#below(options.length)] ?? (() => ''))();
  }

  #sequence(depth: number): () => string {
    const parts: (() => string)[] = [];
    while (this.#at < this.#pattern.length && !/[|)]/.test(this.#pattern.charAt(this.#at))) {
      parts.push(this.#repeated(this.#atom(depth)));
    }
    return () => parts.map((part) => part()).join('');
  }

  #atom(depth: number): () => string {
    const character = this.#pattern.charAt(this.#at);
    this.#at += 1;
    switch (character) {
      case '(': {
        if (this.#pattern.startsWith('?:', this.#at)) this.#at += 2;
        const inner = this.#alternatives(depth + 1);
        if (!this.#takes(')')) throw this.#wrong('has a group without an end');
        return inner;
      }
      case '[':
        return this.#class();
      case '\\': {
        const escaped = this.#pattern.charAt(this.#at);
        if (escaped === '') throw this.#wrong('ends with a backslash');
        this.#at += 1;
        return this.#oneOf(expand(shorthands[escaped] ?? escaped));
      }
      case '.':
        return this.#oneOf(expand(' -~'));
      case '^':
      case '$':
        return () => '';
      case '*':
      case '+':
      case '?':
      case '{':
        throw this.#wrong('repeats nothing');
      default:
        return this.#oneOf([character]);
    }
  }

  #class(): () => string {
    const end = this.#pattern.indexOf(']', this.#at + 1);
    if (end < 0) throw this.#wrong('has a class without an end');
    const inner = this.#pattern
      .slice(this.#at, end)
      .replaceAll(/\\(.)/g, (_, escaped: string) => shorthands[escaped] ?? escaped);
    this.#at = end + 1;
    if (!inner.startsWith('^')) return this.#oneOf(expand(inner));
    const excluded = new Set(expand(inner.slice(1)));
    return this.#oneOf(expand(' -~').filter((each) => !excluded.has(each)));
  }

  #repeated(atom: () => string): () => string {
    const [whole, least, comma, greatest] = /^\{(\d{1,4})(,(\d{1,4})?)?\}/.exec(this.#pattern.slice(this.#at)) ?? [];
    let [from, to] = [1, 1];
    if (whole !== undefined) {
      this.#at += whole.length;
      from = Number(least);
      to = comma === undefined ? from : greatest === undefined ? from + many : Number(greatest);
    } else if (this.#takes('*')) [from, to] = [0, many];
    else if (this.#takes('+')) [from, to] = [1, many];
    else if (this.#takes('?')) [from, to] = [0, 1];
    if (to < from) throw this.#wrong('repeats more often than at most');
    return () => Array.from({ length: from + this.#below(to - from + 1) }, atom).join('');
  }

  #oneOf(characters: readonly string[]): () => string {
    if (characters.length === 0) throw this.#wrong('has a class of no characters');
    return () => {
      this.#length += 1;
      if (this.#length > kyvernoLimits.random) {
        throw new LangError('LIMIT_EXCEEDED', `random(): the text has more than ${kyvernoLimits.random} characters`);
      }
      return characters[this.#below(characters.length)] ?? '';
    };
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  #takes(character: string): boolean {
    const isIt = this.#pattern.charAt(this.#at) === character;
    if (isIt) this.#at += 1;
    return isIt;
  }

  #wrong(what: string): LangError {
    return new LangError('EVALUATION', `random(): the pattern ${JSON.stringify(this.#pattern.slice(0, 60))} ${what}`);
  }
}

/** `a-z0` as its characters. */
function expand(inner: string): readonly string[] {
  const found: string[] = [];
  for (let at = 0; at < inner.length; at += 1) {
    const [from, to] = [
      inner.charCodeAt(at),
      inner[at + 1] === '-' && at + 2 < inner.length ? inner.charCodeAt(at + 2) : -1,
    ];
    if (to < 0) found.push(inner.charAt(at));
    else {
      for (let code = from; code <= to; code += 1) found.push(String.fromCharCode(code));
      at += 2;
    }
  }
  return found;
}
