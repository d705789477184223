import { LangError } from '../error.ts';
import { jmespathLimits } from './limits.ts';
import type { Comparator, Node } from './node.ts';
import { describeToken, type Mark, syntaxError, type Token } from './token.ts';
import { tokenize } from './tokenize.ts';
import type { JsonValue } from './value.ts';

/** How strongly a mark binds what stands before it; what is not here binds nothing. */
const strength: Readonly<Partial<Record<Mark, number>>> = {
  '|': 1,
  '||': 2,
  '&&': 3,
  '==': 5,
  '!=': 5,
  '<': 5,
  '<=': 5,
  '>': 5,
  '>=': 5,
  '[]': 9,
  '*': 20,
  '[?': 21,
  '.': 40,
  '[': 55,
};

/** From here down, what follows belongs to no projection any more. */
const projectionStops = 10;
const comparators: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);
const current: Node = { kind: 'current' };

/** Reads a JMESPath expression (jmespath.org/specification.html). @throws LangError SYNTAX, LIMIT_EXCEEDED */
export function parseJmespath(text: string): Node {
  const parser = new Parser(tokenize(text));
  const node = parser.expression(0);
  parser.end();
  return node;
}

/** A parser by the strengths of operators. */
class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;
  #operators = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  end(): void {
    const token = this.#peek();
    if (token.kind !== 'end') throw this.#unexpected(token);
  }

  expression(least: number): Node {
    this.#depth += 1;
    if (this.#depth > jmespathLimits.depth) {
      const sentence = `The expression has more than ${jmespathLimits.depth} parts within each other`;
      throw new LangError('LIMIT_EXCEEDED', sentence);
    }
    let left = this.#prefix(this.#next());
    for (let mark = this.#markAhead(); mark !== undefined; mark = this.#markAhead()) {
      if (least >= (strength[mark] ?? 0)) break;
      this.#at += 1;
      this.#operators += 1;
      // Each of them is one more level for whoever walks through the expression.
      if (this.#operators > jmespathLimits.operators) {
        throw new LangError('LIMIT_EXCEEDED', `The expression has more than ${jmespathLimits.operators} operators`);
      }
      left = this.#suffix(mark, left);
    }
    this.#depth -= 1;
    return left;
  }

  #prefix(token: Token): Node {
    switch (token.kind) {
      case 'literal':
        return { kind: 'literal', value: token.isRaw ? token.text : readLiteral(token.text, token.at) };
      case 'name':
        if (this.#markAhead() !== '(') return { kind: 'field', name: token.name };
        if (token.isQuoted) throw syntaxError('the name of a function is not quoted', token.at);
        this.#at += 1;
        return { kind: 'call', name: token.name, operands: this.#operands() };
      case 'mark':
        return this.#prefixMark(token.mark, token);
      default:
        throw this.#unexpected(token);
    }
  }

  #prefixMark(mark: Mark, token: Token): Node {
    switch (mark) {
      case '@':
        return current;
      case '*':
        return { kind: 'objectProjection', left: current, right: this.#projected(20) };
      case '!':
        return { kind: 'not', operand: this.expression(45) };
      case '&':
        return { kind: 'reference', operand: this.expression(0) };
      case '(': {
        const inner = this.expression(0);
        this.#expect(')');
        return inner;
      }
      case '{':
        return this.#object();
      case '[]':
        return { kind: 'listProjection', left: { kind: 'flatten', left: current }, right: this.#projected(9) };
      case '[?':
        return this.#filter(current);
      case '[':
        return this.#bracket(current) ?? this.#list();
      default:
        throw this.#unexpected(token);
    }
  }

  #suffix(mark: Mark, left: Node): Node {
    switch (mark) {
      case '.':
        if (this.#markAhead() !== '*') return { kind: 'chain', left, right: this.#afterDot(40) };
        this.#at += 1;
        return { kind: 'objectProjection', left, right: this.#projected(20) };
      case '|':
        return { kind: 'pipe', left, right: this.expression(1) };
      case '||':
        return { kind: 'or', left, right: this.expression(2) };
      case '&&':
        return { kind: 'and', left, right: this.expression(3) };
      case '[]':
        return { kind: 'listProjection', left: { kind: 'flatten', left }, right: this.#projected(9) };
      case '[?':
        return this.#filter(left);
      case '[': {
        const found = this.#bracket(left);
        if (found === undefined) throw this.#unexpected(this.#peek());
        return found;
      }
      default:
        if (comparators.has(mark)) {
          return { kind: 'compare', operator: mark as Comparator, left, right: this.expression(5) };
        }
        throw this.#unexpected(this.#tokens[this.#at - 1] as Token);
    }
  }

  /** What stands after a dot: a name, a call, a list or an object. */
  #afterDot(least: number): Node {
    const token = this.#peek();
    if (token.kind === 'name') return this.expression(least);
    if (token.kind === 'mark' && (token.mark === '*' || token.mark === '@')) return this.expression(least);
    if (token.kind === 'mark' && token.mark === '[') {
      this.#at += 1;
      return this.#list();
    }
    if (token.kind === 'mark' && token.mark === '{') {
      this.#at += 1;
      return this.#object();
    }
    throw this.#unexpected(token);
  }

  /** What is made of each element of a projection. */
  #projected(least: number): Node {
    const token = this.#peek();
    if (token.kind === 'end') return current;
    if (token.kind === 'mark') {
      if ((strength[token.mark] ?? 0) < projectionStops) return current;
      if (token.mark === '[' || token.mark === '[?') return this.expression(least);
      if (token.mark === '.') {
        this.#at += 1;
        return this.#afterDot(least);
      }
    }
    throw this.#unexpected(token);
  }

  #filter(left: Node): Node {
    const condition = this.expression(0);
    this.#expect(']');
    const right = this.#markAhead() === '[]' ? current : this.#projected(21);
    return { kind: 'filter', left, condition, right };
  }

  /** `[0]`, `[*]` and `[0:2:1]`; undefined, with nothing read, for a list of expressions. */
  #bracket(left: Node): Node | undefined {
    const token = this.#peek();
    if (token.kind === 'number' || (token.kind === 'mark' && token.mark === ':')) return this.#indexOrSlice(left);
    const after = this.#tokens[this.#at + 1];
    if (token.kind !== 'mark' || token.mark !== '*' || after?.kind !== 'mark' || after.mark !== ']') return undefined;
    this.#at += 2;
    return { kind: 'listProjection', left, right: this.#projected(20) };
  }

  #indexOrSlice(left: Node): Node {
    const places: (number | undefined)[] = [undefined];
    for (;;) {
      const token = this.#next();
      if (token.kind === 'mark' && token.mark === ']') break;
      const last = places.length - 1;
      if (token.kind === 'number' && places[last] === undefined) places[last] = token.value;
      else if (token.kind === 'mark' && token.mark === ':' && places.length < 3) places.push(undefined);
      else throw this.#unexpected(token);
    }
    const [start, stop, step] = places;
    if (places.length === 1) return chain(left, { kind: 'index', index: start ?? 0 });
    if (step === 0) throw syntaxError('the step of a slice cannot be 0', this.#peek().at);
    const slice: Node = {
      kind: 'slice',
      ...(start === undefined ? {} : { start }),
      ...(stop === undefined ? {} : { stop }),
      ...(step === undefined ? {} : { step }),
    };
    return { kind: 'listProjection', left: chain(left, slice), right: this.#projected(20) };
  }

  #list(): Node {
    const items: Node[] = [];
    do items.push(this.expression(0));
    while (this.#takes(','));
    this.#expect(']');
    return { kind: 'list', items };
  }

  #object(): Node {
    const members: (readonly [string, Node])[] = [];
    do {
      const token = this.#next();
      if (token.kind !== 'name') throw this.#unexpected(token);
      this.#expect(':');
      members.push([token.name, this.expression(0)]);
    } while (this.#takes(','));
    this.#expect('}');
    return { kind: 'object', members };
  }

  #operands(): readonly Node[] {
    const operands: Node[] = [];
    if (this.#takes(')')) return operands;
    do operands.push(this.expression(0));
    while (this.#takes(','));
    this.#expect(')');
    return operands;
  }

  #peek(): Token {
    // The last one is the end, which is never passed.
    return this.#tokens[Math.min(this.#at, this.#tokens.length - 1)] as Token;
  }

  #next(): Token {
    const token = this.#peek();
    this.#at += 1;
    return token;
  }

  #markAhead(): Mark | undefined {
    const token = this.#peek();
    return token.kind === 'mark' ? token.mark : undefined;
  }

  #takes(mark: Mark): boolean {
    const isIt = this.#markAhead() === mark;
    if (isIt) this.#at += 1;
    return isIt;
  }

  #expect(mark: Mark): void {
    const token = this.#next();
    if (token.kind !== 'mark' || token.mark !== mark) {
      throw syntaxError(`${describeToken(token)} stands where "${mark}" should`, token.at);
    }
  }

  #unexpected(token: Token): LangError {
    return syntaxError(`${describeToken(token)} cannot stand here`, token.at);
  }
}

function chain(left: Node, right: Node): Node {
  return left.kind === 'current' ? right : { kind: 'chain', left, right };
}

/** A value of JSON between backticks, blanks around it or not. */
function readLiteral(text: string, at: number): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    throw syntaxError(`${text.slice(0, 40)} is no value of JSON; write a text as '…'`, at);
  }
}
