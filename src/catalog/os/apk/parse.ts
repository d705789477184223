import type { Package } from '../../../package/package.ts';
import type { CatalogResult, OwnershipFact, PackageFact } from '../../cataloger.ts';
import { unusableEntries } from '../../document/problem.ts';
import { cleanText, textLimits, tryIdentity } from '../../document/text.ts';
import type { Identity } from '../../document/text.ts';
import { CatalogError } from '../../error.ts';
import { indexProviders, resolveDependencies } from '../dependencies.ts';
import type { FindProvider } from '../dependencies.ts';
import { osLimits } from '../limits.ts';
import { pathBudget } from '../path-budget.ts';
import type { PathBudget } from '../path-budget.ts';
import { strayLineProblems } from '../stray-lines.ts';

/** One stanza: its one-letter fields, and the files of its F and R lines. */
interface Entry {
  readonly fields: ReadonlyMap<string, string>;
  readonly paths: readonly string[];
}

/** An entry with what others need to know of it. */
interface InstalledEntry extends Entry {
  readonly name: string;
  readonly identity: Identity;
  provides(): readonly string[];
}

/** P name, V version, A arch, o origin, L licence, m maintainer, C checksum, D needs, p provides. */
const wanted: ReadonlySet<string> = new Set(['P', 'V', 'A', 'o', 'L', 'm', 'C', 'D', 'p']);

/**
 * Reads apk's database of installed packages (apk-tools, "APKINDEX and installed database format"): stanzas parted by
 * blank lines, each line a letter, a colon and a value. `F:` opens a folder, `R:` names a file in it.
 *
 * @throws CatalogError MALFORMED when a file that is not empty holds no package at all; LIMIT_EXCEEDED
 */
export function parseInstalled(bytes: Buffer, path: string): CatalogResult {
  const budget = pathBudget(path);
  const { entries, strayLines } = readEntries(bytes.toString('utf8'), budget);
  const installed: InstalledEntry[] = [];
  for (const entry of entries) {
    const identity = tryIdentity(entry.fields.get('P'), entry.fields.get('V'));
    if (identity === undefined) continue;
    installed.push({ ...entry, name: identity.name, identity, provides: () => capabilities(entry.fields.get('p')) });
  }
  if (installed.length === 0 && (entries.length > 0 || strayLines > 0)) {
    throw new CatalogError('MALFORMED', 'The apk database holds no package that can be read; look at it by hand');
  }
  const find = indexProviders(installed);
  const facts: (PackageFact | OwnershipFact)[] = [];
  for (const entry of installed) {
    facts.push({ kind: 'package', package: toPackage(entry, find) });
    if (entry.paths.length > 0) facts.push({ kind: 'ownership', type: 'apk', name: entry.name, paths: entry.paths });
  }
  const problems = [
    ...unusableEntries(path, entries.length - installed.length, 'database'),
    ...strayLineProblems(path, strayLines),
    ...budget.problems(),
  ];
  return { facts, problems };
}

function toPackage({ identity, fields }: InstalledEntry, find: FindProvider): Package {
  const arch = cleanText(fields.get('A'), textLimits.name);
  const origin = cleanText(fields.get('o'), textLimits.name);
  const license = cleanText(fields.get('L'), textLimits.license);
  const maintainer = cleanText(fields.get('m'), textLimits.maintainer);
  const digest = parseChecksum(fields.get('C'));
  const needs = capabilities(fields.get('D')).map((name) => [name]);
  const dependsOn = resolveDependencies(needs, identity.name, find);
  return {
    type: 'apk',
    ...identity,
    ...(arch !== undefined && { arch }),
    // An origin has one version, that of all packages built from it.
    ...(origin !== undefined && { source: { name: origin, version: identity.version } }),
    licenses: license === undefined ? [] : [license],
    ...(maintainer !== undefined && { maintainer }),
    ...(digest !== undefined && { digest }),
    ...(dependsOn.length > 0 && { dependsOn }),
    cataloger: 'apk',
  };
}

/** Names in a D or p line; `!name` is a conflict, and versions follow `=`, `<`, `>` or `~`. */
function capabilities(value: string | undefined): string[] {
  if (value === undefined) return [];
  return value
    .split(/\s+/, osLimits.relations)
    .filter((word) => word !== '' && !word.startsWith('!'))
    .map((word) => word.split(/[<>=~]/, 1)[0] as string);
}

/** `Q1` is SHA-1 and `Q2` SHA-256, both in base64. */
function parseChecksum(value: string | undefined): string | undefined {
  const match = /^Q(?:1([A-Za-z0-9+/]{27}=)|2([A-Za-z0-9+/]{43}=))$/.exec(value ?? '');
  if (match === null) return undefined;
  const [, sha1, sha256] = match;
  if (sha1 !== undefined) return `sha1:${Buffer.from(sha1, 'base64').toString('hex')}`;
  return `sha256:${Buffer.from(sha256 as string, 'base64').toString('hex')}`;
}

function readEntries(text: string, budget: PathBudget): { readonly entries: Entry[]; readonly strayLines: number } {
  const entries: Entry[] = [];
  let strayLines = 0;
  let fields = new Map<string, string>();
  let paths: string[] = [];
  let folder = '';
  function finish(): void {
    if (fields.size === 0) return;
    if (entries.length >= osLimits.stanzas) {
      throw new CatalogError('LIMIT_EXCEEDED', 'The apk database lists more packages than any distribution has');
    }
    entries.push({ fields, paths });
    fields = new Map();
    paths = [];
    folder = '';
  }
  for (let start = 0; start < text.length;) {
    const feed = text.indexOf('\n', start);
    const end = feed < 0 ? text.length : feed;
    if (end === start) {
      finish();
    } else if (text.charCodeAt(start + 1) !== 0x3a) {
      strayLines += 1;
    } else {
      const letter = text.charAt(start);
      if (letter === 'R') {
        const name = text.slice(start + 2, end);
        budget.add(paths, folder === '' ? name : `${folder}/${name}`);
      } else if (letter === 'F') {
        // A folder past the limit makes every path in it too long, so it need not be kept whole.
        folder = text.slice(start + 2, Math.min(end, start + 3 + osLimits.pathLength));
      } else if (wanted.has(letter)) {
        fields.set(letter, text.slice(start + 2, end));
      }
    }
    start = end + 1;
  }
  finish();
  return { entries, strayLines };
}
