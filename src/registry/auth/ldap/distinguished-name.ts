/** One part of a name: its attribute in small letters, and its value with escapes undone. */
export interface NamePart {
  readonly type: string;
  readonly value: string;
}

/**
 * Reads a distinguished name (RFC 4514, 3), the nearest part first; undefined for what is none, and for parts of several
 * attributes or of values in hexadecimal, which groups do not have.
 */
export function parseDistinguishedName(text: string): readonly NamePart[] | undefined {
  const parts: NamePart[] = [];
  for (const raw of splitParts(text)) {
    const match = /^\s*([A-Za-z][\w-]*|\d+(?:\.\d+)+)\s*=(.*)$/s.exec(raw);
    const value = match === null ? undefined : readValue(match[2] ?? '');
    if (value === undefined) return undefined;
    parts.push({ type: (match?.[1] ?? '').toLowerCase(), value });
  }
  return parts;
}

/** Whether a name lies below another or is it: each part the same, however its letters are written. */
export function isBelow(name: readonly NamePart[], base: readonly NamePart[]): boolean {
  if (base.length > name.length) return false;
  const end = name.slice(name.length - base.length);
  return base.every((part, index) => fold(part) === fold(end[index] as NamePart));
}

function fold({ type, value }: NamePart): string {
  return `${type}=${value.normalize('NFKC').toLowerCase().trim().replaceAll(/\s+/g, ' ')}`;
}

/** At commas and semicolons that are neither escaped nor quoted. */
function splitParts(text: string): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === ',' || text[at] === ';') {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

function readValue(raw: string): string | undefined {
  const text = raw.replace(/^ +/, '').replace(/(?<!\\) +$/, '');
  if (text === '' || text.startsWith('#') || text.startsWith('"') || /(?<!\\)(?:\\\\)*\+/.test(text)) return undefined;
  const bytes: Buffer[] = [];
  for (const [piece] of text.matchAll(/\\[0-9A-Fa-f]{2}|\\[\s\S]|[^\\]+|\\$/g)) {
    if (piece === '\\') return undefined;
    if (/^\\[0-9A-Fa-f]{2}$/.test(piece)) bytes.push(Buffer.from(piece.slice(1), 'hex'));
    else bytes.push(Buffer.from(piece.startsWith('\\') ? piece.slice(1) : piece));
  }
  return Buffer.concat(bytes).toString('utf8');
}
