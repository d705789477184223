/** Takes comments, and commas before closing brackets, out of JSON; what stands in strings stays. */
export function plainJson(text: string): string {
  const parts: string[] = [];
  let from = 0;
  /** Where a comma stands after which nothing but blanks and comments came. */
  let comma = -1;
  const keep = (to: number): void => {
    parts.push(text.slice(from, to));
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] as string;
    if (character === '/' && (text[at + 1] === '/' || text[at + 1] === '*')) {
      const isLine = text[at + 1] === '/';
      const end = text.indexOf(isLine ? '\n' : '*/', at + 2);
      keep(at);
      from = end < 0 ? text.length : isLine ? end : end + 2;
      at = from - 1;
    } else if (character === ',') {
      keep(at);
      from = at;
      comma = parts.length;
    } else if ((character === '}' || character === ']') && comma >= 0) {
      // The comma is the first character after what was kept then.
      keep(at);
      from = at;
      parts[comma] = (parts[comma] as string).slice(1);
      comma = -1;
    } else if (character === '"') {
      at = endOfString(text, at);
      comma = -1;
    } else if (!/\s/.test(character)) {
      comma = -1;
    }
  }
  keep(text.length);
  return parts.join('');
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
  }
  return text.length;
}
