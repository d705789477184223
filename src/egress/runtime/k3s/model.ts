import { join } from 'node:path/posix';
import type { Endpoint, Finding, Route } from '../../endpoint.ts';
import { isTrue, memberOf, membersOf, type PlainYaml, readPlainYaml } from '../../node/plain-yaml.ts';
import type { NodeFiles } from '../../node/node-files.ts';
import { resolveByFolders } from '../containerd/host-folders.ts';
import { imageHostOf, type RuntimeModel, type RuntimeReading } from '../runtime.ts';
import { endpointsOf, type RegistriesYaml, registriesYaml } from './registries-yaml.ts';

/** k3s, which writes the files of the containerd that it brings along. */
export const k3s: RuntimeModel = { name: 'k3s', read: (files) => readRancher('k3s', files) };

/** RKE2, which does as k3s does under other names. */
export const rke2: RuntimeModel = { name: 'rke2', read: (files) => readRancher('rke2', files) };

const flag = 'disable-default-registry-endpoint';

async function readRancher(name: 'k3s' | 'rke2', files: NodeFiles): Promise<RuntimeReading | undefined> {
  const folder = `/etc/rancher/${name}`;
  const agent = `/var/lib/rancher/${name}/agent/etc/containerd`;
  if ((await files.look(folder)) === 'absent' && (await files.look(agent)) === 'absent') return undefined;
  const findings: Finding[] = [];
  const read: string[] = [];
  const file = join(folder, 'registries.yaml');
  const [document] = await documentsOf(file, files, read, findings);
  const settings = registriesYaml(document);
  const noDefault = await isSwitchedOff(name, folder, files, read, findings);
  if (document === undefined) {
    const sentence = 'is not there, so that all images come from the upstream';
    findings.push({ code: 'REGISTRIES_MISSING', level: 'way-out', file, sentence });
  }
  if (!noDefault) {
    const sentence = `does not set ${flag}, so that the upstream is asked after each mirror; set it to true`;
    findings.push({ code: 'DEFAULT_ENDPOINT', level: 'way-out', file: join(folder, 'config.yaml'), sentence });
  }
  if ((settings.mirrors.get('*')?.endpoints.length ?? 0) === 0) {
    const sentence = 'has no mirror for "*", so that images of hosts that it does not name come from the upstream';
    findings.push({ code: 'WILDCARD_MISSING', level: 'way-out', file, sentence });
  }
  await templateFindings(agent, files, findings);
  const roots = [join(agent, 'certs.d')];
  const written = await files.list(roots[0] as string);
  return {
    files: read,
    findings,
    named: [...settings.mirrors.keys(), ...settings.configured].filter((host) => host !== '*'),
    resolve: async (image): Promise<Route> => {
      const host = imageHostOf(image);
      const route = routeOf(host, settings, noDefault, file);
      if (written.kind === 'absent') return route;
      const effective = await resolveByFolders(host, { roots, isVersion2: false, addsUpstream: false }, files);
      return agrees(route, effective) ? route : differing(route, effective, name);
    },
  };
}

function routeOf(image: string, settings: RegistriesYaml, noDefault: boolean, file: string): Route {
  const endpoints = endpointsOf(image, settings, noDefault);
  const findings: Finding[] = [];
  if (noDefault && settings.configured.has(image) && endpoints.some(({ role }) => role === 'upstream')) {
    const sentence = `has configs for ${image}, which keeps its upstream whatever ${flag} says; remove them`;
    findings.push({ code: 'CONFIGS_KEEP_UPSTREAM', level: 'note', file, sentence });
  }
  return { image, outcome: endpoints.length === 0 ? 'blocked' : 'asked', endpoints, file, findings };
}

/** The files that were written at the last start count until the next one. */
function agrees(wanted: Route, effective: Route): boolean {
  const hosts = ({ endpoints }: Route): string => endpoints.map(({ host }: Endpoint) => host).join(' ');
  return hosts(wanted) === hosts(effective);
}

function differing(wanted: Route, effective: Route, name: string): Route {
  const sentence = `differs from what ${wanted.file} says; start ${name} again, and look whether a template is in the way`;
  const finding: Finding = { code: 'NOT_APPLIED', level: 'note', file: effective.file ?? 'certs.d', sentence };
  return { ...effective, findings: [...effective.findings, ...wanted.findings, finding] };
}

async function documentsOf(
  path: string,
  files: NodeFiles,
  read: string[],
  findings: Finding[],
): Promise<readonly PlainYaml[]> {
  const file = await files.read(path);
  if (file.kind === 'unreadable') findings.push(file.finding);
  if (file.kind !== 'text') return [];
  const { documents, mistake } = await readPlainYaml(file.text);
  if (documents === undefined) {
    findings.push({ code: 'CONFIG_BROKEN', level: 'unknown', file: path, sentence: `cannot be read: ${mistake}` });
    return [];
  }
  read.push(path);
  return documents;
}

/** The switch in `config.yaml`, its drop-ins, and the command of the service. */
async function isSwitchedOff(
  name: string,
  folder: string,
  files: NodeFiles,
  read: string[],
  findings: Finding[],
): Promise<boolean> {
  const listed = await files.list(join(folder, 'config.yaml.d'));
  if (listed.kind === 'unreadable') findings.push(listed.finding);
  const names = listed.kind === 'names' ? listed.names.filter((each) => each.endsWith('.yaml')) : [];
  let off = false;
  for (const path of [join(folder, 'config.yaml'), ...names.map((each) => join(folder, 'config.yaml.d', each))]) {
    for (const document of await documentsOf(path, files, read, findings)) {
      if (Object.hasOwn(membersOf(document), flag)) off = isTrue(memberOf(document, flag));
    }
  }
  for (const unit of [name, `${name}-agent`, `${name}-server`]) {
    const file = await files.read(`/etc/systemd/system/${unit}.service`);
    if (file.kind === 'text' && new RegExp(`--${flag}(?:=true)?(?=['"\\s\\\\]|$)`).test(file.text)) off = true;
  }
  return off;
}

async function templateFindings(agent: string, files: NodeFiles, findings: Finding[]): Promise<void> {
  for (const name of ['config.toml.tmpl', 'config-v3.toml.tmpl']) {
    const path = join(agent, name);
    if ((await files.look(path)) === 'absent') continue;
    const file = await files.read(path);
    if (file.kind === 'text' && /\{\{\s*template\s+"base"/.test(file.text)) continue;
    if (file.kind === 'text' && /config_path\s*=/.test(file.text)) continue;
    const sentence = 'replaces the configuration of containerd, and sets no config_path; extend the template "base"';
    findings.push({ code: 'TEMPLATE', level: 'unknown', file: path, sentence });
  }
}
