import { CodecError } from '../error.ts';

/** How deep documents may nest where a caller says nothing else. */
const defaultDepth = 512;

/**
 * Reads JSON of which no two readers can disagree: UTF-8 without a byte order mark, no name twice in one object, at most
 * so many levels of nesting (RFC 8259, section 4, leaves repeated names to the reader; attackers use that). Numbers are
 * not checked: what must be exact is written as text in the formats read here.
 *
 * @throws CodecError
 */
export function parseStrictJson(bytes: Uint8Array, depth: number = defaultDepth): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new CodecError('MALFORMED', 'The JSON is not UTF-8', { cause });
  }
  const names = scan(text, depth);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CodecError('MALFORMED', 'The text is not JSON', { cause });
  }
  // A name that stands twice in an object is one member of it.
  if (countMembers(value) !== names) checkNames(text);
  return value;
}

/** Before `JSON.parse`, so that no nesting can exhaust its stack. @returns how many names there are, where it is JSON */
function scan(text: string, most: number): number {
  let depth = 0;
  let names = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === quote) {
      at = endOfString(text, at);
      if (isName(text, at + 1)) names += 1;
    } else if (unit === openBrace || unit === openBracket) {
      depth += 1;
      if (depth > most) throw new CodecError('LIMIT_EXCEEDED', `The JSON nests deeper than ${most} levels`);
    } else if (unit === closeBrace || unit === closeBracket) depth -= 1;
  }
  return names;
}

/** Of all objects in a value. */
function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value))
    return (value as readonly unknown[]).reduce<number>((sum, each) => sum + countMembers(each), 0);
  let count = 0;
  // What was parsed has members of its own alone.
  for (const name in value) count += 1 + countMembers((value as Record<string, unknown>)[name]);
  return count;
}

/** Says which name stands twice, in text that is known to be JSON: a string is a name when a colon follows it. @throws CodecError */
function checkNames(text: string): void {
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === openBrace) open.push(new Set());
    else if (unit === openBracket) open.push(undefined);
    else if (unit === closeBrace || unit === closeBracket) open.pop();
    else if (unit === quote) {
      const end = endOfString(text, at);
      const names = open.at(-1);
      if (names !== undefined && isName(text, end + 1)) {
        const name = nameOf(text, at, end);
        if (names.has(name)) {
          throw new CodecError('MALFORMED', `The JSON has the name ${JSON.stringify(name.slice(0, 100))} twice`);
        }
        names.add(name);
      }
      at = end;
    }
  }
}

/** Most names stand there as they are; parsing each took as long as all the rest. */
function nameOf(text: string, start: number, end: number): string {
  const plain = text.slice(start + 1, end);
  return plain.includes('\\') ? (JSON.parse(text.slice(start, end + 1)) as string) : plain;
}

function isName(text: string, start: number): boolean {
  let at = start;
  let unit = text.charCodeAt(at);
  while (blanks.has(unit)) unit = text.charCodeAt((at += 1));
  return unit === colon;
}

/** The index of the closing quote; of the last character where there is none. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text.charCodeAt(at - 1 - escapes) === backslash) escapes += 1;
    if (escapes % 2 === 0) return at;
  }
  return text.length - 1;
}

const quote = 0x22;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const blanks: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);
