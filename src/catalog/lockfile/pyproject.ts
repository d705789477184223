import { elements, isJsonObject, member, members } from '../document/json.ts';
import { normalName, requirementName } from './python-name.ts';
import { readTomlManifest } from './read-toml.ts';

/** What a `pyproject.toml` asks for: names as {@link normalName} writes them. */
export interface PyProject {
  /** Of the project itself and of its extras. */
  readonly production: ReadonlySet<string>;
  /** Of groups that are for development. */
  readonly development: ReadonlySet<string>;
}

/** Reads the manifest beside a lock file of Poetry or PDM; undefined when there is none that can be read. */
export function readPyProject(bytes: Buffer | undefined): PyProject | undefined {
  const document = readTomlManifest(bytes);
  if (document === undefined) return undefined;
  const project = member(document, 'project');
  const tool = member(document, 'tool');
  const poetry = member(tool, 'poetry');
  const groups = members(member(poetry, 'group')).map(
    ([name, group]) => [name, member(group, 'dependencies')] as const,
  );
  return {
    production: new Set([
      ...requirements(member(project, 'dependencies')),
      ...members(member(project, 'optional-dependencies')).flatMap(([, list]) => requirements(list)),
      ...keys(member(poetry, 'dependencies')),
      ...groups.flatMap(([name, group]) => (name === 'main' ? keys(group) : [])),
    ]),
    development: new Set([
      ...members(member(document, 'dependency-groups')).flatMap(([, list]) => requirements(list)),
      ...members(member(member(tool, 'pdm'), 'dev-dependencies')).flatMap(([, list]) => requirements(list)),
      ...keys(member(poetry, 'dev-dependencies')),
      ...groups.flatMap(([name, group]) => (name === 'main' ? [] : keys(group))),
    ]),
  };
}

function requirements(list: unknown): string[] {
  return elements(list)
    .map(requirementName)
    .filter((name) => name !== undefined);
}

function keys(table: unknown): string[] {
  return isJsonObject(table) ? Object.keys(table).map(normalName) : [];
}
