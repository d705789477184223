/** A line of a `go.mod`, those inside a block with the block's verb. */
export interface Directive {
  /** `module`, `go`, `require`, `replace`. */
  readonly verb: string;
  readonly words: readonly string[];
  /** What follows after `//`. */
  readonly comment: string;
  /** From 1. */
  readonly line: number;
}

/** Goes through the lines of a `go.mod` (The Go Modules Reference, "Lexical elements" and "Grammar"). */
export function* directivesOf(text: string): Generator<Directive> {
  let block: string | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const slashes = raw.indexOf('//');
    const code = slashes < 0 ? raw : raw.slice(0, slashes);
    const comment = slashes < 0 ? '' : raw.slice(slashes + 2);
    const words = [...code.matchAll(/"([^"]*)"|`([^`]*)`|[^\s"`]+/g)].map((word) => word[1] ?? word[2] ?? word[0]);
    const [first, second] = words;
    if (first === undefined) continue;
    if (block !== undefined) {
      if (first === ')') block = undefined;
      else yield { verb: block, words, comment, line: index + 1 };
    } else if (second === '(') {
      block = first;
    } else {
      yield { verb: first, words: words.slice(1), comment, line: index + 1 };
    }
  }
}
