import type { Problem } from '../../../base/problem.ts';
import { packagesOf, type LockEntry, type LockReading } from '../entries.ts';

/**
 * Reads pip's `requirements.txt` (pip documentation, "Requirements File Format"). Only what is pinned to one version can be looked
 * up; how much is not is told.
 */
export function parseRequirements(bytes: Buffer): LockReading {
  const entries: LockEntry[] = [];
  let loose = 0;
  const includes = new Set<string>();
  for (const { text, start, end } of logicalLines(decode(bytes))) {
    // A file of constraints asks for nothing, it bounds what others ask for.
    if (/^(?:-c|--constraint)\b/.test(text)) continue;
    const include = /^(?:-r|--requirement)(?:\s+|=)?(\S+)/.exec(text)?.[1];
    if (include !== undefined) {
      includes.add(include);
      continue;
    }
    // Other options say where packages come from; what is installed from a folder or address has no version here.
    if (text.startsWith('-') && !/^(?:-e|--editable)/.test(text)) continue;
    const pinned = pinnedAt(text);
    if (pinned === undefined) loose += 1;
    else entries.push({ ...pinned, lines: { start, end } });
  }
  return {
    ...packagesOf('pypi', 'requirements', entries),
    remarks: looseRemark(loose),
    includes: [...includes],
  };
}

interface LogicalLine {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Lines without comments and blank ones; one that ends with a backslash goes on in the next. */
function* logicalLines(text: string): Generator<LogicalLine> {
  let parts: string[] = [];
  let start = 0;
  for (const [index, raw] of text.split('\n').entries()) {
    if (parts.length === 0) start = index + 1;
    // A comment begins at the line's start or after a blank: an address may hold the sign.
    const comment = /(?:^|\s)#/.exec(raw);
    const line = (comment === null ? raw : raw.slice(0, comment.index)).trim();
    if (line.endsWith('\\') && comment === null) {
      parts.push(line.slice(0, -1));
      continue;
    }
    parts.push(line);
    const whole = parts.join(' ').trim();
    parts = [];
    if (whole !== '') yield { text: whole, start, end: index + 1 };
  }
  const rest = parts.join(' ').trim();
  if (rest !== '') yield { text: rest, start, end: start + parts.length - 1 };
}

/** `name[extra] == 1.2.3 ; marker --hash=sha256:…`: the version, unless it stands for many as `1.*` does. */
function pinnedAt(text: string): { readonly name: string; readonly version: string } | undefined {
  const bare = (text.split(/;|\s--/, 1)[0] as string).trim();
  const name = /^[A-Za-z0-9][A-Za-z0-9._-]*/.exec(bare)?.[0];
  if (name === undefined) return undefined;
  let rest = bare.slice(name.length).trim();
  if (rest.startsWith('[')) {
    const end = rest.indexOf(']');
    rest = end < 0 ? '' : rest.slice(end + 1).trim();
  }
  if (rest.startsWith('(') && rest.endsWith(')')) rest = rest.slice(1, -1);
  for (const clause of rest.split(',')) {
    const version = /^===?\s*([^\s*=]+)$/.exec(clause.trim())?.[1];
    if (version !== undefined) return { name, version };
  }
  return undefined;
}

function looseRemark(count: number): readonly Omit<Problem, 'subject'>[] {
  if (count === 0) return [];
  const message = `${count} of its requirements name no single version (name==1.2.3) and were not looked up; write them with pip freeze or pip-compile`;
  return [{ code: 'REQUIREMENTS_UNPINNED', message }];
}

/** Windows shells write such files as UTF-16 with a mark in front. */
function decode(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString('utf16le', 2);
  return bytes.toString('utf8', bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0);
}
