import { type TomlTable, tableIn } from '../../../codec/toml/parse-toml.ts';
import type { Finding } from '../../endpoint.ts';
import { type MergeRule, pluginSection, type ServerConfig } from './server-config.ts';

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

/** The plugin that pulls images, by the version of the file. */
const pluginOf: Readonly<Record<number, string>> = {
  1: 'cri',
  2: 'io.containerd.grpc.v1.cri',
  3: 'io.containerd.cri.v1.images',
};

/** What the files say about registries, and what is odd about that. */
export function registrySettings(
  config: ServerConfig,
  main: string,
): { readonly settings: RegistrySettings; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const version = Math.min(3, Math.max(1, config.version));
  const plugin = pluginOf[version] as string;
  const tell = (code: string, level: Finding['level'], sentence: string): void => {
    findings.push({ code, level, file: main, sentence });
  };
  for (const [other, id] of Object.entries(pluginOf)) {
    if (Number(other) === version || registryOf(pluginSection(config.parts, id, 'joined')) === undefined) continue;
    tell(
      'PLUGIN_OTHER_VERSION',
      'note',
      `has settings under ${id}, which a file of version ${version} does not use; write ${plugin}`,
    );
  }
  const [joined, replaced] = (['joined', 'replaced'] as const).map((rule: MergeRule) =>
    settingsOf(config, plugin, version, rule),
  ) as [RegistrySettings, RegistrySettings];
  if (version < 3 && JSON.stringify(comparable(joined)) !== JSON.stringify(comparable(replaced))) {
    const sentence =
      'is changed by an import, of which containerd 1.x takes the whole section of the plugin; write all of it there, or nothing';
    tell('IMPORT_REPLACES', replaced.configPath === joined.configPath ? 'note' : 'way-out', sentence);
  }
  return { settings: joined, findings };
}

function comparable({ configPath, mirrors }: RegistrySettings): unknown {
  return [configPath, [...mirrors]];
}

function settingsOf({ parts }: ServerConfig, plugin: string, version: number, rule: MergeRule): RegistrySettings {
  const section = pluginSection(parts, plugin, rule);
  const registry = registryOf(section);
  const mirrors = new Map<string, readonly string[]>();
  for (const host of Object.keys(tableIn(registry, 'mirrors') ?? {})) {
    const endpoints: unknown = tableIn(tableIn(registry, 'mirrors'), host)?.['endpoint'];
    mirrors.set(host, Array.isArray(endpoints) ? endpoints.filter((each) => typeof each === 'string') : []);
  }
  const path: unknown = registry?.['config_path'];
  const sandbox: unknown = version === 3 ? tableIn(section, 'pinned_images')?.['sandbox'] : section?.['sandbox_image'];
  return {
    configPath: typeof path === 'string' ? path : '',
    mirrors,
    localPull: section?.['use_local_image_pull'] === true,
    ...(typeof sandbox === 'string' && sandbox !== '' ? { sandboxImage: sandbox } : {}),
  };
}

function registryOf(section: TomlTable | undefined): TomlTable | undefined {
  return tableIn(section, 'registry');
}
