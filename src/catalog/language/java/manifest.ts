import { javaLimits } from './limits.ts';

/** The main attributes of a manifest, by their name in lower case. */
export type Manifest = ReadonlyMap<string, string>;

const lineFeed = 10;
const carriageReturn = 13;
const space = 32;

/**
 * Reads a manifest's main section (JAR File Specification, "JAR Manifest"): lines end with CR, LF or both, are folded
 * after 72 bytes (also within a character) and go on after one space; an empty line ends the section. Lines that are
 * no attribute are skipped, and of a repeated attribute the last counts, as the JVM has it.
 */
export function parseManifest(bytes: Buffer): Manifest {
  const attributes = new Map<string, string>();
  const end = Math.min(bytes.length, javaLimits.manifestMainSection);
  let logical = '';
  for (let at = 0; at < end;) {
    const lineEnd = findLineEnd(bytes, at, end);
    if (lineEnd === at) break;
    if (bytes[at] === space) {
      logical += bytes.toString('latin1', at + 1, lineEnd);
    } else {
      addAttribute(attributes, logical);
      logical = bytes.toString('latin1', at, lineEnd);
    }
    at = lineEnd + (bytes[lineEnd] === carriageReturn && bytes[lineEnd + 1] === lineFeed ? 2 : 1);
  }
  addAttribute(attributes, logical);
  return attributes;
}

function findLineEnd(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== lineFeed && bytes[at] !== carriageReturn) at++;
  return at;
}

function addAttribute(attributes: Map<string, string>, line: string): void {
  const colon = line.indexOf(':');
  if (colon < 1) return;
  const value = Buffer.from(line.slice(colon + 1), 'latin1')
    .toString('utf8')
    .trim();
  if (value !== '') attributes.set(line.slice(0, colon).trim().toLowerCase(), value);
}
