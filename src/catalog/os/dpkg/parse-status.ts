import type { Package, SourcePackage } from '../../../package/package.ts';
import type { CatalogResult } from '../../cataloger.ts';
import { unusableEntries } from '../../document/problem.ts';
import { cleanText, cleanTexts, textLimits, tryIdentity } from '../../document/text.ts';
import type { Identity } from '../../document/text.ts';
import { CatalogError } from '../../error.ts';
import { indexProviders, resolveDependencies } from '../dependencies.ts';
import { isInstalled, parseRelations } from '../stanza-package.ts';
import { parseStanzas } from '../stanza.ts';
import type { Stanza } from '../stanza.ts';
import { strayLineProblems } from '../stray-lines.ts';

const wanted: ReadonlySet<string> = new Set([
  'package',
  'status',
  'version',
  'architecture',
  'source',
  'maintainer',
  'depends',
  'pre-depends',
  'provides',
]);

/** A stanza of a package that is there, with what others need to know of it. */
interface Installed {
  readonly name: string;
  readonly identity: Identity;
  readonly stanza: Stanza;
  provides(): readonly string[];
}

/**
 * Reads dpkg's database `status`: one stanza per known package, installed or not.
 *
 * @throws CatalogError MALFORMED when a file that is not empty holds no stanza of a package; LIMIT_EXCEEDED
 */
export function parseStatus(bytes: Buffer, path: string): CatalogResult {
  const { stanzas, strayLines } = parseStanzas(bytes.toString('utf8'), wanted);
  const { installed, unusable } = selectInstalled(stanzas);
  if (strayLines > 0 && !stanzas.some((stanza) => stanza.has('package'))) {
    throw new CatalogError('MALFORMED', 'The dpkg database holds no package that can be read; look at it by hand');
  }
  const find = indexProviders(installed);
  const facts = installed.map(({ name, identity, stanza }) => {
    const dependsOn = resolveDependencies(needsOf(stanza), name, find);
    return { kind: 'package', package: toPackage(identity, stanza, dependsOn) } as const;
  });
  return { facts, problems: [...unusableEntries(path, unusable, 'database'), ...strayLineProblems(path, strayLines)] };
}

/**
 * Reads a file of `status.d`, where images built without dpkg keep one stanza per file, and other files besides: what
 * names no package is none of ours.
 *
 * Which alternative of a need is installed cannot be told from one file, so all are named.
 *
 * @throws CatalogError LIMIT_EXCEEDED
 */
export function parseStatusFile(bytes: Buffer, path: string): CatalogResult {
  const { stanzas } = parseStanzas(bytes.toString('utf8'), wanted);
  const { installed, unusable } = selectInstalled(stanzas.filter((stanza) => stanza.has('package')));
  const facts = installed.map(({ name, identity, stanza }) => {
    const names = new Set(needsOf(stanza).flat());
    names.delete(name);
    const dependsOn = cleanTexts(names, textLimits.name, textLimits.dependencies);
    return { kind: 'package', package: toPackage(identity, stanza, dependsOn) } as const;
  });
  return { facts, problems: unusableEntries(path, unusable, 'database') };
}

function selectInstalled(stanzas: readonly Stanza[]): { installed: Installed[]; unusable: number } {
  const installed: Installed[] = [];
  let unusable = 0;
  for (const stanza of stanzas) {
    if (!isInstalled(stanza)) continue;
    const identity = tryIdentity(stanza.get('package'), stanza.get('version'));
    if (identity === undefined) {
      unusable += 1;
      continue;
    }
    const provides = (): string[] => parseRelations(stanza.get('provides')).flat();
    installed.push({ name: identity.name, identity, stanza, provides });
  }
  return { installed, unusable };
}

function needsOf(stanza: Stanza): string[][] {
  return [...parseRelations(stanza.get('pre-depends')), ...parseRelations(stanza.get('depends'))];
}

function toPackage(identity: Identity, stanza: Stanza, dependsOn: readonly string[]): Package {
  const arch = cleanText(stanza.get('architecture'), textLimits.name);
  const maintainer = cleanText(stanza.get('maintainer'), textLimits.maintainer);
  const source = parseSource(stanza.get('source'), identity.version);
  return {
    type: 'deb',
    ...identity,
    ...(arch !== undefined && { arch }),
    ...(source !== undefined && { source }),
    licenses: [],
    ...(maintainer !== undefined && { maintainer }),
    ...(dependsOn.length > 0 && { dependsOn }),
    cataloger: 'dpkg',
  };
}

/** `name` or `name (version)`; without a version the source has the binary package's. */
function parseSource(value: string | undefined, binaryVersion: string): SourcePackage | undefined {
  const text = cleanText(value, textLimits.name);
  if (text === undefined) return undefined;
  const open = text.indexOf('(');
  if (open < 0) return { name: text, version: binaryVersion };
  const name = text.slice(0, open).trim();
  const version = text.slice(open + 1, text.endsWith(')') ? -1 : undefined).trim();
  return name === '' ? undefined : { name, version: version === '' ? binaryVersion : version };
}
