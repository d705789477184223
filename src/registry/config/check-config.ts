import { dirname, resolve } from 'node:path';
import { explainIssue, unknownName } from '../../codec/yaml/explain-issue.ts';
import type { JsonSchema } from '../../codec/yaml/json-schema.ts';
import {
  byPlace,
  type ConfigMistake,
  type ConfigPath,
  type Finding,
  formatPath,
  nodeAt,
  placeOf,
} from '../../codec/yaml/mistake.ts';
import { plainValue } from '../../codec/yaml/plain-value.ts';
import type { TextPlace } from '../../codec/yaml/text-place.ts';
import { parseYamlTree, type YamlEntry, type YamlNode } from '../../codec/yaml/tree.ts';
import { assembleConfig } from './assemble.ts';
import { authChecks } from './auth/check.ts';
import type { CheckContext, ConfigCheck } from './config-check.ts';
import type { RegistryConfig } from './model.ts';
import { clientNames, sectionNames, type SectionName } from './names.ts';
import { gateChecks, gateWarnings } from './gate/check.ts';
import { rulesChecks } from './rules/check.ts';
import type { GivenConfig } from './schema.ts';
import { scanningChecks } from './scanning/check.ts';
import { serveChecks } from './serve/check.ts';
import { storageChecks } from './storage/check.ts';
import { upstreamChecks } from './upstreams/check.ts';
import { webhookChecks } from './webhook/check.ts';

/** What a configuration depends on besides its text. */
export interface ConfigSurroundings extends CheckContext {
  /** Where everything lies when the file names no `data`; absolute. */
  readonly dataFolder: string;
  /** Other names at the top of the file that are known: the settings of commands. Absent: all are let pass. */
  readonly otherNames?: ReadonlySet<string>;
  /** What it is for: to serve, or to open no more than the database and the storage. Absent: to serve. */
  readonly use?: 'serve' | 'stores';
  /** What the command line says, over what the file says. */
  readonly overrides?: Partial<Pick<GivenConfig, 'listen' | 'data'>>;
}

/** A configuration that can be used, with what is hardly meant in it, or all that is wrong with it. */
export type ConfigReading =
  | { readonly config: RegistryConfig; readonly warnings: readonly ConfigMistake[]; readonly mistakes?: undefined }
  | { readonly config?: undefined; readonly mistakes: readonly ConfigMistake[] };

const checks: readonly ConfigCheck[] = [
  ...serveChecks,
  ...storageChecks,
  ...authChecks,
  ...rulesChecks,
  ...gateChecks,
  ...upstreamChecks,
  ...scanningChecks,
  ...webhookChecks,
];

/** What may be meant so, and is told all the same. */
const warningChecks: readonly ConfigCheck[] = gateWarnings;

/**
 * Checks the text of a settings file, and gives the registry's part of it. An empty text is a configuration: a registry for
 * this machine alone. The files that it names are looked at, and nothing is asked of the network.
 *
 * @param file the path of the text, from whose folder on relative paths count
 */
export async function checkConfig(
  text: string,
  file: string,
  surroundings: ConfigSurroundings,
): Promise<ConfigReading> {
  const { root, mistakes } = await parseYamlTree(text);
  const found: ConfigMistake[] = mistakes.map((mistake) => ({ ...mistake, path: '' }));
  // An alias was told of as such; that there is no value then is no second mistake.
  const told = new Set(mistakes.map(placeKey));
  const tell = ({ path, sentence }: Finding): void => {
    const node = nodeAt(root, path);
    if (node !== undefined && told.has(placeKey(node))) return;
    found.push({ ...placeOf(root, path), path: formatPath(path), sentence });
  };
  // What is no YAML would only bring mistakes that are none.
  if (root === undefined && mistakes.length > 0) return { mistakes: found };
  const members = registryMembers(root, surroundings, tell);
  const { given, failed } = await readSections(members, root, dirname(resolve(file)), tell);
  const config = assembleConfig({ ...given, ...surroundings.overrides }, surroundings.dataFolder);
  const run = async (list: readonly ConfigCheck[]): Promise<void> => {
    for (const { needs, servingOnly, find } of list) {
      if (needs.some((name) => failed.has(name)) || (servingOnly === true && surroundings.use === 'stores')) continue;
      for (const finding of await find(config, surroundings)) tell(finding);
    }
  };
  await run(checks);
  if (found.length > 0) return { mistakes: found.sort(byPlace) };
  await run(warningChecks);
  return { config, warnings: found.sort(byPlace) };
}

function placeKey({ line, column }: TextPlace): string {
  return `${line}:${column}`;
}

/** The members of the `registry` section; names that nobody knows are told of, there and at the top. */
function registryMembers(
  root: YamlNode | undefined,
  { otherNames }: ConfigSurroundings,
  tell: (finding: Finding) => void,
): ReadonlyMap<string, YamlEntry> {
  const members = new Map<string, YamlEntry>();
  for (const entry of entriesOf(root, [], tell)) {
    if (entry.name === 'registry') {
      for (const member of entriesOf(entry.value, ['registry'], tell)) members.set(member.name, member);
    } else if (otherNames !== undefined && !otherNames.has(entry.name)) {
      tell({ path: [entry.name], sentence: unknownName(entry.name, ['registry', ...otherNames]) });
    }
  }
  const known: readonly string[] = sectionNames;
  for (const name of members.keys()) {
    if (known.includes(name) || clientNames.has(name)) continue;
    tell({ path: ['registry', name], sentence: unknownName(name, known) });
  }
  return members;
}

function entriesOf(
  node: YamlNode | undefined,
  path: ConfigPath,
  tell: (finding: Finding) => void,
): readonly YamlEntry[] {
  if (node?.kind === 'mapping') return node.entries;
  const empty = node === undefined || (node.kind === 'scalar' && node.text === undefined);
  if (!empty) tell({ path, sentence: `${path.length === 0 ? 'A settings file ' : ''}takes names with values` });
  return [];
}

interface ReadSections {
  readonly given: Partial<GivenConfig>;
  /** Settings with mistakes in them, which are not in `given`. */
  readonly failed: ReadonlySet<SectionName>;
}

async function readSections(
  members: ReadonlyMap<string, YamlEntry>,
  root: YamlNode | undefined,
  folder: string,
  tell: (finding: Finding) => void,
): Promise<ReadSections> {
  const { configJsonSchema, optionalSections, sectionSchemas } = await import('./schema.ts');
  const schemas = sectionSchemas({ folder });
  const given: Partial<Record<SectionName, unknown>> = {};
  const failed = new Set<SectionName>();
  let document: JsonSchema | undefined;
  for (const name of sectionNames) {
    const member = members.get(name);
    if (member === undefined && optionalSections.has(name)) continue;
    const result = schemas[name].safeParse(member === undefined ? undefined : plainValue(member.value));
    if (result.success) given[name] = result.data;
    else {
      failed.add(name);
      document ??= configJsonSchema();
      const schema = document.properties?.['registry']?.properties?.[name] ?? {};
      const path = ['registry', name];
      for (const issue of result.error.issues) explainIssue(issue, path, root, schema).forEach(tell);
    }
  }
  return { given: given as Partial<GivenConfig>, failed };
}
