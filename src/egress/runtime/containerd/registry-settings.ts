import { isTable, lineOf, type TomlTable, tableIn } from '../../../codec/toml/parse-toml.ts';
import { printable } from '../../../base/printable.ts';
import type { Finding } from '../../endpoint.ts';
import { oddNames } from '../../node/toml-values.ts';
import { type ConfigPart, joinTables, type ServerConfig } from './server-config.ts';

/** What containerd's CRI plugin knows about registries. */
export interface RegistrySettings {
  readonly configPath: string;
  /** The older form: image hosts with their endpoints. */
  readonly mirrors: ReadonlyMap<string, readonly string[]>;
  /** Pulls do not go through the transfer service of containerd 2.1. */
  readonly localPull: boolean;
  /** The image that each pod begins with. */
  readonly sandboxImage?: string;
}

/** The plugin that pulls images, as files of version 1, of 2, and of 3 and later call it. */
const pluginNames = ['cri', 'io.containerd.grpc.v1.cri', 'io.containerd.cri.v1.images'] as const;

/** What the files say about registries, and what is odd about that. */
export function registrySettings(
  config: ServerConfig,
  main: string,
): { readonly settings: RegistrySettings; readonly findings: readonly Finding[] } {
  const findings = config.parts.flatMap(oddFindings);
  const settings = settingsOf(config.parts.map(sectionForVersion2).reduce(joined, undefined));
  if (config.version >= 3) return { settings, findings };
  const older = settingsOf(sectionForVersion1(config));
  if (JSON.stringify(comparable(settings)) !== JSON.stringify(comparable(older))) {
    const level = settings.configPath === older.configPath ? 'note' : 'way-out';
    findings.push({ level, file: main, ...difference(config) });
  }
  return { settings, findings };
}

function difference({ parts }: ServerConfig): Pick<Finding, 'code' | 'sentence'> {
  if (parts.length > 1) {
    const sentence =
      'is changed by an import, of which containerd 1.x takes the whole section of the plugin; write all of it there, or nothing';
    return { code: 'IMPORT_REPLACES', sentence };
  }
  const sentence = `has settings that containerd 2 takes and 1.x does not, or the other way around; write them under ${pluginNames[1]}`;
  return { code: 'PLUGIN_OTHER_VERSION', sentence };
}

/**
 * The plugin's section of a file as containerd 2 has it. It brings each file to its own form before it joins them, whatever the version
 * of the main file is: `registry` and the pause image of the older plugin take the place of what is there (containerd
 * `plugins/cri/images`: `migrateConfig`).
 */
function sectionForVersion2(part: ConfigPart): TomlTable | undefined {
  const sections = pluginNames.map((name) => tableIn(tableIn(part.root, 'plugins'), name));
  const [first, second, third] = sections;
  if (versionOf(part) >= 3) return third;
  const older = versionOf(part) <= 1 ? joined(first, second) : second;
  if (older === undefined) return third;
  const sandbox = older['sandbox_image'];
  return {
    ...third,
    ...(older['registry'] === undefined ? {} : { registry: older['registry'] }),
    ...(sandbox === undefined ? {} : { pinned_images: { sandbox } }),
  };
}

/** The plugin's section as containerd 1 has it, brought to the form of 2: the whole of the last file that has one. */
function sectionForVersion1({ parts, version }: ServerConfig): TomlTable | undefined {
  const name = pluginNames[version <= 1 ? 0 : 1];
  const last = parts.findLast(({ root }) => tableIn(tableIn(root, 'plugins'), name) !== undefined);
  const section = last && tableIn(tableIn(last.root, 'plugins'), name);
  return section && { registry: section['registry'], pinned_images: { sandbox: section['sandbox_image'] } };
}

/** Where a setting of a plugin's registries stands: in the last file that has it. */
export function placeOfSetting(
  { parts }: ServerConfig,
  setting: 'config_path' | 'mirrors',
): Pick<Finding, 'file' | 'line'> | undefined {
  for (const { path, document } of parts.toReversed()) {
    for (const name of pluginNames.toReversed()) {
      const registry = tableIn(tableIn(tableIn(document.root, 'plugins'), name), 'registry');
      const line =
        registry?.[setting] === undefined ? undefined : lineOf(document, ['plugins', name, 'registry', setting]);
      if (line !== undefined) return { file: path, line };
    }
  }
  return undefined;
}

/** Whether a file says anything about registries. */
export function setsRegistries({ root }: ConfigPart): boolean {
  return pluginNames.some((name) => tableIn(tableIn(root, 'plugins'), name)?.['registry'] !== undefined);
}

function versionOf({ root }: ConfigPart): number {
  return Number(root['version'] ?? 1);
}

function joined(below: TomlTable | undefined, above: TomlTable | undefined): TomlTable | undefined {
  return below === undefined || above === undefined ? (above ?? below) : joinTables(below, above);
}

function settingsOf(section: TomlTable | undefined): RegistrySettings {
  const registry = tableIn(section, 'registry');
  const mirrors = new Map<string, readonly string[]>();
  for (const [host, mirror] of Object.entries(tableIn(registry, 'mirrors') ?? {})) {
    const endpoints: unknown = isTable(mirror) ? mirror['endpoint'] : undefined;
    mirrors.set(host, Array.isArray(endpoints) ? endpoints.filter((each) => typeof each === 'string') : []);
  }
  const path = registry?.['config_path'];
  const sandbox = tableIn(section, 'pinned_images')?.['sandbox'];
  return {
    configPath: typeof path === 'string' ? path : '',
    mirrors,
    localPull: section?.['use_local_image_pull'] === true,
    ...(typeof sandbox === 'string' && sandbox !== '' ? { sandboxImage: sandbox } : {}),
  };
}

function comparable({ configPath, mirrors }: RegistrySettings): unknown {
  return [configPath, [...mirrors]];
}

/** What is odd about a single file. */
function oddFindings(part: ConfigPart): Finding[] {
  const { path, root } = part;
  const findings: Finding[] = [];
  const plugins = tableIn(root, 'plugins');
  const unused = pluginNames.slice(0, 2).find((name) => tableIn(tableIn(plugins, name), 'registry') !== undefined);
  if (versionOf(part) >= 3 && unused !== undefined) {
    const sentence = `has settings under ${unused}, which a file of version 3 or later does not use; write ${pluginNames[2]}`;
    const line = lineOf(part.document, ['plugins', unused, 'registry']);
    findings.push({
      code: 'PLUGIN_OTHER_VERSION',
      level: 'note',
      file: path,
      ...(line === undefined ? {} : { line }),
      sentence,
    });
  }
  const sections = pluginNames.map((name) => tableIn(plugins, name));
  const odd = [
    ...oddNames(root, ['version', 'imports', 'plugins', 'disabled_plugins']),
    ...sections.flatMap((section) => oddNames(section, ['registry', 'sandbox_image', 'pinned_images'])),
    ...sections.flatMap((section) => oddNames(tableIn(section, 'registry'), ['config_path', 'mirrors'])),
  ];
  for (const name of new Set(odd)) {
    const sentence = `writes ${printable(name)}, which containerd 2 takes for ${name.toLowerCase()}, and containerd 1 may not; write it in small letters`;
    findings.push({ code: 'NAME_CAPITALS', level: 'unknown', file: path, sentence });
  }
  return findings;
}
