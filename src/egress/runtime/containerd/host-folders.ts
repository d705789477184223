import { isAbsolute, join } from 'node:path/posix';
import { printable } from '../../../base/printable.ts';
import type { Endpoint, Finding, Route } from '../../endpoint.ts';
import { endpointOf, upstreamEndpoint } from '../../endpoint.ts';
import { egressLimits } from '../../limits.ts';
import type { NodeFiles } from '../../node/node-files.ts';
import { type HostEntry, type HostsFile, parseHostsFile } from './hosts-file.ts';

/** How a containerd looks for the folders of image hosts. */
export interface HostFolders {
  /** The roots of `config_path`, in their order. */
  readonly roots: readonly string[];
  /** Surely containerd 2. */
  readonly isVersion2: boolean;
  /**
   * Whether the image's own registry is added to a file that names no `server`. k3s and RKE2 bring a containerd that does not,
   * but for one that is named and empty (k3s issues 9728, 11857).
   */
  readonly addsUpstream: boolean;
}

/**
 * The way of images of a host (containerd `HostDirFromRoot`, `loadHostDir`, `ConfigureHosts`): exactly one folder counts,
 * the first that is there.
 */
export async function resolveByFolders(image: string, folders: HostFolders, files: NodeFiles): Promise<Route> {
  for (const root of folders.roots) {
    for (const name of folderNames(image)) {
      const folder = join(root, name);
      const entry = await files.look(folder);
      if (entry === 'absent') continue;
      if (entry === 'folder') return await resolveByFolder(image, folder, folders, files);
      const sentence =
        entry === 'file'
          ? 'is a file where containerd wants a folder; pulls fail while it is there'
          : 'cannot be looked at; look as root on the node itself';
      const level = entry === 'file' ? 'note' : 'unknown';
      return stuck(image, { code: 'HOST_FOLDER_UNREADABLE', level, file: folder, sentence });
    }
  }
  const endpoints = [upstreamEndpoint(image)];
  return { image, outcome: 'asked', endpoints, findings: [] };
}

/** The folders that may be for a host, the first wins. Windows, whose names have no colon, has others. */
export function folderNames(image: string): readonly string[] {
  const colon = image.lastIndexOf(':');
  const own = colon > 0 ? [`${image.slice(0, colon)}_${image.slice(colon + 1)}_`, image] : [image];
  return [...own, '_default'];
}

/** The host that a folder is for; undefined for `_default`. */
export function hostOfFolder(name: string): string | undefined {
  if (name === '_default') return undefined;
  return name.replace(/^(.+)_(\d+)_$/, '$1:$2');
}

async function resolveByFolder(
  image: string,
  folder: string,
  { isVersion2, addsUpstream }: HostFolders,
  files: NodeFiles,
): Promise<Route> {
  const path = join(folder, 'hosts.toml');
  const read = await files.read(path);
  if (read.kind === 'unreadable') return stuck(image, read.finding);
  const upstream = upstreamEndpoint(image);
  const straight = (finding: Finding | undefined): Route => ({
    image,
    outcome: 'asked',
    endpoints: [upstream],
    file: folder,
    findings: finding === undefined ? [] : [finding],
  });
  if (read.kind === 'absent' || read.text === '') {
    const sentence =
      'holds no hosts.toml, so that images of this host come from the upstream; add one, or remove the folder';
    return straight({ code: 'HOSTS_FILE_MISSING', level: 'way-out', file: folder, sentence });
  }
  const { file, mistake } = parseHostsFile(read.text, path, isVersion2);
  if (file === undefined) {
    const sentence = `is not taken by containerd, which then asks the upstream: ${mistake.sentence}`;
    return straight({ code: 'HOSTS_FILE_BROKEN', level: 'way-out', file: path, ...mistake, sentence });
  }
  const findings = [...file.findings];
  const endpoints = file.hosts.flatMap((entry): Endpoint[] => {
    if (entry.authority !== '') return [endpointOfEntry(entry, 'mirror')];
    const sentence = `names "${entry.name}", which is no address of a host`;
    findings.push({ code: 'HOST_INVALID', level: 'note', file: path, sentence });
    return [];
  });
  const last = lastOf(file.server, upstream, addsUpstream);
  if (last !== undefined) {
    endpoints.push(last);
    if (last.role === 'upstream') findings.push(serverFinding(file, path));
  }
  findings.push(...(await certificateFindings(file, folder, path, files)));
  return { image, outcome: endpoints.length === 0 ? 'blocked' : 'asked', endpoints, file: path, findings };
}

/** containerd asks nobody then (`ConfigureHosts`), which closes every way, and the one that is wanted too. */
async function certificateFindings(
  { hosts, server }: HostsFile,
  folder: string,
  file: string,
  files: NodeFiles,
): Promise<readonly Finding[]> {
  const named = new Map<string, Pick<Finding, 'line'> & { readonly written: string }>();
  for (const { certificates, line } of [...hosts, server]) {
    for (const written of certificates) {
      const place = isAbsolute(written) ? written : join(folder, written);
      if (!named.has(place)) named.set(place, { written, ...(line === undefined ? {} : { line }) });
    }
  }
  const findings: Finding[] = [];
  for (const [place, { written, ...at }] of [...named].slice(0, egressLimits.certificates)) {
    if ((await files.look(place)) !== 'absent') continue;
    const sentence = `names ${printable(written, 300)}, which is not there: nothing can be pulled until it is`;
    findings.push({ code: 'CERTIFICATE_MISSING', level: 'note', file, ...at, sentence });
  }
  if (named.size > egressLimits.certificates) {
    const sentence = `names ${named.size} files with certificates, of which the first ${egressLimits.certificates} were looked for`;
    findings.push({ code: 'CERTIFICATES_MANY', level: 'note', file, sentence });
  }
  return findings;
}

function lastOf(server: HostEntry, upstream: Endpoint, addsUpstream: boolean): Endpoint | undefined {
  if (server.authority !== '') return endpointOfEntry(server, 'server');
  return addsUpstream || server.name !== '' ? upstream : undefined;
}

function serverFinding({ server: { name }, serverLine }: HostsFile, file: string): Finding {
  if (name === '') {
    const sentence = 'names no server, so that containerd adds the upstream; make the private registry the server';
    return { code: 'SERVER_MISSING', level: 'way-out', file, sentence };
  }
  const sentence = `has the server "${name}", which names no host, so that containerd adds the upstream; begin it with https://`;
  const line = serverLine === undefined ? {} : { line: serverLine };
  return { code: 'SERVER_INVALID', level: 'way-out', file, ...line, sentence };
}

function endpointOfEntry(
  { scheme, authority, path, skipVerify, proxy, line }: HostEntry,
  role: Endpoint['role'],
): Endpoint {
  const endpoint = endpointOf(scheme, authority, path, role);
  return {
    ...endpoint,
    ...(line === undefined ? {} : { line }),
    ...(skipVerify ? { unverified: true as const } : {}),
    ...(proxy === undefined ? {} : { proxy }),
  };
}

function stuck(image: string, finding: Finding): Route {
  return {
    image,
    outcome: 'blocked',
    endpoints: [],
    ...(finding.file === undefined ? {} : { file: finding.file }),
    findings: [finding],
  };
}
