import { CatalogError } from '../../error.ts';
import { elements, isJsonObject, member, members, parseJsonObject } from '../../document/json.ts';
import { lockId, packagesOf, type LockEntry, type LockReading } from '../entries.ts';
import { developmentOnly } from '../reach.ts';
import { countSteps } from '../steps.ts';
import { plainJson } from './plain-json.ts';

const needed = ['dependencies', 'optionalDependencies', 'peerDependencies'] as const;

/**
 * Reads `bun.lock`, JSON with comments and commas at ends: `packages` has a key for each folder (`parent/name`) and a list
 * that begins with `name@version` (oven-sh/bun, docs/install/lockfile).
 *
 * @throws CatalogError MALFORMED
 */
export function parseBunLock(bytes: Buffer): LockReading {
  const document = parseJsonObject(Buffer.from(plainJson(bytes.toString('utf8'))));
  const packages = member(document, 'packages');
  if (!isJsonObject(packages)) {
    throw new CatalogError('MALFORMED', 'The file lists no packages; run bun install again');
  }
  return packagesOf('npm', 'bun-lock', entriesOf(members(packages), members(member(document, 'workspaces'))));
}

type Members = readonly (readonly [string, unknown])[];

function entriesOf(packages: Members, workspaces: Members): LockEntry[] {
  const folders = new Map(packages.map(([key, value]) => [key, elements(value)] as const));
  const step = countSteps();
  const resolve = (from: string, name: string): string | undefined => {
    for (let at = from; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
      step();
      if (folders.has(`${at}/${name}`)) return `${at}/${name}`;
    }
    return folders.has(name) ? name : undefined;
  };
  const needsOf = (from: string, value: unknown, sections: readonly string[]): string[] =>
    sections
      .flatMap((section) => members(member(value, section)).map(([name]) => resolve(from, name)))
      .filter((key) => key !== undefined);

  const graph = new Map<string, string[]>();
  for (const [key, value] of folders) graph.set(key, needsOf(key, value.find(isJsonObject), needed));
  const from = (name: unknown): string => (typeof name === 'string' ? name : '');
  const production = workspaces.flatMap(([, each]) => needsOf(from(member(each, 'name')), each, needed));
  const extra = workspaces.flatMap(([, each]) => needsOf(from(member(each, 'name')), each, ['devDependencies']));
  const direct = new Set([...production, ...extra]);
  const development = developmentOnly(graph, production, extra);
  return [...folders].flatMap(([key, value]): LockEntry[] => {
    const { name, version } = splitSpec(value[0]);
    if (typeof version === 'string' && version.startsWith('workspace:')) return [];
    return [
      {
        name,
        version,
        direct: direct.has(key),
        development: development.has(key),
        dependsOn: (graph.get(key) ?? []).map((each) => {
          const spec = splitSpec(folders.get(each)?.[0]);
          return lockId(String(spec.name), String(spec.version));
        }),
      },
    ];
  });
}

/** `@scope/name@1.2.3`. */
function splitSpec(value: unknown): { readonly name: unknown; readonly version: unknown } {
  if (typeof value !== 'string') return { name: undefined, version: undefined };
  const at = value.indexOf('@', 1);
  return at < 0 ? { name: value, version: undefined } : { name: value.slice(0, at), version: value.slice(at + 1) };
}
