import { join } from 'node:path/posix';
import { parseToml, tableIn } from '../../../codec/toml/parse-toml.ts';
import type { Finding } from '../../endpoint.ts';
import type { NodeFiles } from '../../node/node-files.ts';

/** Where CRI-O's own configuration lies. */
export const crioFiles: readonly string[] = ['/etc/crio/crio.conf', '/etc/crio/crio.conf.d'];

/** What CRI-O sets for itself rather than by the files of its library (crio.conf(5), `crio.image`). */
export interface CrioConf {
  /** The image that each pod begins with. */
  readonly pauseImage?: string;
  /** The policy in place of the usual one. */
  readonly signaturePolicy?: string;
  /** Where policies of namespaces lie, which take the place of that. */
  readonly signaturePolicyDir?: string;
  /** How names without a registry are taken. */
  readonly shortNameMode?: string;
}

/** Reads the main file and its drop-ins, of which the last counts. */
export async function readCrioConf(files: NodeFiles, findings: Finding[]): Promise<CrioConf> {
  const [main, folder] = crioFiles as [string, string];
  const listed = await files.list(folder);
  const dropIns = listed.kind === 'names' ? listed.names.map((name) => join(folder, name)) : [];
  const settings = new Map<string, string>();
  for (const path of [main, ...dropIns]) {
    if ((await files.look(path)) === 'folder') continue;
    const file = await files.read(path);
    if (file.kind === 'unreadable') findings.push(file.finding);
    if (file.kind !== 'text') continue;
    const { document, mistake } = parseToml(file.text);
    if (document === undefined) {
      const sentence = `cannot be read: ${mistake.sentence}`;
      findings.push({ code: 'CONFIG_BROKEN', level: 'unknown', file: path, line: mistake.line, sentence });
    }
    const image = tableIn(tableIn(document?.root, 'crio'), 'image') ?? {};
    for (const [name, value] of Object.entries(image)) if (typeof value === 'string') settings.set(name, value);
  }
  const of = (name: string): string | undefined => settings.get(name) || undefined;
  const [pauseImage, signaturePolicy] = [of('pause_image'), of('signature_policy')];
  const [signaturePolicyDir, shortNameMode] = [of('signature_policy_dir'), of('short_name_mode')];
  return {
    ...(pauseImage === undefined ? {} : { pauseImage }),
    ...(signaturePolicy === undefined ? {} : { signaturePolicy }),
    ...(signaturePolicyDir === undefined ? {} : { signaturePolicyDir }),
    ...(shortNameMode === undefined ? {} : { shortNameMode }),
  };
}
