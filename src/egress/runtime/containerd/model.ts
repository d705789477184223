import { type Finding, noRoute, type Route } from '../../endpoint.ts';
import type { NodeFiles } from '../../node/node-files.ts';
import { imageHostOf, type RuntimeModel, type RuntimeReading } from '../runtime.ts';
import { type HostFolders, hostOfFolder, resolveByFolders } from './host-folders.ts';
import { placeOfSetting, registrySettings, type RegistrySettings, setsRegistries } from './registry-settings.ts';
import { resolveByMirrors } from './resolve-mirrors.ts';
import { readServerConfig, type ServerConfig, unimportedParts } from './server-config.ts';

const main = '/etc/containerd/config.toml';
const folders = ['/etc/containerd/certs.d', '/etc/containerd/conf.d'];

/** containerd as Kubernetes uses it, through its CRI plugin. */
export const containerd: RuntimeModel = {
  name: 'containerd',
  async read(files) {
    const there = await Promise.all([main, ...folders].map((path) => files.look(path)));
    if (there.every((entry) => entry === 'absent')) return undefined;
    return await readContainerd(files, main, true);
  },
};

/**
 * Reads a containerd by its main file.
 *
 * @param addsUpstream see {@link HostFolders.addsUpstream}
 */
export async function readContainerd(files: NodeFiles, path: string, addsUpstream: boolean): Promise<RuntimeReading> {
  const config = await readServerConfig(path, files);
  if (config.isUnreadable) {
    // What is not known of it would only bring findings that are none.
    const { parts, findings } = config;
    return {
      files: parts.map((part) => part.path),
      findings,
      named: [],
      resolve: (image) => Promise.resolve(noRoute(imageHostOf(image))),
    };
  }
  const { settings, findings } = registrySettings(config, path);
  const all = [...config.findings, ...findings, ...disabled(config, path)];
  const roots = settings.configPath.split(':').filter((root) => root !== '');
  all.push(...pathFindings(config, settings, roots, path));
  const beside = await unimportedParts(path, config, files);
  for (const part of beside.parts.filter(setsRegistries)) {
    const sentence = `sets registries and is not imported by ${path}, so that it is for the version of containerd to say whether it counts; import it, or remove it`;
    all.push({ code: 'DROP_IN_UNIMPORTED', level: 'unknown', file: part.path, sentence });
  }
  all.push(...beside.findings);
  const isVersion2 = config.version >= 3;
  const lookup: HostFolders = { roots, isVersion2, addsUpstream };
  const named = new Set(settings.mirrors.keys());
  named.delete('*');
  for (const root of roots) {
    const listed = await files.list(root);
    if (listed.kind === 'unreadable') all.push(listed.finding);
    if (listed.kind === 'absent') {
      const sentence = `is the config_path of ${path} and not there; images whose folder is in no other come from the upstream`;
      all.push({ code: 'CONFIG_PATH_ABSENT', level: roots.length > 1 ? 'note' : 'way-out', file: root, sentence });
    }
    for (const name of listed.kind === 'names' ? listed.names : []) {
      const host = hostOfFolder(name);
      if (host !== undefined) named.add(host);
    }
  }
  if (settings.sandboxImage !== undefined) named.add(imageHostOf(settings.sandboxImage));
  return {
    files: config.parts.map((part) => part.path),
    findings: all,
    named: [...named],
    resolve: async (image): Promise<Route> => {
      const host = imageHostOf(image);
      return roots.length === 0
        ? resolveByMirrors(host, settings.mirrors, path)
        : await resolveByFolders(host, lookup, files);
    },
  };
}

function pathFindings(
  config: ServerConfig,
  { configPath, mirrors, localPull }: RegistrySettings,
  roots: readonly string[],
  file: string,
): Finding[] {
  if (configPath === '') {
    const older = mirrors.size === 0 ? '' : ', and its mirrors always fall back to the upstream';
    const sentence = `sets no config_path, so that no hosts.toml counts${older}; set it to one folder`;
    return [{ code: 'CONFIG_PATH_MISSING', level: 'way-out', file, sentence }];
  }
  const findings: Finding[] = [];
  const { version } = config;
  if (mirrors.size > 0) {
    const sentence = 'sets both config_path and mirrors, with which the CRI plugin does not start; remove the mirrors';
    findings.push({ code: 'MIRRORS_AND_PATH', level: 'unknown', file, ...placeOfSetting(config, 'mirrors'), sentence });
  }
  if (configPath.includes(':') && !(version >= 3 && localPull)) {
    // The transfer service takes the whole list for the name of one folder (containerd issues 12415, 12808).
    const sentence = `sets config_path to a list of ${roots.length}, which containerd 2.1 and later take for one folder that is not there, and ask the upstream; name one folder`;
    findings.push({
      code: 'CONFIG_PATH_LIST',
      level: 'way-out',
      file,
      ...placeOfSetting(config, 'config_path'),
      sentence,
    });
  }
  return findings;
}

function disabled({ parts }: ServerConfig, file: string): Finding[] {
  const lists = parts.map(({ root }): unknown => root['disabled_plugins']);
  const off = lists.some(
    (list) => Array.isArray(list) && list.some((id) => /(?:^|\.)cri(?:\.v1\.images)?$/.test(String(id))),
  );
  const sentence =
    'switches the CRI plugin off; what Docker and others pull through this containerd follows other files';
  return off ? [{ code: 'CRI_DISABLED', level: 'note', file, sentence }] : [];
}
