/**
 * Splits words at spaces outside of quotes. Quotes and escapes stay, since what they are for is known only when variables are put in.
 */
export function splitWords(text: string, escape: string): string[] {
  const words: string[] = [];
  let word = '';
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] as string;
    if (character === escape && quote !== "'") {
      word += text.slice(at, at + 2);
      at += 1;
    } else if (quote === '' && /\s/.test(character)) {
      if (word !== '') words.push(word);
      word = '';
    } else {
      if (quote === character) quote = '';
      else if (quote === '' && (character === '"' || character === "'")) quote = character;
      word += character;
    }
  }
  if (word !== '') words.push(word);
  return words;
}

/** A pair of `ENV`, `ARG` or `LABEL`; without a value where it has no `=`. */
export interface NamedWord {
  readonly name: string;
  /** Quotes included. */
  readonly value?: string;
}

/** The pairs of `ENV`, `LABEL` and `ARG`, whose older form `ENV NAME the rest` has one only (Dockerfile reference, "ENV"). */
export function namedWords(keyword: string, text: string, escape: string): NamedWord[] {
  const words = splitWords(text, escape);
  const first = words[0] ?? '';
  if (keyword !== 'ARG' && !first.includes('=')) {
    return first === '' ? [] : [{ name: first, value: text.trim().slice(first.length).trim() }];
  }
  return words.map((word) => {
    const at = word.indexOf('=');
    return at < 0 ? { name: word } : { name: word.slice(0, at), value: word.slice(at + 1) };
  });
}
