import { elements, member } from '../../document/json.ts';
import { textOf } from '../../document/text.ts';
import { lockId, packagesOf, type LockEntry, type LockReading } from '../entries.ts';
import { packageTableLines } from '../lines-of.ts';
import { readPyProject } from '../pyproject.ts';
import { normalName, requirementName } from '../python-name.ts';
import { developmentOnly } from '../reach.ts';
import { readToml } from '../read-toml.ts';

/**
 * Reads `pdm.lock`. Its groups do not tell extras from groups for development; the project does.
 *
 * @param manifest the `pyproject.toml` beside it
 * @throws CatalogError MALFORMED
 */
export function parsePdmLock(bytes: Buffer, manifest?: Buffer): LockReading {
  const listed = elements(member(readToml(bytes), 'package'));
  const project = readPyProject(manifest);
  const byName = new Map<string, string>();
  const ids = listed.map((entry) => {
    const name = textOf(member(entry, 'name'));
    const id = lockId(name, textOf(member(entry, 'version')));
    byName.set(normalName(name), id);
    return id;
  });
  const idsOf = (names: Iterable<string | undefined>): string[] =>
    [...names].map((name) => byName.get(name ?? '')).filter((id) => id !== undefined);
  const graph = new Map<string, string[]>();
  for (const [index, entry] of listed.entries()) {
    // A package stands once more for each set of extras.
    const needs = idsOf(elements(member(entry, 'dependencies')).map(requirementName));
    const known = graph.get(ids[index] as string);
    if (known === undefined) graph.set(ids[index] as string, needs);
    else for (const each of needs) known.push(each);
  }
  const production = new Set(idsOf(project?.production ?? []));
  const extra = idsOf(project?.development ?? []);
  const direct = new Set([...production, ...extra]);
  const development = developmentOnly(graph, production, extra);
  const lines = packageTableLines(bytes.toString('utf8'));
  const entries = listed.map((entry, index): LockEntry => {
    const id = ids[index] as string;
    return {
      name: member(entry, 'name'),
      version: member(entry, 'version'),
      direct: project && direct.has(id),
      development: development.has(id),
      dependsOn: graph.get(id),
      ...(lines.length === listed.length ? { lines: lines[index] } : {}),
    };
  });
  return packagesOf('pypi', 'pdm-lock', entries);
}
