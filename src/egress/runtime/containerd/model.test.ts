import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Route } from '../../endpoint.ts';
import { filesInMemory } from '../../node/node-files.ts';
import { parseHostsFile } from './hosts-file.ts';
import { containerd, readContainerd } from './model.ts';

const v2 = 'version = 2\n[plugins."io.containerd.grpc.v1.cri".registry]\nconfig_path = "/c"\n';
const v3 = "version = 3\n[plugins.'io.containerd.cri.v1.images'.registry]\nconfig_path = '/c'\n";

interface Case {
  readonly config?: string;
  /** Below `/c`, or absolute. */
  readonly files: Readonly<Record<string, string>>;
  readonly image?: string;
  /** URLs with the first letter of their role, in order. */
  readonly endpoints: readonly string[];
  /** Codes of findings, with a `!` behind those that are a way out, and `?` behind those that leave it open. */
  readonly findings?: readonly string[];
}

async function tell({
  config = v2,
  files,
  image = 'docker.io',
}: Case): Promise<{ endpoints: string[]; findings: string[] }> {
  const all = new Map([['/etc/containerd/config.toml', config]]);
  for (const [path, text] of Object.entries(files)) all.set(path.startsWith('/') ? path : `/c/${path}`, text);
  const reading = await containerd.read(filesInMemory(all));
  assert.ok(reading !== undefined);
  const route: Route = await reading.resolve(image);
  const findings = [...reading.findings, ...route.findings];
  return {
    endpoints: route.endpoints.map(
      ({ url, role, unverified, proxy }) =>
        `${role[0]} ${url}${unverified ? ' loose' : ''}${proxy ? ` by ${proxy}` : ''}`,
    ),
    findings: findings.map(({ code, level }) => `${code}${level === 'way-out' ? '!' : level === 'unknown' ? '?' : ''}`),
  };
}

const hub = 'u https://registry-1.docker.io/v2';
const reg = 's https://reg.corp/v2';
const good = 'server = "https://reg.corp"\n[host]\n';
const other = 'server = "https://other"\n[host]\n';

