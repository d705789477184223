import type { Package } from '../../../package/package.ts';
import type { CatalogResult } from '../../cataloger.ts';
import { unusableEntries } from '../../document/problem.ts';
import { cleanText, textLimits, tryIdentity } from '../../document/text.ts';
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
  'sourcename',
  'maintainer',
  'license',
  'depends',
  'provides',
]);

/**
 * Reads opkg's `status` or one of its `info/*.control` files, both in the form of dpkg's. The source package is what
 * OpenWrt calls `SourceName`; its `Source` is a folder of the build tree.
 *
 * @param declared true for control files: they tell the licence, but only `status` tells what is installed
 * @throws CatalogError MALFORMED when a file that is not empty holds no stanza of a package; LIMIT_EXCEEDED
 */
export function parseOpkg(bytes: Buffer, path: string, declared: boolean): CatalogResult {
  const { stanzas, strayLines } = parseStanzas(bytes.toString('utf8'), wanted);
  if (strayLines > 0 && !stanzas.some((stanza) => stanza.has('package'))) {
    throw new CatalogError('MALFORMED', 'The opkg file holds no package that can be read; look at it by hand');
  }
  const there = stanzas.filter(isInstalled);
  const installed = there.flatMap((stanza) => {
    const identity = tryIdentity(stanza.get('package'), stanza.get('version'));
    if (identity === undefined) return [];
    return [{ name: identity.name, identity, stanza, provides: () => parseRelations(stanza.get('provides')).flat() }];
  });
  const find = indexProviders(installed);
  const facts = installed.map(({ name, identity, stanza }) => {
    const needs = parseRelations(stanza.get('depends'));
    const dependsOn = declared ? [] : resolveDependencies(needs, name, find);
    return {
      kind: 'package',
      package: toPackage(identity, stanza, dependsOn),
      ...(declared && { declared }),
    } as const;
  });
  const problems = [
    ...unusableEntries(path, there.length - installed.length, 'database'),
    ...strayLineProblems(path, strayLines),
  ];
  return { facts, problems };
}

function toPackage(identity: Identity, stanza: Stanza, dependsOn: readonly string[]): Package {
  const arch = cleanText(stanza.get('architecture'), textLimits.name);
  const source = cleanText(stanza.get('sourcename'), textLimits.name);
  const maintainer = cleanText(stanza.get('maintainer'), textLimits.maintainer);
  const license = cleanText(stanza.get('license'), textLimits.license);
  return {
    type: 'opkg',
    ...identity,
    ...(arch !== undefined && { arch }),
    ...(source !== undefined && { source: { name: source, version: identity.version } }),
    licenses: license === undefined ? [] : [license],
    ...(maintainer !== undefined && { maintainer }),
    ...(dependsOn.length > 0 && { dependsOn }),
    cataloger: 'opkg',
  };
}
