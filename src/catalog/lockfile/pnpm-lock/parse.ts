import type { LineRange } from '../../../package/package.ts';
import { isJsonObject, member, members, type JsonObject } from '../../document/json.ts';
import { lockId, packagesOf, type LockEntry, type LockReading } from '../entries.ts';
import { linesOf } from '../lines-of.ts';
import { developmentOnly } from '../reach.ts';
import { readYaml } from '../read-yaml.ts';
import { dependencyKey, splitKey, type KeyStyle } from './key.ts';

/**
 * Reads `pnpm-lock.yaml` of versions 5 to 9 (pnpm/spec, lockfile/). Version 9 keeps what packages need in `snapshots`, and
 * does not tell which of them are for development: that is followed from the projects.
 *
 * @throws CatalogError MALFORMED
 */
export function parsePnpmLock(bytes: Buffer): LockReading {
  const text = bytes.toString('utf8');
  const document = readYaml(lastDocument(text));
  return packagesOf('npm', 'pnpm-lock', entriesOf(document, text));
}

function entriesOf(document: JsonObject, text: string): LockEntry[] {
  const version = member(document, 'lockfileVersion');
  const style: KeyStyle = typeof version === 'string' && version.startsWith('5') ? 'slash' : 'at';
  const packages = new Map(members(member(document, 'packages')));
  const snapshots = member(document, 'snapshots');
  const nodes = isJsonObject(snapshots) ? members(snapshots) : [...packages];
  const has = new Set(nodes.map(([key]) => key));
  const graph = new Map<string, string[]>();
  for (const [key, node] of nodes) graph.set(key, needsOf(node, ['dependencies', 'optionalDependencies'], style, has));
  const importers = member(document, 'importers');
  const projects = isJsonObject(importers) ? members(importers).map(([, project]) => project) : [document];
  const production = projects.flatMap((each) => needsOf(each, ['dependencies', 'optionalDependencies'], style, has));
  const extra = projects.flatMap((each) => needsOf(each, ['devDependencies'], style, has));
  const direct = new Set([...production, ...extra]);
  const development = developmentOnly(graph, production, extra);
  const lines = packageLines(text);
  const identify = (key: string): { readonly name: unknown; readonly version: unknown } => {
    const split = splitKey(key, style);
    const node = packages.get(key) ?? packages.get(split.bare);
    // What comes from an archive or a repository has both inside, since its key is an address.
    return { name: member(node, 'name') ?? split.name, version: member(node, 'version') ?? split.version };
  };
  const ids = new Map([...graph.keys()].map((key) => [key, identify(key)]));
  return [...graph].map(([key, needs]) => ({
    ...(ids.get(key) ?? { name: undefined, version: undefined }),
    direct: direct.has(key),
    development: member(packages.get(key), 'dev') === 'true' || development.has(key),
    dependsOn: needs.flatMap((each) => {
      const { name, version } = ids.get(each) ?? {};
      return typeof name === 'string' && typeof version === 'string' ? [lockId(name, version)] : [];
    }),
    lines: lines.get(key) ?? lines.get(splitKey(key, style).bare),
  }));
}

/** Keys of what a package or a project needs. Links to other projects have none. */
function needsOf(node: unknown, sections: readonly string[], style: KeyStyle, keys: ReadonlySet<string>): string[] {
  return sections.flatMap((section) =>
    members(member(node, section)).flatMap(([name, value]) => {
      const version = typeof value === 'string' ? value : member(value, 'version');
      const key = typeof version === 'string' ? dependencyKey(name, version, style, keys) : undefined;
      return key === undefined ? [] : [key];
    }),
  );
}

/** Since version 9 a second document may follow or come first, of pnpm's own dependencies; the project's is the last. */
function lastDocument(text: string): string {
  const start = text.lastIndexOf('\n---\n');
  return start < 0 ? text : text.slice(start + 5);
}

/** Lines of the keys of `packages`, which stand two blanks deep. */
function packageLines(text: string): ReadonlyMap<string, LineRange> {
  let isInPackages = false;
  const keyOf = (line: string): string | undefined => {
    if (/^\S/.test(line)) isInPackages = line.trimEnd() === 'packages:';
    return isInPackages ? /^ {2}'?([^\s'][^']*?)'?:\s*$/.exec(line)?.[1] : undefined;
  };
  return linesOf(text, keyOf, (line) => /^\S/.test(line));
}
