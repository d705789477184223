import { elements, isJsonObject, member, members } from '../../document/json.ts';
import { textOf } from '../../document/text.ts';
import { lockId, packagesOf, type LockEntry, type LockReading } from '../entries.ts';
import { packageTableLines } from '../lines-of.ts';
import { developmentOnly } from '../reach.ts';
import { readToml } from '../read-toml.ts';

interface Listed {
  readonly entry: unknown;
  readonly id: string;
  /** The project itself, or a member of its workspace. */
  readonly isProject: boolean;
}

/**
 * Reads `uv.lock`: the project stands among the packages, with what it asks for and its groups for development (uv
 * documentation, "Locking and syncing").
 *
 * @throws CatalogError MALFORMED
 */
export function parseUvLock(bytes: Buffer): LockReading {
  const listed = elements(member(readToml(bytes), 'package')).map((entry): Listed => ({
    entry,
    id: lockId(textOf(member(entry, 'name')), textOf(member(entry, 'version'))),
    isProject: isProject(member(entry, 'source')),
  }));
  const byName = new Map<string, string>();
  for (const { entry, id } of listed) byName.set(textOf(member(entry, 'name')), id);
  // A version stands with a name only where there are several.
  const idsOf = (list: unknown): string[] =>
    elements(list).flatMap((need) => {
      const name = textOf(member(need, 'name'));
      const version = member(need, 'version');
      const id = typeof version === 'string' ? lockId(name, version) : byName.get(name);
      return id === undefined ? [] : [id];
    });
  const listsOf = (entry: unknown, section: string): string[] =>
    members(member(entry, section)).flatMap(([, list]) => idsOf(list));
  const needsOf = (entry: unknown): string[] => [
    ...idsOf(member(entry, 'dependencies')),
    ...listsOf(entry, 'optional-dependencies'),
  ];
  const graph = new Map(listed.map(({ entry, id }) => [id, needsOf(entry)]));
  const projects = listed.filter((each) => each.isProject);
  const production = projects.flatMap(({ entry }) => needsOf(entry));
  const extra = projects.flatMap(({ entry }) => listsOf(entry, 'dev-dependencies'));
  const direct = new Set([...production, ...extra]);
  const development = developmentOnly(graph, production, extra);
  const lines = packageTableLines(bytes.toString('utf8'));
  const entries = listed.flatMap(({ entry, id, isProject: own }, index): LockEntry[] => {
    // What is built from a folder may have a version that is only known when it is built.
    if (own || (isJsonObject(entry) && member(entry, 'version') === undefined)) return [];
    return [
      {
        name: member(entry, 'name'),
        version: member(entry, 'version'),
        direct: projects.length === 0 ? undefined : direct.has(id),
        development: development.has(id),
        dependsOn: graph.get(id),
        ...(lines.length === listed.length ? { lines: lines[index] } : {}),
      },
    ];
  });
  return packagesOf('pypi', 'uv-lock', entries);
}

function isProject(source: unknown): boolean {
  return member(source, 'virtual') !== undefined || member(source, 'editable') !== undefined;
}
