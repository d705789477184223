import { type TomlDocument, tableIn } from '../../../codec/toml/parse-toml.ts';
import type { Finding } from '../../endpoint.ts';

/** Tells of something in a `hosts.toml`, at the place of a setting or a table where that is given. */
export type TellOfHosts = (code: string, level: Finding['level'], sentence: string, names?: readonly string[]) => void;

/** Tells of what makes containerd 1.x take none of a file that 2 takes. */
export function tellOfVersion1(text: string, document: TomlDocument, tell: TellOfHosts): void {
  const end = 'with which containerd 1.x takes none of it and asks the upstream; leave that out';
  const hard = hardForVersion1(text, document);
  if (tableIn(document.root, 'host') === undefined) {
    // `getSortedHosts` of 1.5 to 1.7 refuses the whole file (containerd issue 10027).
    tell(
      'HOST_TABLE_MISSING',
      'way-out',
      'has no [host] table, without which containerd 1.x takes none of it and asks the upstream; add a line "[host]"',
    );
  }
  if (hard !== undefined) tell('HARD_FOR_VERSION_1', 'way-out', `has ${hard}, ${end}`);
}

/** What go-toml 1, by which containerd 1.x reads the file, cannot read though it is TOML. */
function hardForVersion1(text: string, { root, headers }: TomlDocument): string | undefined {
  const odd = headers.some((names) => names.some((name) => /[[\]]/.test(name))) || /^[ \t]*\[[^\n]*\\/m.test(text);
  if (odd) return 'brackets or escapes in the name of a table';
  if (headers.some(([first, second]) => first === 'host' && second === '')) return 'a host without a name';
  return isHard(root) ? 'a date, or a number that is too large,' : undefined;
}

function isHard(value: unknown): boolean {
  if (typeof value === 'bigint' || value === Infinity || value === -Infinity) return true;
  if (typeof value !== 'object' || value === null) return false;
  return value instanceof Date || Object.values(value).some(isHard);
}
