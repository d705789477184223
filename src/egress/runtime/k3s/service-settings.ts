import { join } from 'node:path/posix';
import { memberOf, membersOf, readPlainYaml, type YamlDocument } from '../../node/plain-yaml.ts';
import type { Finding } from '../../endpoint.ts';
import type { NodeFiles } from '../../node/node-files.ts';

/** Settings of the service that decide where images come from. */
const names = [
  'disable-default-registry-endpoint',
  'private-registry',
  'embedded-registry',
  'container-runtime-endpoint',
  'docker',
] as const;

/** One of the settings that are looked at. */
export type ServiceSetting = (typeof names)[number];

/** A value and where it stands. */
export interface SettingValue extends Pick<Finding, 'line'> {
  readonly text: string;
  readonly file: string;
}

/** What the service runs with. */
export interface ServiceSettings {
  readonly values: ReadonlyMap<ServiceSetting, SettingValue>;
  readonly files: readonly string[];
  readonly findings: readonly Finding[];
  /** A file of settings cannot be read: with one that is broken, the service does not start (k3s issue 7932). */
  readonly isUnreadable: boolean;
}

/** Where units lie; the first that is there counts. */
const unitFolders = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
];

/**
 * Reads `config.yaml`, its drop-ins in their order (k3s `configfilearg`: `dotDFiles`), and the command of the service, whose flags come
 * behind those of the files and so count before them.
 */
export async function readServiceSettings(name: string, folder: string, files: NodeFiles): Promise<ServiceSettings> {
  const values = new Map<ServiceSetting, SettingValue>();
  const read: string[] = [];
  const findings: Finding[] = [];
  for (const path of await configFiles(folder, files, findings)) {
    for (const document of await documentsOf(path, files, read, findings)) {
      for (const key of names) {
        if (!Object.hasOwn(membersOf(document.value), key)) continue;
        const value = memberOf(document.value, key);
        const place = { file: path, line: document.lineOf([key]) };
        values.set(key, { text: typeof value === 'string' ? value : '', ...place });
      }
    }
  }
  const isUnreadable = findings.length > 0;
  for (const unit of [name, `${name}-agent`, `${name}-server`]) {
    for (const { path, text } of await unitTexts(unit, files)) {
      for (const key of names) {
        const given = lastFlag(text, key);
        if (given !== undefined) values.set(key, { text: given, file: path });
      }
      const other = /(?:k3s|rke2)\b[^\n]*\s(?:-c|--config)[\s='"]|(?:K3S|RKE2)_CONFIG_FILE=/.test(text);
      const sentence =
        'names a file of settings of its own, which is not looked at; let the service read the usual one';
      if (other) findings.push({ code: 'CONFIG_ELSEWHERE', level: 'unknown', file: path, sentence });
    }
  }
  return { values, files: read, findings, isUnreadable };
}

async function configFiles(folder: string, files: NodeFiles, findings: Finding[]): Promise<string[]> {
  const dropIns = join(folder, 'config.yaml.d');
  const listed = await files.list(dropIns);
  if (listed.kind === 'unreadable') findings.push(listed.finding);
  const found = listed.kind === 'names' ? listed.names.filter((each) => /\.ya?ml$/i.test(each)) : [];
  return [join(folder, 'config.yaml'), ...found.map((each) => join(dropIns, each))];
}

/** Documents of a file; none where it is not there or broken, which is told. */
export async function documentsOf(
  path: string,
  files: NodeFiles,
  read: string[],
  findings: Finding[],
): Promise<readonly YamlDocument[]> {
  const file = await files.read(path);
  if (file.kind === 'unreadable') findings.push(file.finding);
  if (file.kind !== 'text') return [];
  const { documents, mistake } = await readPlainYaml(file.text);
  if (documents === undefined) {
    const sentence = `cannot be read, and the service does not start with it: ${mistake.sentence}`;
    findings.push({ code: 'CONFIG_BROKEN', level: 'unknown', file: path, line: mistake.line, sentence });
    return [];
  }
  read.push(path);
  return documents;
}

/** A unit, and what is put over it. */
async function unitTexts(unit: string, files: NodeFiles): Promise<{ readonly path: string; readonly text: string }[]> {
  const texts: { readonly path: string; readonly text: string }[] = [];
  for (const folder of unitFolders) {
    const path = join(folder, `${unit}.service`);
    const file = texts.length === 0 ? await files.read(path) : undefined;
    if (file?.kind === 'text') texts.push({ path, text: onOneLine(file.text) });
  }
  for (const folder of unitFolders) {
    const dropIns = join(folder, `${unit}.service.d`);
    const listed = await files.list(dropIns);
    for (const name of listed.kind === 'names' ? listed.names : []) {
      const file = await files.read(join(dropIns, name));
      if (file.kind === 'text' && name.endsWith('.conf')) {
        texts.push({ path: join(dropIns, name), text: onOneLine(file.text) });
      }
    }
  }
  return texts;
}

/** A command that goes on in further lines (systemd.syntax(7)). */
function onOneLine(text: string): string {
  return text.replaceAll(/\\\r?\n/g, ' ');
}

/** The value of a flag where it stands last: after a `=`, or `true`; a text may also stand behind it. */
function lastFlag(text: string, key: ServiceSetting): string | undefined {
  const rest = `--${key}(?:=(?<is>[^'"\\s\\\\]*)|(?=['"\\s\\\\]|$)(?:['"\\s\\\\]+(?<next>[^-'"\\s\\\\][^'"\\s\\\\]*))?)`;
  const groups = [...text.matchAll(new RegExp(rest, 'g'))].at(-1)?.groups;
  if (groups === undefined) return undefined;
  const isSwitch = key !== 'private-registry' && key !== 'container-runtime-endpoint';
  return groups['is'] ?? (isSwitch ? 'true' : (groups['next'] ?? ''));
}
