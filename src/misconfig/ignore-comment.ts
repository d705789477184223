import { parseExpiryDay } from '../base/expiry.ts';

/** A comment that sets a check aside where it stands. */
export interface IgnoreComment {
  /** An id or alias, in lower case; `*` in it is any text. */
  readonly id: string;
  /** Last instant at which it holds, in milliseconds since 1970; absent when it never ends. */
  readonly expiresAt?: number;
  /** Line of the comment, from 1. */
  readonly line: number;
}

/** Comments of one line that are read: more are of no use. */
const mostInLine = 100;

const start = /(?:^|[\s,#])(?:trivy|tfsec|seaworthy):ignore:(\S+)/g;

/**
 * The comments in a line that set checks aside (Trivy documentation, "Inline ignoring"): `#trivy:ignore:DS-0002`, several in a line, with `*` for any
 * text and `:exp:YYYY-MM-DD` for an end. `seaworthy:ignore:` is the same. What follows after a space is the reason.
 *
 * One with a malformed date, or with conditions of other formats (`[name=value]`, `:ws:`), sets nothing aside, since nobody can tell what it was meant for.
 *
 * @param text what follows the sign of the comment
 */
export function parseIgnoreComments(text: string, line: number): IgnoreComment[] {
  const found: IgnoreComment[] = [];
  for (const [, body = ''] of text.matchAll(start)) {
    // "ID,ID" is one comment for both.
    for (const part of body.split(',')) {
      const [id = '', ...sections] = part.split(':');
      const comment = readSections(sections);
      if (comment === undefined || !/^[\w.*-]+$/.test(id) || found.length === mostInLine) continue;
      found.push({ id: id.toLowerCase(), line, ...comment });
    }
  }
  return found;
}

function readSections(sections: readonly string[]): Pick<IgnoreComment, 'expiresAt'> | undefined {
  if (sections.length === 0) return {};
  const [word, day = '', ...more] = sections;
  const expiresAt = word === 'exp' && more.length === 0 ? parseExpiryDay(day) : undefined;
  return expiresAt === undefined ? undefined : { expiresAt };
}

/**
 * True where a comment is about a check and still holds.
 *
 * @param now milliseconds since 1970
 */
export function commentHolds({ id, expiresAt }: IgnoreComment, names: readonly string[], now: number): boolean {
  if (expiresAt !== undefined && expiresAt < now) return false;
  return names.some((name) => matches(id.split('*'), name.toLowerCase()));
}

/** Matches parts in their order; each as early as can be, the last at the end. */
function matches(parts: readonly string[], name: string): boolean {
  const [first = '', ...rest] = parts;
  if (rest.length === 0) return first === name;
  const last = rest.pop() as string;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
