import { join } from 'node:path/posix';
import { parseToml, tableIn } from '../../../codec/toml/parse-toml.ts';
import { type Endpoint, endpointOf, type Finding, type Route, upstreamEndpoint, upstreamHost } from '../../endpoint.ts';
import type { NodeFiles } from '../../node/node-files.ts';
import { imageHostOf, type RuntimeModel } from '../runtime.ts';
import { findRegistry, rewrite } from './find-registry.ts';
import {
  mergeRegistriesConf,
  parseRegistriesConf,
  type RegistriesConf,
  type RegistryLocation,
} from './registries-conf.ts';
import { parseTrustPolicy, type TrustPolicy } from './trust-policy.ts';

const system = '/etc/containers';
/** Files of the user whom services run as take the place of the system's. */
const user = '/root/.config/containers';
const crioFiles = ['/etc/crio/crio.conf', '/etc/crio/crio.conf.d'];

/** CRI-O, Podman, Buildah and Skopeo, which share one library for registries. */
export const crio: RuntimeModel = {
  name: 'crio',
  async read(files) {
    const places = [join(system, 'registries.conf'), join(system, 'registries.conf.d'), join(system, 'policy.json')];
    const there = await Promise.all([...places, ...crioFiles].map((path) => files.look(path)));
    if (there.every((entry) => entry === 'absent')) return undefined;
    const findings: Finding[] = [];
    const { conf, read, broken } = await readConf(files, findings);
    const trust = await readTrust(files, findings);
    const pause = await pauseImage(files, findings);
    searchFindings(conf, findings);
    const prefixes = conf.registries.map(({ prefix }) => prefix).filter((prefix) => !prefix.startsWith('*.'));
    return {
      files: read,
      findings,
      named: [...prefixes, ...(pause === undefined ? [] : [imageHostOf(pause)])],
      resolve: (image) => Promise.resolve(broken ? stuck(image) : resolve(image, conf, trust)),
    };
  },
};

interface ReadConf {
  readonly conf: RegistriesConf;
  readonly read: readonly string[];
  /** The library refuses the files, and with them every pull. */
  readonly broken: boolean;
}

/** The main file and the drop-ins, in the order of `newConfigWrapper` and `dropInConfigs`. */
async function readConf(files: NodeFiles, findings: Finding[]): Promise<ReadConf> {
  const own = (await files.look(join(user, 'registries.conf'))) !== 'absent';
  const main = join(own ? user : system, 'registries.conf');
  if (own) {
    const sentence = `takes the place of ${system}/registries.conf and its drop-ins for what runs as root`;
    findings.push({ code: 'USER_FILE', level: 'note', file: main, sentence });
  }
  const paths = [main];
  for (const folder of own ? [user] : [system, user]) {
    const listed = await files.list(join(folder, 'registries.conf.d'));
    if (listed.kind === 'unreadable') findings.push(listed.finding);
    for (const name of listed.kind === 'names' ? listed.names : []) {
      const path = join(folder, 'registries.conf.d', name);
      if (name.endsWith('.conf') && (await files.look(path)) !== 'folder') paths.push(path);
    }
  }
  let conf: RegistriesConf = { registries: [] };
  const read: string[] = [];
  let broken = false;
  for (const path of paths) {
    const file = await files.read(path);
    if (file.kind === 'absent') continue;
    if (file.kind === 'unreadable') {
      findings.push(file.finding);
      broken = true;
      continue;
    }
    const { conf: part, mistake } = parseRegistriesConf(file.text, path, path !== main);
    if (part === undefined) {
      findings.push({
        code: 'CONFIG_BROKEN',
        level: 'unknown',
        file: path,
        sentence: `is refused, and pulls with it: ${mistake}`,
      });
      broken = true;
      continue;
    }
    read.push(path);
    conf = mergeRegistriesConf(conf, part);
  }
  return { conf, read, broken };
}

