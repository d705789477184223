import { elements, member, members } from '../../document/json.ts';
import { textOf } from '../../document/text.ts';
import { lockId, packagesOf, type LockEntry, type LockReading } from '../entries.ts';
import { packageTableLines } from '../lines-of.ts';
import { readPyProject } from '../pyproject.ts';
import { normalName } from '../python-name.ts';
import { developmentOnly } from '../reach.ts';
import { readToml } from '../read-toml.ts';

/**
 * Reads `poetry.lock`. What is for development stands in `groups` since Poetry 2, in `category` before 1.5, and between these
 * only follows from what the project asks for.
 *
 * @param manifest the `pyproject.toml` beside it
 * @throws CatalogError MALFORMED
 */
export function parsePoetryLock(bytes: Buffer, manifest?: Buffer): LockReading {
  const listed = elements(member(readToml(bytes), 'package'));
  const project = readPyProject(manifest);
  const names = new Map<string, string[]>();
  const keys = listed.map((entry) => {
    const { name, version } = { name: textOf(member(entry, 'name')), version: textOf(member(entry, 'version')) };
    const same = names.get(normalName(name));
    const id = lockId(name, version);
    if (same === undefined) names.set(normalName(name), [id]);
    else same.push(id);
    return { id, normal: normalName(name) };
  });
  const idsOf = (name: string): readonly string[] => names.get(name) ?? [];
  const graph = new Map<string, string[]>();
  for (const [index, entry] of listed.entries()) {
    const needs = members(member(entry, 'dependencies')).flatMap(([name]) => idsOf(normalName(name)).slice(0, 8));
    graph.set(keys[index]?.id as string, needs);
  }
  const unwanted =
    project === undefined
      ? new Set<string>()
      : developmentOnly(graph, [...project.production].flatMap(idsOf), [...project.development].flatMap(idsOf));
  const lines = packageTableLines(bytes.toString('utf8'));
  const entries = listed.map((entry, index): LockEntry => {
    const { id, normal } = keys[index] as { id: string; normal: string };
    return {
      name: member(entry, 'name'),
      version: member(entry, 'version'),
      direct: project && (project.production.has(normal) || project.development.has(normal)),
      development: isForDevelopment(entry) ?? unwanted.has(id),
      dependsOn: graph.get(id),
      ...(lines.length === listed.length ? { lines: lines[index] } : {}),
    };
  });
  return packagesOf('pypi', 'poetry-lock', entries);
}

/** Undefined when the file does not tell. */
function isForDevelopment(entry: unknown): boolean | undefined {
  const groups = elements(member(entry, 'groups'));
  if (groups.length > 0) return !groups.includes('main');
  const category = member(entry, 'category');
  return category === undefined ? undefined : category === 'dev';
}
