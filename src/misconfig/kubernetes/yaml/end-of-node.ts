/** The offset of the last character before `end` that is no blank, and not before `start`. */
export function lastCharacter(text: string, start: number, end: number): number {
  let at = Math.min(end, text.length) - 1;
  while (at > start && isBlank(text.charCodeAt(at))) at -= 1;
  return Math.max(at, start);
}

/** The offset behind the bracket that closes a flow collection whose last value ends at an offset (YAML 1.2, 7.4). */
export function endOfBrackets(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const character = text[at];
    if (character === '}' || character === ']') return at + 1;
    if (character === '#') {
      const stop = text.indexOf('\n', at);
      if (stop < 0) return from;
      at = stop;
    } else if (!closing.has(character as string)) return from;
  }
  return from;
}

/** What may stand between the last value and the bracket: blanks, a comma, a quote that belongs to the value, a colon before nothing. */
const closing: ReadonlySet<string> = new Set([' ', '\t', '\r', '\n', ',', '"', "'", ':']);

function isBlank(unit: number): boolean {
  return unit === 0x20 || unit === 0x09 || unit === 0x0a || unit === 0x0d;
}