async function readTrust(files: NodeFiles, findings: Finding[]): Promise<TrustPolicy> {
  const path = join(system, 'policy.json');
  const file = await files.read(path);
  if (file.kind === 'unreadable') findings.push(file.finding);
  if (file.kind !== 'text') return () => 'accepted';
  const { policy, mistake } = parseTrustPolicy(file.text);
  if (policy !== undefined) return policy;
  findings.push({ code: 'TRUST_BROKEN', level: 'unknown', file: path, sentence: `cannot be read: ${mistake}` });
  return () => 'accepted';
}

async function pauseImage(files: NodeFiles, findings: Finding[]): Promise<string | undefined> {
  const folder = crioFiles[1] as string;
  const listed = await files.list(folder);
  const dropIns = listed.kind === 'names' ? listed.names.map((name) => join(folder, name)) : [];
  let image: string | undefined;
  for (const path of [crioFiles[0] as string, ...dropIns]) {
    const file = await files.read(path);
    if (file.kind === 'unreadable' && file.finding.sentence !== 'is a folder') findings.push(file.finding);
    if (file.kind !== 'text') continue;
    const { document, mistake } = parseToml(file.text);
    if (document === undefined) {
      findings.push({
        code: 'CONFIG_BROKEN',
        level: 'unknown',
        file: path,
        sentence: `cannot be read: ${mistake.sentence}`,
      });
      continue;
    }
    const named: unknown = tableIn(tableIn(document.root, 'crio'), 'image')?.['pause_image'];
    if (typeof named === 'string' && named !== '') image = named;
  }
  return image;
}

function searchFindings({ search, shortNameMode }: RegistriesConf, findings: Finding[]): void {
  const file = join(system, 'registries.conf');
  if ((search ?? []).length > 0) {
    const sentence = `lets names without a registry be looked for at ${(search ?? []).join(', ')}; set unqualified-search-registries to []`;
    findings.push({ code: 'SHORT_NAMES', level: 'note', file, sentence });
  }
  if (shortNameMode === 'disabled') {
    const sentence = 'takes short names from wherever they are found first; set short-name-mode to enforcing';
    findings.push({ code: 'SHORT_NAME_MODE', level: 'note', file, sentence });
  }
}

function resolve(image: string, { registries }: RegistriesConf, trust: TrustPolicy): Route {
  const outcome = trust(image) === 'refused' ? 'refused' : 'asked';
  const table = findRegistry(image, registries);
  if (table === undefined) {
    return { image, outcome, endpoints: [upstreamEndpoint(imageHostOf(image))], findings: [] };
  }
  const { prefix, mirrors, blocked, file } = table;
  if (blocked) return { image, outcome: 'blocked', endpoints: [], file, findings: [] };
  const place = (at: RegistryLocation, isMirror: boolean): Endpoint => {
    const name = rewrite(image, prefix, at.location);
    const host = imageHostOf(name);
    const path = name.slice(host.length);
    const own = !isMirror && (at.location === '' || name === image);
    const endpoint = endpointOf(
      'https',
      upstreamHost(host),
      `/v2${path}`,
      own ? 'upstream' : isMirror ? 'mirror' : 'server',
    );
    return {
      ...endpoint,
      ...(at.insecure ? { unverified: true as const } : {}),
      ...(at.proxy === undefined ? {} : { proxy: at.proxy }),
    };
  };
  const findings: Finding[] = [];
  const last = place(table, false);
  if (mirrors.length > 0 && last.role === 'upstream') {
    const sentence = `names mirrors for ${prefix}, after which the registry itself is always asked; set location to the private registry`;
    findings.push({ code: 'MIRROR_FALLS_BACK', level: 'note', file, sentence });
  }
  return { image, outcome, endpoints: [...mirrors.map((mirror) => place(mirror, true)), last], file, findings };
}

function stuck(image: string): Route {
  return { image, outcome: 'blocked', endpoints: [], findings: [] };
}
