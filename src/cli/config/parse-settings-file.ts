import { suggest } from '../../base/suggest.ts';
import { parseYamlTree, type YamlNode } from '../../codec/yaml/tree.ts';
import { sectionNames } from '../../registry/config/names.ts';
import { ConfigError } from './error.ts';
import type { GivenValue, GivenValues } from './resolve.ts';
import type { SettingKey } from './settings.ts';
import { settingKeys, settingTable } from './table.ts';

/** Settings by their names in the file, joined with points: `cache.dir`. */
const byPath: ReadonlyMap<string, SettingKey> = new Map(
  settingKeys.map((key) => [settingTable[key].path.join('.'), key] as const),
);

/** Names that hold other settings: `cache`, `image.docker`. */
const groups: ReadonlySet<string> = new Set(
  [...byPath.keys()].flatMap((path) => {
    const parts = path.split('.');
    return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('.'));
  }),
);

/** Settings that other readers read and check: of a registry that this program runs, and the policy of `egress`. */
const ofOthers: ReadonlySet<string> = new Set([...sectionNames.map((name) => `registry.${name}`), 'egress']);

/**
 * Reads a settings file: nested mappings, values as after the flag, sequences for settings that take several.
 *
 * @param name of the file, for errors and origins
 * @throws ConfigError SETTINGS_FILE_MALFORMED, or SETTING_UNKNOWN with the setting that was likely meant
 */
export async function parseSettingsFile(text: string, name: string): Promise<GivenValues> {
  const given = new Map<SettingKey, GivenValue>();
  const { root, mistakes } = await parseYamlTree(text);
  const [mistake] = mistakes;
  if (mistake !== undefined) {
    throw new ConfigError('SETTINGS_FILE_MALFORMED', `${name}:${mistake.line}: ${mistake.sentence}`);
  }
  if (root === undefined || (root.kind === 'scalar' && root.text === undefined)) return given;
  collect(root, '', name, given);
  return given;
}

function collect(node: YamlNode, prefix: string, name: string, given: Map<SettingKey, GivenValue>): void {
  if (node.kind !== 'mapping') {
    throw new ConfigError(
      'SETTINGS_FILE_MALFORMED',
      `${name}:${node.line}: ${group(prefix)} holds settings; write "name: value" lines`,
    );
  }
  for (const { name: key, line, value } of node.entries) {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    const setting = byPath.get(path);
    if (setting !== undefined) {
      const texts = textsOf(value, path, name);
      if (texts !== undefined) given.set(setting, { texts, place: `${name}:${line}` });
    } else if (groups.has(path)) {
      if (value.kind !== 'scalar' || value.text !== undefined) collect(value, path, name, given);
    } else if (!ofOthers.has(path)) {
      throw unknown(path, name, line);
    }
  }
}

function textsOf(node: YamlNode, path: string, name: string): readonly string[] | undefined {
  if (node.kind === 'scalar') return node.text === undefined ? undefined : [node.text];
  const items = node.kind === 'sequence' ? node.items : [node];
  return items.map((item) => {
    if (item.kind === 'scalar') return item.text ?? '';
    throw new ConfigError(
      'SETTINGS_FILE_MALFORMED',
      `${name}:${item.line}: "${path}" takes plain values, not nested ones`,
    );
  });
}

function unknown(path: string, name: string, line: number): ConfigError {
  const last = path.slice(path.lastIndexOf('.') + 1);
  const near =
    suggest(path, [...byPath.keys(), ...groups, ...ofOthers]) ??
    [...byPath.keys()].find((known) => known.endsWith(`.${last}`));
  const advice = near === undefined ? 'see "seaworthy settings" for those that do' : `did you mean "${near}"?`;
  return new ConfigError(
    'SETTING_UNKNOWN',
    `${name}:${line}: The setting "${path.slice(0, 100)}" does not exist; ${advice}`,
  );
}

function group(prefix: string): string {
  return prefix === '' ? 'A settings file' : `"${prefix}"`;
}
