const simpleEscapes: ReadonlyMap<string, string> = new Map([
  ['a', '\u0007'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
]);

/**
 * Takes Go's quotes off a text (Go specification, "String literals"); one without them is returned as it is. Escapes
 * that mean bytes of UTF-8 sequences (`\xe4`, octal) are taken as latin1, as settings hold none.
 */
export function unquote(text: string): string {
  if (text.length >= 2 && text.startsWith('`') && text.endsWith('`')) return text.slice(1, -1);
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  return text
    .slice(1, -1)
    .replaceAll(/\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|(.))/g, decode);
}

function decode(escape: string, x?: string, u?: string, U?: string, octal?: string, character?: string): string {
  const code = x ?? u ?? U;
  if (code !== undefined) {
    const point = Number.parseInt(code, 16);
    return point <= 0x10_ff_ff ? String.fromCodePoint(point) : escape;
  }
  if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
  return simpleEscapes.get(character ?? '') ?? character ?? escape;
}
