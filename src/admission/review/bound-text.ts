import { admissionLimits } from '../limits.ts';

const { warningLength, shortWarningLength, warningsLength, messageLength } = admissionLimits;

/**
 * Warnings as API servers pass them on (Kubernetes, "Warning headers"): one line each, none longer than 256 characters. Where all
 * together have more than the 4096 of which API servers pass on no more, each is cut to the 120 that Kubernetes advises; where that
 * does not help, the last one says how many are left out.
 */
export function boundWarnings(warnings: readonly string[]): readonly string[] {
  if (warnings.length === 0) return warnings;
  const lines = warnings.map((warning) => cutAtWord(oneLine(warning), warningLength)).filter((line) => line !== '');
  if (lengthOf(lines) <= warningsLength) return lines;
  const short = lines.map((line) => cutAtWord(line, shortWarningLength));
  if (lengthOf(short) <= warningsLength) return short;
  const kept: string[] = [];
  // The number has fewer digits than that of all of them.
  let left = warningsLength - lengthOf([omitted(short.length)]);
  for (const line of short) {
    left -= lengthOf([line]);
    if (left < 0) break;
    kept.push(line);
  }
  return [...kept, omitted(short.length - kept.length)];
}

/** What a denial says: lines stay lines, what no terminal should be given goes, and an end is put to it. */
export function boundMessage(message: string): string {
  return cutAtWord(message.replaceAll(/[^\P{Cc}\n\t]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\uFFFD'), messageLength);
}

/**
 * Audit annotations with names as Kubernetes takes them (a qualified name without its prefix, which is the webhook's): another character
 * becomes a dash, so that nothing is lost that an auditor would look for. Undefined where there are none.
 */
export function boundAuditAnnotations(
  annotations: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> | undefined {
  const entries = Object.entries(annotations).slice(0, admissionLimits.auditAnnotations);
  if (entries.length === 0) return undefined;
  return Object.fromEntries(
    entries.map(([name, value]) => [annotationName(name), cutAtWord(value, admissionLimits.auditAnnotationLength)]),
  );
}

function annotationName(name: string): string {
  const plain = name
    .replaceAll(/[^A-Za-z0-9_.-]/g, '-')
    .slice(0, 63)
    .replaceAll(/^[_.-]+|[_.-]+$/g, '');
  return plain === '' ? 'unnamed' : plain;
}

function omitted(count: number): string {
  return `… and ${count} more ${count === 1 ? 'warning' : 'warnings'}`;
}

function lengthOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + Array.from(line).length, 0);
}

/** Warnings become headers. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
}

/** The beginning of a text, up to the end of a word and with an ellipsis where it is longer. Characters are code points, as in Go. */
export function cutAtWord(text: string, most: number): string {
  // There are at most as many code points as code units.
  if (text.length <= most) return text;
  // So many code units hold more code points than that, unless they are all of the text.
  const characters = Array.from(text.slice(0, most * 2 + 2));
  if (characters.length <= most) return text;
  const start = characters.slice(0, most - 1).join('');
  const next = characters[most - 1] as string;
  const space = start.search(/\s\S*$/);
  // A word that takes up most of the text is cut itself.
  const end = /\s/.test(next) || space < start.length / 2 ? start : start.slice(0, space);
  return `${end.trimEnd()}…`;
}