const cases: Readonly<Record<string, Case>> = {
  'the private registry as server': { files: { '_default/hosts.toml': good }, endpoints: [reg] },
  'a server with a path gets /v2 behind it': {
    files: { '_default/hosts.toml': 'server = "https://reg.corp/hub/"\n[host]' },
    endpoints: ['s https://reg.corp/hub/v2'],
  },
  'override_path keeps the path': {
    files: { '_default/hosts.toml': 'server = "https://reg.corp/v2/docker.io"\noverride_path = true\n[host]' },
    endpoints: ['s https://reg.corp/v2/docker.io'],
  },
  'a server without a scheme is asked by https': {
    files: { '_default/hosts.toml': 'server = "reg.corp:5000"\n[host]' },
    endpoints: ['s https://reg.corp:5000/v2'],
  },
  'no server: the upstream is added': {
    files: { '_default/hosts.toml': '[host."https://reg.corp"]\n' },
    endpoints: ['m https://reg.corp/v2', hub],
    findings: ['SERVER_MISSING!'],
  },
  'an empty server: the upstream is added': {
    files: { '_default/hosts.toml': 'server = ""\n[host."https://reg.corp"]\n' },
    endpoints: ['m https://reg.corp/v2', hub],
    findings: ['SERVER_MISSING!'],
  },
  'a server that begins with http and is no address: the upstream is added': {
    files: { '_default/hosts.toml': 'server = "httpd.corp"\n[host]' },
    endpoints: [hub],
    findings: ['SERVER_INVALID!'],
  },
  'hosts in the order of the file, whatever their names are': {
    files: {
      '_default/hosts.toml': `server = "https://reg.corp"\n[host."https://9"]\n[host."https://10"]\n[host."https://9".header]\nx = "y"\n`,
    },
    endpoints: ['m https://9/v2', 'm https://10/v2', reg],
  },
  'capabilities do not keep a host from being asked for bytes': {
    files: { '_default/hosts.toml': `server = "https://reg.corp"\n[host."https://x"]\ncapabilities = ["push"]\n` },
    endpoints: ['m https://x/v2', reg],
  },
  'an unknown capability: straight to the upstream': {
    files: { '_default/hosts.toml': 'server = "https://reg.corp"\ncapabilities = ["pull", "fetch"]\n[host]' },
    endpoints: [hub],
    findings: ['HOSTS_FILE_BROKEN!'],
  },
  'capabilities in capitals are known': {
    files: { '_default/hosts.toml': 'server = "https://reg.corp"\ncapabilities = ["PULL"]\n[host]' },
    endpoints: [reg],
  },
  'the capability referrers breaks older versions': {
    files: { '_default/hosts.toml': 'server = "https://reg.corp"\ncapabilities = ["referrers"]\n[host]' },
    endpoints: [reg],
    findings: ['CAPABILITY_NEW!'],
  },
  'no TOML: straight to the upstream': {
    files: { '_default/hosts.toml': 'server = https://reg.corp\n' },
    endpoints: [hub],
    findings: ['HOSTS_FILE_BROKEN!'],
  },
  'a value of another type: straight to the upstream': {
    files: { '_default/hosts.toml': `${good}[host."https://x"]\nskip_verify = "no"\n` },
    endpoints: [hub],
    findings: ['HOSTS_FILE_BROKEN!'],
  },
  'a duration that Go does not know': {
    files: { '_default/hosts.toml': 'server = "https://reg.corp"\ndial_timeout = "1d"\n[host]' },
    endpoints: [hub],
    findings: ['HOSTS_FILE_BROKEN!'],
  },
  'a pair of three': {
    files: { '_default/hosts.toml': 'server = "https://reg.corp"\nclient = [["a", "b", "c"]]\n[host]' },
    endpoints: [hub],
    findings: ['HOSTS_FILE_BROKEN!'],
  },
  'certificates, keys and headers': {
    files: {
      '_default/hosts.toml':
        'server = "https://reg.corp"\nca = ["a", "b"]\nclient = [["a", "b"], ["c", ""]]\ndial_timeout = "1m30s"\n[header]\nAuthorization = "x"\nTwo = ["a", "b"]\n[host]',
    },
    endpoints: [reg],
  },
  'a header that is a number': {
    files: { '_default/hosts.toml': 'server = "https://reg.corp"\n[header]\nx = 1\n[host]' },
    endpoints: [hub],
    findings: ['HOSTS_FILE_BROKEN!'],
  },
  'skip_verify, and a proxy': {
    files: { '_default/hosts.toml': 'server = "https://reg.corp"\nskip_verify = true\nproxy = "http://p:1"\n[host]' },
    endpoints: [`${reg} loose by http://p:1`],
  },
  'an empty file': { files: { '_default/hosts.toml': '' }, endpoints: [hub], findings: ['HOSTS_FILE_MISSING!'] },
  'a file of a comment': {
    files: { '_default/hosts.toml': '# x\n[host]' },
    endpoints: [hub],
    findings: ['SERVER_MISSING!'],
  },
  'no [host]: containerd 1 takes none of it': {
    files: { '_default/hosts.toml': 'server = "https://reg.corp"\n' },
    endpoints: [reg],
    findings: ['HOST_TABLE_MISSING!'],
  },
  'no [host], for containerd 2': {
    config: v3,
    files: { '_default/hosts.toml': 'server = "https://reg.corp"\n' },
    endpoints: [reg],
  },
  'a host that is no table of its own': {
    files: {
      '_default/hosts.toml': 'server = "https://reg.corp"\n[host]\n"https://x" = { capabilities = ["pull"] }\n',
    },
    endpoints: ['m https://x/v2', reg],
    findings: ['HOST_NOT_A_TABLE?'],
  },
  'a folder for the host stands before _default, and is not joined with it': {
    files: { '_default/hosts.toml': good, 'docker.io/hosts.toml': '[host."https://mirror"]\n' },
    endpoints: ['m https://mirror/v2', hub],
    findings: ['SERVER_MISSING!'],
  },
  'a folder with certificates alone': {
    files: { '_default/hosts.toml': good, 'docker.io/ca.crt': 'x' },
    endpoints: [hub],
    findings: ['HOSTS_FILE_MISSING!'],
  },
  'a port: host_port_ first': {
    image: 'a.corp:5000',
    files: { 'a.corp_5000_/hosts.toml': good, 'a.corp:5000/hosts.toml': other, '_default/hosts.toml': other },
    endpoints: [reg],
  },
  'a port: then host:port': {
    image: 'a.corp:5000',
    files: { 'a.corp:5000/hosts.toml': good, 'a.corp/hosts.toml': other, '_default/hosts.toml': other },
    endpoints: [reg],
  },
  'a port: then _default, not the host without it': {
    image: 'a.corp:5000',
    files: { 'a.corp/hosts.toml': other, '_default/hosts.toml': good },
    endpoints: [reg],
  },
  'a file in place of a folder: pulls fail': {
    files: { 'docker.io': 'x', '_default/hosts.toml': good },
    endpoints: [],
    findings: ['HOST_FOLDER_UNREADABLE'],
  },
  'hosts.toml is a folder: pulls fail': {
    files: { 'docker.io/hosts.toml/x': 'x', '_default/hosts.toml': good },
    endpoints: [],
    findings: ['FILE_UNREADABLE?'],
  },
  'no folder at all': { files: {}, endpoints: [hub], findings: ['CONFIG_PATH_ABSENT!'] },
  'no folder for the host, and no _default': { files: { 'ghcr.io/hosts.toml': good }, endpoints: [hub] },
  'a list of folders: the first that has one counts, and containerd 2.1 sees none': {
    config: v2.replace('/c', '/a:/c:/d'),
    files: { '_default/hosts.toml': good, '/d/docker.io/hosts.toml': other },
    endpoints: [reg],
    findings: ['CONFIG_PATH_LIST!', 'CONFIG_PATH_ABSENT'],
  },
  'a list of folders without the transfer service': {
    config: v3
      .replace('/c', '/c:/d')
      .replace('.registry]', "]\nuse_local_image_pull = true\n[plugins.'io.containerd.cri.v1.images'.registry]"),
    files: { '_default/hosts.toml': good, '/d/x/hosts.toml': good },
    endpoints: [reg],
  },
  'no config_path': {
    config: 'version = 2\n',
    files: { '_default/hosts.toml': good },
    endpoints: [hub],
    findings: ['CONFIG_PATH_MISSING!'],
  },
  'no main file': {
    config: '',
    files: { '/etc/containerd/certs.d/_default/hosts.toml': good },
    endpoints: [hub],
    findings: ['CONFIG_PATH_MISSING!'],
  },
  'a plugin of version 2 in a file of version 3': {
    config: v2.replace('version = 2', 'version = 3'),
    files: { '_default/hosts.toml': good },
    endpoints: [hub],
    findings: ['PLUGIN_OTHER_VERSION', 'CONFIG_PATH_MISSING!'],
  },
  'a plugin of version 3 in a file of version 2': {
    config: v3.replace('version = 3', 'version = 2'),
    files: { '_default/hosts.toml': good },
    endpoints: [hub],
    findings: ['PLUGIN_OTHER_VERSION', 'CONFIG_PATH_MISSING!'],
  },
  'version 1, whose plugin has a short name': {
    config: '[plugins.cri.registry]\nconfig_path = "/c"',
    files: { '_default/hosts.toml': good },
    endpoints: [reg],
  },
  'a drop-in that sets the path': {
    config: 'version = 3\nimports = ["conf.d/*.toml"]\n',
    files: { '/etc/containerd/conf.d/10.toml': v3, '_default/hosts.toml': good },
    endpoints: [reg],
  },
  'a drop-in that changes it, the last one counts': {
    config: `version = 3\nimports = ["/etc/containerd/conf.d/*.toml"]\n${v3.replace('version = 3\n', '')}`,
    files: {
      '/etc/containerd/conf.d/10.toml': v3.replace('/c', '/d'),
      '/etc/containerd/conf.d/20.toml': v3.replace('/c', '/e'),
      '/etc/containerd/conf.d/30.txt': v3.replace('/c', '/f'),
      '_default/hosts.toml': good,
      '/e/_default/hosts.toml': other,
    },
    endpoints: ['s https://other/v2'],
  },
  'a drop-in that is not imported': {
    config: 'version = 3\n',
    files: { '/etc/containerd/conf.d/10.toml': v3, '_default/hosts.toml': good },
    endpoints: [hub],
    findings: ['CONFIG_PATH_MISSING!'],
  },
  'a drop-in takes the whole section in containerd 1': {
    config: v2.replace('version = 2', 'version = 2\nimports = ["/etc/containerd/x.toml"]'),
    files: {
      '/etc/containerd/x.toml': 'version = 2\n[plugins."io.containerd.grpc.v1.cri"]\nsandbox_image = "p.io/pause"\n',
      '_default/hosts.toml': good,
    },
    endpoints: [reg],
    findings: ['IMPORT_REPLACES!'],
  },
  'an import that is broken, and one that is missing': {
    config: `imports = ["/x.toml", "/y.toml", "/etc/containerd/config.toml"]\n${v3}`.replace('imports', 'imports'),
    files: { '/x.toml': '[', '_default/hosts.toml': good },
    endpoints: [reg],
    findings: ['CONFIG_BROKEN?', 'IMPORT_MISSING?'],
  },
  'mirrors of the older form always fall back': {
    config:
      'version = 2\n[plugins."io.containerd.grpc.v1.cri".registry.mirrors."*"]\nendpoint = ["https://reg.corp"]\n',
    files: {},
    endpoints: ['m https://reg.corp/v2', hub],
    findings: ['CONFIG_PATH_MISSING!'],
  },
  'mirrors of a host stand before those of *': {
    config:
      'version = 2\n[plugins."io.containerd.grpc.v1.cri".registry.mirrors]\n"*" = { endpoint = ["https://a"] }\n"docker.io" = { endpoint = ["http://b/x"] }\n',
    files: {},
    endpoints: ['m http://b/x loose', hub],
    findings: ['CONFIG_PATH_MISSING!'],
  },
  'mirrors and config_path together': {
    config: `${v2}[plugins."io.containerd.grpc.v1.cri".registry.mirrors."*"]\nendpoint = ["https://a"]\n`,
    files: { '_default/hosts.toml': good },
    endpoints: [reg],
    findings: ['MIRRORS_AND_PATH?'],
  },
  'the CRI plugin switched off': {
    config: `disabled_plugins = ["cri"]\n${v2}`,
    files: { '_default/hosts.toml': good },
    endpoints: [reg],
    findings: ['CRI_DISABLED'],
  },
};

