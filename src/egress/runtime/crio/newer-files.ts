import { join } from 'node:path/posix';
import type { Finding } from '../../endpoint.ts';
import type { NodeFiles } from '../../node/node-files.ts';
import { parseRegistriesConf } from './registries-conf.ts';

/** Tells of files that only Podman 6, and what is built with its library, reads (container-libs pull request 795). */
export async function newerFindings(files: NodeFiles): Promise<Finding[]> {
  const folders = [
    '/usr/share/containers/registries.conf.d',
    '/usr/share/containers/registries.rootful.conf.d',
    '/etc/containers/registries.rootful.conf.d',
  ];
  const paths = ['/usr/share/containers/registries.conf'];
  for (const folder of folders) {
    const listed = await files.list(folder);
    const names = listed.kind === 'names' ? listed.names.filter((each) => each.endsWith('.conf')) : [];
    paths.push(...names.map((name) => join(folder, name)));
  }
  const findings: Finding[] = [];
  for (const path of paths) {
    const file = await files.read(path);
    if (file.kind === 'absent') continue;
    const { conf } = file.kind === 'text' ? parseRegistriesConf(file.text, path, true) : {};
    // Names for images lead nowhere by themselves.
    if (conf !== undefined && conf.registries.length === 0 && conf.search === undefined) continue;
    const sentence =
      'counts for Podman 6 and later, and for nobody before; have what it says in /etc/containers, too, or remove it';
    findings.push({ code: 'FILE_OF_NEWER', level: 'unknown', file: path, sentence });
  }
  return findings;
}
