/** Resolves what stands in `#{…}`; undefined when its value is not known, which makes the whole text unknown. */
export type Interpolate = (expression: string) => string | undefined;

/** How far an expression is followed, and the longest text that comes of one, in UTF-16 units. */
const maxLength = 10_000;

const closers: Readonly<Record<string, string>> = { '<': '>', '(': ')', '[': ']', '{': '}' };

/** Escapes of double-quoted texts (Ruby documentation, "Literals", String). */
const escapes: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  e: '\u001B',
  f: '\f',
  n: '\n',
  r: '\r',
  s: ' ',
  t: '\t',
  v: '\v',
};

interface Scan {
  readonly source: string;
  readonly end: number;
  at: number;
}

/**
 * Reads the texts of a Ruby expression that starts at `start`: a string (quoted either way or with `%`), an array of
 * strings, a `%w` list, or one of those in brackets behind a constant's `new` (`Gem::Version.new("1.0")`). What
 * follows, such as `.freeze`, is not looked at.
 *
 * @returns undefined when it is anything else (a constant, a call): its value would need Ruby
 */
export function readTexts(source: string, start: number, interpolate: Interpolate): string[] | undefined {
  const scan: Scan = { source, end: Math.min(source.length, start + maxLength), at: start };
  skipBlanks(scan);
  const wrapper = /[A-Z][A-Za-z0-9_:]{0,60}\.new[ \t]{0,10}\(/y;
  wrapper.lastIndex = scan.at;
  if (wrapper.test(source)) {
    scan.at = wrapper.lastIndex;
    skipBlanks(scan);
  }
  if (source[scan.at] === '[') return readArray(scan, interpolate);
  if (source[scan.at] === '%' && /[wW]/.test(source[scan.at + 1] ?? '')) return readWords(scan, interpolate);
  const text = readString(scan, interpolate);
  return text === undefined ? undefined : [text];
}

function readArray(scan: Scan, interpolate: Interpolate): string[] | undefined {
  const texts: string[] = [];
  scan.at += 1;
  while (scan.at < scan.end) {
    skipBlanks(scan);
    if (scan.source[scan.at] === ']') return texts;
    const text = readString(scan, interpolate);
    if (text === undefined) return texts.length > 0 ? texts : undefined;
    texts.push(text);
    skipBlanks(scan);
    if (scan.source.startsWith('.freeze', scan.at)) scan.at += '.freeze'.length;
    skipBlanks(scan);
    if (scan.source[scan.at] === ',') scan.at += 1;
  }
  return texts;
}

function readWords(scan: Scan, interpolate: Interpolate): string[] | undefined {
  const raw = scan.source[scan.at + 1] === 'w';
  scan.at += 2;
  const text = readDelimited(scan, raw, interpolate);
  return text?.split(/\s+/).filter((word) => word !== '');
}

function readString(scan: Scan, interpolate: Interpolate): string | undefined {
  const quote = scan.source[scan.at];
  if (quote === '"' || quote === "'") return readDelimited(scan, quote === "'", interpolate);
  if (quote !== '%') return undefined;
  const kind = scan.source[scan.at + 1] ?? '';
  if (kind === 'q' || kind === 'Q') {
    scan.at += 2;
    return readDelimited(scan, kind === 'q', interpolate);
  }
  if (closers[kind] === undefined) return undefined;
  scan.at += 1;
  return readDelimited(scan, false, interpolate);
}

/** Reads from the opening delimiter at `scan.at` to behind its partner; brackets nest. */
function readDelimited(scan: Scan, raw: boolean, interpolate: Interpolate): string | undefined {
  const { source, end } = scan;
  const open = source[scan.at];
  if (open === undefined || /[\sA-Za-z0-9]/.test(open)) return undefined;
  const close = closers[open] ?? open;
  let depth = 1;
  let text = '';
  scan.at += 1;
  while (scan.at < end) {
    const char = source[scan.at] as string;
    if (char === '\\') {
      text += raw ? readRawEscape(scan, open, close) : readEscape(scan);
      continue;
    }
    if (!raw && char === '#' && source[scan.at + 1] === '{') {
      const brace = source.slice(scan.at, end).indexOf('}');
      const value = brace < 0 ? undefined : interpolate(source.slice(scan.at + 2, scan.at + brace).trim());
      // Values that are made of each other grow a thousandfold each time.
      if (value === undefined || text.length + value.length > maxLength) return undefined;
      text += value;
      scan.at += brace + 1;
      continue;
    }
    scan.at += 1;
    if (char === close) depth -= 1;
    else if (char === open) depth += 1;
    if (depth === 0) return text;
    text += char;
  }
  return undefined;
}

/** In single quotes only the delimiters and the backslash itself can be escaped. */
function readRawEscape(scan: Scan, open: string, close: string): string {
  const next = scan.source[scan.at + 1] ?? '';
  if (next === '\\' || next === open || next === close) {
    scan.at += 2;
    return next;
  }
  scan.at += 1;
  return '\\';
}

function readEscape(scan: Scan): string {
  const coded = /\\(?:u\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{1,2})|([0-7]{1,3}))/y;
  coded.lastIndex = scan.at;
  const match = coded.exec(scan.source);
  if (match !== null) {
    scan.at = coded.lastIndex;
    const hex = match[1] ?? match[2] ?? match[3];
    const code = hex === undefined ? Number.parseInt(match[4] as string, 8) : Number.parseInt(hex, 16);
    return code <= 0x10_ff_ff ? String.fromCodePoint(code) : '\u{FFFD}';
  }
  const next = scan.source[scan.at + 1] ?? '';
  scan.at += 2;
  if (next === '\n') return '';
  return Object.hasOwn(escapes, next) ? (escapes[next] as string) : next;
}

/** Skips blanks, line ends and comments. */
function skipBlanks(scan: Scan): void {
  let comment = false;
  for (; scan.at < scan.end; scan.at += 1) {
    const char = scan.source[scan.at] as string;
    if (char === '\n') comment = false;
    else if (char === '#') comment = true;
    else if (!comment && char !== ' ' && char !== '\t' && char !== '\r') return;
  }
}
