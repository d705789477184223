import { join } from 'node:path/posix';
import { printable } from '../../../base/printable.ts';
import {
  type Endpoint,
  endpointOf,
  type Finding,
  noRoute,
  type Route,
  upstreamEndpoint,
  upstreamHost,
} from '../../endpoint.ts';
import type { NodeFiles } from '../../node/node-files.ts';
import { imageHostOf, type RuntimeModel } from '../runtime.ts';
import { crioFiles, readCrioConf } from './crio-conf.ts';
import { newerFindings } from './newer-files.ts';
import { findRegistry, rewrite } from './find-registry.ts';
import {
  mergeRegistriesConf,
  parseRegistriesConf,
  type RegistriesConf,
  type RegistryLocation,
} from './registries-conf.ts';
import { readTrust } from './trust-files.ts';
import type { TrustPolicy } from './trust-policy.ts';

const system = '/etc/containers';
/** Files of the user whom services run as take the place of the system's. */
const user = '/root/.config/containers';

/** CRI-O, Podman, Buildah and Skopeo, which share one library for registries. */
export const crio: RuntimeModel = {
  name: 'crio',
  async read(files) {
    const places = [join(system, 'registries.conf'), join(system, 'registries.conf.d'), join(system, 'policy.json')];
    const there = await Promise.all([...places, ...crioFiles].map((path) => files.look(path)));
    if (there.every((entry) => entry === 'absent')) return undefined;
    const findings: Finding[] = [];
    const { conf, read, broken } = await readConf(files, findings);
    const own = await readCrioConf(files, findings);
    const trust = await readTrust(own, files, findings);
    findings.push(...searchFindings(conf, own.shortNameMode), ...(await newerFindings(files)));
    const prefixes = conf.registries.map(({ prefix }) => prefix).filter((prefix) => !prefix.startsWith('*.'));
    const pause = own.pauseImage === undefined ? [] : [imageHostOf(own.pauseImage)];
    return {
      files: read,
      findings,
      named: [...prefixes, ...(conf.search ?? []), ...conf.aliasHosts, ...pause],
      resolve: (image) => Promise.resolve(broken ? noRoute(image) : resolve(image, conf, trust)),
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
  let conf: RegistriesConf = { registries: [], aliasHosts: [], odd: [] };
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
        ...mistake,
        sentence: `is refused, and pulls with it: ${mistake.sentence}`,
      });
      broken = true;
      continue;
    }
    read.push(path);
    for (const name of part.odd) {
      const sentence = `writes ${printable(name)}, which the library takes for ${name.toLowerCase()} as well, and of both it takes either; write it in small letters`;
      findings.push({ code: 'NAME_CAPITALS', level: 'unknown', file: path, sentence });
    }
    conf = mergeRegistriesConf(conf, part);
  }
  return { conf, read, broken };
}

function searchFindings({ search, searchFile, shortNameMode }: RegistriesConf, mode: string | undefined): Finding[] {
  const findings: Finding[] = [];
  const file = searchFile ?? join(system, 'registries.conf');
  if ((search ?? []).length > 0) {
    const sentence = `lets names without a registry be looked for at ${(search ?? []).map((each) => printable(each)).join(', ')}; set unqualified-search-registries to []`;
    findings.push({ code: 'SHORT_NAMES', level: 'note', file, sentence });
  }
  if (shortNameMode === 'disabled' || mode === 'disabled') {
    const sentence = 'takes short names from wherever they are found first; set short-name-mode to enforcing';
    findings.push({
      code: 'SHORT_NAME_MODE',
      level: 'note',
      file: mode === 'disabled' ? (crioFiles[0] as string) : file,
      sentence,
    });
  }
  return findings;
}

function resolve(image: string, { registries }: RegistriesConf, trust: TrustPolicy): Route {
  const outcome = trust(image) === 'refused' ? 'refused' : 'asked';
  const table = findRegistry(image, registries);
  if (table === undefined) {
    return { image, outcome, endpoints: [upstreamEndpoint(imageHostOf(image))], findings: [] };
  }
  const { prefix, mirrors, blocked, file, line } = table;
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
      ...(own || line === undefined ? {} : { line }),
      ...(at.insecure ? { unverified: true as const } : {}),
      ...(at.proxy === undefined ? {} : { proxy: at.proxy }),
    };
  };
  const findings: Finding[] = [];
  const last = place(table, false);
  if (mirrors.length > 0 && last.role === 'upstream') {
    const sentence = `names mirrors for ${prefix}, after which the registry itself is always asked; set location to the private registry`;
    findings.push({
      code: 'MIRROR_FALLS_BACK',
      level: outcome === 'refused' ? 'note' : 'way-out',
      file,
      ...(line === undefined ? {} : { line }),
      sentence,
    });
  }
  return { image, outcome, endpoints: [...mirrors.map((mirror) => place(mirror, true)), last], file, findings };
}
