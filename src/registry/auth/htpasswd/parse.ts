import { printable } from '../../../base/printable.ts';
import type { Problem } from '../../../base/problem.ts';
import { authLimits } from '../limits.ts';
import { htpasswdLimits } from './limits.ts';

/** A password file, as far as it can be used. */
export interface PasswordTable {
  /** Bcrypt hashes by user. */
  readonly hashes: ReadonlyMap<string, string>;
  /** The cost of each of them. */
  readonly costs: readonly number[];
  /** Lines that count for nothing, and why. */
  readonly problems: readonly Problem[];
}

/** $2$ and $2x$ were made by broken programs. What follows is the cost, 22 characters of salt and 31 of hash. */
const bcryptPattern = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;

const otherSchemes: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^\$2/, 'a form of bcrypt that cannot be trusted or is cut short'],
  [/^\$apr1\$|^\$1\$/, 'MD5'],
  [/^\{SHA\}|^\{SSHA\}/, 'SHA-1'],
  [/^\$5\$|^\$6\$|^\$7\$|^\$y\$/, 'a form of crypt'],
  [/^[./A-Za-z0-9]{13}$/, 'the crypt of old Unix'],
];

/**
 * Reads the lines of a file that `htpasswd -B` writes: `user:hash`, blank lines and lines that begin with `#`. Only bcrypt is
 * taken: the other forms can be broken by whoever gets the file. Of a user who is there twice, the first line counts, as
 * in Apache.
 *
 * @param path for the problems
 */
export function parseHtpasswd(text: string, path: string): PasswordTable {
  const hashes = new Map<string, string>();
  const problems: Problem[] = [];
  const complain = (line: number, why: string): void => {
    const message = `Line ${line} of ${path} does not count: ${why}`;
    if (problems.length < htpasswdLimits.problems)
      problems.push({ code: 'HTPASSWD_LINE', subject: `${path}:${line}`, message });
  };
  const lines = text.replace(/^\ufeff/, '').split('\n');
  for (const [index, raw] of lines.entries()) {
    const line = raw.replace(/\r$/, '');
    if (line.trim() === '' || line.startsWith('#')) continue;
    const why = checkLine(line, hashes);
    if (why !== undefined) complain(index + 1, why);
  }
  return { hashes, costs: Array.from(hashes.values(), costOf), problems };
}

/** Takes a line, or says why not. */
function checkLine(line: string, hashes: Map<string, string>): string | undefined {
  if (line.length > htpasswdLimits.lineLength) return 'it is too long';
  const colon = line.indexOf(':');
  if (colon < 1) return 'it is not USER:HASH';
  const user = line.slice(0, colon);
  // `htpasswd` writes nothing behind the hash; further fields, as in `/etc/shadow`, would be of another file.
  const hash = line.slice(colon + 1);
  if (user.length > authLimits.userLength || /\p{Cc}/u.test(user)) return 'its user cannot be typed at a login';
  const cost = costOf(hash);
  if (Number.isNaN(cost)) return `${describe(hash)}; write it with "htpasswd -B"`;
  const { minCost, maxCost, users } = htpasswdLimits;
  if (cost < minCost || cost > maxCost)
    return `its cost is ${cost}; choose one from ${minCost} to ${maxCost} ("htpasswd -B -C 10")`;
  if (hashes.has(user)) return `${printable(user)} is there already`;
  if (hashes.size >= users) return `there are more than ${users} users`;
  hashes.set(user, hash);
  return undefined;
}

/** NaN for what is no hash of bcrypt. */
function costOf(hash: string): number {
  return Number(bcryptPattern.exec(hash)?.[1]);
}

function describe(hash: string): string {
  const scheme = otherSchemes.find(([pattern]) => pattern.test(hash))?.[1];
  return scheme === undefined
    ? 'its password is plain or hashed in no known way'
    : `its password is hashed by ${scheme}`;
}
