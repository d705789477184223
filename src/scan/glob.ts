/** Alternatives that the braces of one glob may unfold to. */
const maxAlternatives = 1000;

/** Takes one character, or any number of them. */
type Token = '*' | ((letter: string) => boolean);

/**
 * Compiles a glob over paths with slashes: `*` and `?` within one part of a path, `**` over any number of parts,
 * `[a-z]`, `[!a]`, `{a,b}`, and `\` before a letter that is to stand for itself. A leading dot is a letter like any
 * other, and matching does not depend on the host, since paths of an image are no paths of the host. Time grows with
 * the product of the lengths, whatever the path, since paths are hostile.
 */
export function compileGlob(glob: string): (path: string) => boolean {
  const alternatives = unfoldBraces(glob).map((one) =>
    one.split('/').map((part) => (part === '**' ? undefined : tokensOf(part))),
  );
  return (path) => {
    const parts = path.split('/').map((part) => Array.from(part));
    return alternatives.some((tokens) => matchesParts(tokens, parts));
  };
}

/** `undefined` stands for any number of parts. */
function matchesParts(tokens: readonly (readonly Token[] | undefined)[], parts: readonly string[][]): boolean {
  return matchSequence(
    tokens,
    parts,
    (token) => token === undefined,
    (token, part) =>
      matchSequence(
        token ?? [],
        part,
        (one) => one === '*',
        (one, letter) => one !== '*' && one(letter),
      ),
  );
}

/** Matches items against a pattern in which some elements stand for any number of items: goes back to the last such. */
function matchSequence<Element, Item>(
  pattern: readonly Element[],
  items: readonly Item[],
  isMany: (element: Element) => boolean,
  matches: (element: Element, item: Item) => boolean,
): boolean {
  let at = 0;
  let item = 0;
  let many = -1;
  let retry = 0;
  while (item < items.length) {
    const element = pattern[at] as Element;
    if (at < pattern.length && isMany(element)) {
      many = at;
      retry = item;
      at += 1;
    } else if (at < pattern.length && matches(element, items[item] as Item)) {
      at += 1;
      item += 1;
    } else if (many >= 0) {
      retry += 1;
      item = retry;
      at = many + 1;
    } else {
      return false;
    }
  }
  while (at < pattern.length && isMany(pattern[at] as Element)) at += 1;
  return at === pattern.length;
}

function tokensOf(part: string): Token[] {
  const letters = Array.from(part);
  const tokens: Token[] = [];
  for (let at = 0; at < letters.length; at += 1) {
    const letter = letters[at] as string;
    const close = letter === '[' ? letters.indexOf(']', at + (letters[at + 1] === '!' ? 3 : 2)) : -1;
    if (letter === '*') {
      tokens.push('*');
    } else if (letter === '?') {
      tokens.push(() => true);
    } else if (close > 0) {
      tokens.push(classOf(letters.slice(at + 1, close)));
      at = close;
    } else {
      const literal = letter === '\\' && at + 1 < letters.length ? (letters[(at += 1)] as string) : letter;
      tokens.push((one) => one === literal);
    }
  }
  return tokens;
}

/** What stands between brackets: letters and ranges; all others after a `!` or `^`. */
function classOf(letters: readonly string[]): (letter: string) => boolean {
  const isNegated = letters[0] === '!' || letters[0] === '^';
  const own = isNegated ? letters.slice(1) : letters;
  const ranges: (readonly [string, string])[] = [];
  for (let at = 0; at < own.length; at += 1) {
    const from = own[at] as string;
    const isRange = own[at + 1] === '-' && at + 2 < own.length;
    ranges.push([from, isRange ? (own[at + 2] as string) : from]);
    if (isRange) at += 2;
  }
  return (letter) => ranges.some(([from, to]) => letter >= from && letter <= to) !== isNegated;
}

/** All globs that the first, innermost braces of a glob stand for, and so on; braces that do not close are letters. */
function unfoldBraces(glob: string): string[] {
  const done: string[] = [];
  const open = [glob];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const braces = /^(.*?)\{([^{}]*,[^{}]*)\}(.*)$/s.exec(one);
    if (braces === null || open.length + done.length > maxAlternatives) {
      done.push(one);
      continue;
    }
    const [, before = '', list = '', after = ''] = braces;
    for (const choice of list.split(',')) open.push(`${before}${choice}${after}`);
  }
  return done;
}