describe('containerd', () => {
  for (const [name, each] of Object.entries(cases)) {
    test(name, async () => {
      assert.deepEqual(await tell(each), { endpoints: each.endpoints, findings: each.findings ?? [] });
    });
  }
});

test('hosts that are worth a look: folders, mirrors, and that of the pause image', async () => {
  const config = `${v2}[plugins."io.containerd.grpc.v1.cri"]\nsandbox_image = "pause.corp:1/pause:3"\n`;
  const files = filesInMemory(
    new Map([
      ['/etc/containerd/config.toml', config],
      ['/c/a_5_/hosts.toml', good],
      ['/c/_default/hosts.toml', good],
    ]),
  );
  const reading = await containerd.read(files);
  assert.deepEqual(reading?.named, ['a:5', 'pause.corp:1']);
});

test('a containerd that adds no upstream by itself does so for an empty server alone', async () => {
  for (const [text, wanted] of [
    ['[host."https://reg.corp"]\n', ['https://reg.corp/v2']],
    ['server = "httpd"\n[host."https://reg.corp"]\n', ['https://reg.corp/v2', 'https://registry-1.docker.io/v2']],
  ] as const) {
    const files = filesInMemory(
      new Map([
        ['/etc/containerd/config.toml', v2],
        ['/c/_default/hosts.toml', text],
      ]),
    );
    const { endpoints } = await (
      await readContainerd(files, '/etc/containerd/config.toml', false)
    ).resolve('docker.io');
    assert.deepEqual(
      endpoints.map(({ url }) => url),
      wanted,
    );
  }
});

test('no hosts.toml makes the reader throw, and what it takes has a server', () => {
  const word = fc.constantFrom(
    'server',
    'host',
    '"https://a"',
    '[',
    ']',
    '=',
    '\n',
    '"',
    'capabilities',
    'true',
    '1',
    '.',
    '{',
    '}',
    ',',
    'client',
  );
  const text = fc.oneof(
    fc.string({ maxLength: 80 }),
    fc.array(word, { maxLength: 30 }).map((words) => words.join(' ')),
  );
  fc.assert(
    fc.property(text, (given) => {
      const { file, mistake } = parseHostsFile(given, '/x', false);
      assert.ok((file === undefined) !== (mistake === undefined));
    }),
    { numRuns: 400 },
  );
});
