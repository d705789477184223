import { join } from 'node:path/posix';
import { type Endpoint, type Finding, noRoute, type Route } from '../../endpoint.ts';
import { printable } from '../../../base/printable.ts';
import { isTrue, type YamlDocument } from '../../node/plain-yaml.ts';
import type { NodeFiles } from '../../node/node-files.ts';
import { readContainerd } from '../containerd/model.ts';
import { resolveByFolders } from '../containerd/host-folders.ts';
import { imageHostOf, type RuntimeModel, type RuntimeReading } from '../runtime.ts';
import { documentsOf, readServiceSettings, type ServiceSetting, type ServiceSettings } from './service-settings.ts';
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
  const service = await readServiceSettings(name, folder, files);
  const findings: Finding[] = [...service.findings, ...serviceFindings(service)];
  const read = [...service.files];
  const file = service.values.get('private-registry')?.text ?? join(folder, 'registries.yaml');
  const before = findings.length;
  const [document] = await documentsOf(file, files, read, findings);
  // A file that is there and broken keeps the service from starting (rke2 issue 4744): what was written at its last start is what counts.
  const isUnreadable = service.isUnreadable || findings.length > before;
  const effective = await readEffective(agent, files);
  if (isUnreadable) {
    return {
      files: [...read, ...(effective?.files ?? [])],
      findings: [...findings, ...(effective?.findings ?? [])],
      named: effective?.named ?? [],
      resolve: async (image) => (await effective?.resolve(imageHostOf(image))) ?? noRoute(imageHostOf(image)),
    };
  }
  const settings = registriesYaml(document?.value);
  const off = service.values.get(flag);
  const noDefault = isTrue(off?.text);
  if (document === undefined) {
    const sentence = 'is not there, so that all images come from the upstream';
    findings.push({ code: 'REGISTRIES_MISSING', level: 'way-out', file, sentence });
  }
  if (!noDefault) {
    const sentence = `does not set ${flag}, so that the upstream is asked after each mirror; set it to true`;
    const { file: place, line } = off ?? { file: join(folder, 'config.yaml') };
    findings.push({
      code: 'DEFAULT_ENDPOINT',
      level: 'way-out',
      file: place,
      ...(line === undefined ? {} : { line }),
      sentence,
    });
  }
  if ((settings.mirrors.get('*')?.endpoints.length ?? 0) === 0) {
    const sentence = 'has no mirror for "*", so that images of hosts that it does not name come from the upstream';
    findings.push({ code: 'WILDCARD_MISSING', level: 'way-out', file, sentence });
  }
  findings.push(
    ...settings.refused.map(({ host, text }): Finding => {
      const sentence = `names the endpoint "${printable(text)}", which is no address, so that ${name} passes it over`;
      const line = document === undefined ? {} : { line: document.lineOf(['mirrors', host, 'endpoint']) };
      return { code: 'ENDPOINT_INVALID', level: 'note', file, ...line, sentence };
    }),
  );
  await templateFindings(agent, files, findings);
  return {
    files: [...read, ...(effective?.files ?? [])],
    findings: [...findings, ...(effective?.findings ?? [])],
    named: [...settings.mirrors.keys(), ...settings.configured, ...(effective?.named ?? [])].filter(
      (host) => host !== '*',
    ),
    resolve: async (image): Promise<Route> => {
      const host = imageHostOf(image);
      const route = routeOf(host, settings, noDefault, file, document);
      const now = await effective?.resolve(host);
      return now === undefined || agrees(route, now) ? route : differing(route, now, name);
    },
  };
}

/** What was written at the last start: it counts until the next one. Undefined where there was none. */
async function readEffective(
  agent: string,
  files: NodeFiles,
): Promise<Pick<RuntimeReading, 'files' | 'findings' | 'named' | 'resolve'> | undefined> {
  const config = join(agent, 'config.toml');
  if ((await files.look(config)) !== 'absent') return await readContainerd(files, config, false);
  const root = join(agent, 'certs.d');
  if ((await files.look(root)) === 'absent') return undefined;
  const folders = { roots: [root], isVersion2: false, addsUpstream: false };
  return { files: [], findings: [], named: [], resolve: (image) => resolveByFolders(image, folders, files) };
}

function serviceFindings({ values }: ServiceSettings): Finding[] {
  const findings: Finding[] = [];
  const tell = (name: ServiceSetting, code: string, level: Finding['level'], sentence: string): void => {
    const value = values.get(name);
    const isSet = name === 'container-runtime-endpoint' ? (value?.text ?? '') !== '' : isTrue(value?.text);
    if (value !== undefined && isSet)
      findings.push({
        code,
        level,
        file: value.file,
        ...(value.line === undefined ? {} : { line: value.line }),
        sentence,
      });
  };
  const other = 'lets another runtime pull images, for which registries.yaml counts for nothing; check that one, too';
  tell('docker', 'OTHER_RUNTIME', 'unknown', other);
  tell('container-runtime-endpoint', 'OTHER_RUNTIME', 'unknown', other);
  const shared =
    'lets nodes hand images to each other (embedded-registry), of which the private registry knows nothing; its audit trail misses such pulls';
  tell('embedded-registry', 'EMBEDDED_REGISTRY', 'note', shared);
  return findings;
}

function routeOf(
  image: string,
  settings: RegistriesYaml,
  noDefault: boolean,
  file: string,
  document: YamlDocument | undefined,
): Route {
  const entry = (settings.mirrors.get(image)?.endpoints.length ?? 0) > 0 ? image : '*';
  const place = document === undefined ? {} : { line: document.lineOf(['mirrors', entry, 'endpoint']) };
  const endpoints = endpointsOf(image, settings, noDefault).map((endpoint): Endpoint =>
    endpoint.role === 'mirror' ? { ...endpoint, ...place } : endpoint,
  );
  const findings: Finding[] = [];
  if (noDefault && settings.configured.has(image) && endpoints.some(({ role }) => role === 'upstream')) {
    const sentence = `has configs for ${image}, which keeps its upstream whatever ${flag} says; remove them`;
    const line = document === undefined ? {} : { line: document.lineOf(['configs', image]) };
    findings.push({ code: 'CONFIGS_KEEP_UPSTREAM', level: 'way-out', file, ...line, sentence });
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
