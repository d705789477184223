import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { describeContainerd, good, hub, other, reg } from '../../../../testing/egress/containerd-case.ts';
import { egressLimits } from '../../limits.ts';
import { parseHostsFile } from './hosts-file.ts';

/** More than a call takes arguments. */
const manyFiles = Array.from({ length: 130_000 }, (_, at) => `"${at.toString(36)}"`).join();

describeContainerd('hosts.toml', {
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
      '_default/hosts.toml': `server = "https://reg.corp"\n[host."https://9"]\n[host."https://9".header]\nx = "y"\n[host."https://10"]\n[host."https://9".rewrite]\n`,
    },
    endpoints: ['m https://9/v2', 'm https://10/v2', 'm https://9/v2', reg],
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
      '_default/a': 'x',
      '_default/b': 'x',
      '_default/c': 'x',
    },
    endpoints: [reg],
  },
  'certificates that are not there: containerd asks nobody': {
    files: {
      '_default/hosts.toml':
        'server = "https://reg.corp"\nca = "/pki/ca.pem"\n[host."https://mirror"]\nclient = ["a", ["b", "c"]]\n',
      '_default/b': 'x',
    },
    endpoints: ['m https://mirror/v2', reg],
    findings: ['CERTIFICATE_MISSING', 'CERTIFICATE_MISSING', 'CERTIFICATE_MISSING'],
  },
  'a certificate that is named twice is told once': {
    files: { '_default/hosts.toml': 'server = "https://reg.corp"\nca = ["/a", "../../a"]\n[host]' },
    endpoints: [reg],
    findings: ['CERTIFICATE_MISSING'],
  },
  'more certificates than are looked for': {
    files: {
      '_default/hosts.toml': `server = "https://reg.corp"\nca = [${manyFiles}]\n[host]`,
    },
    endpoints: [reg],
    findings: [...Array<string>(egressLimits.certificates).fill('CERTIFICATE_MISSING'), 'CERTIFICATES_MANY'],
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
  'a host of IPv6, whose brackets containerd 1 cannot read': {
    files: { '_default/hosts.toml': 'server = "https://reg.corp"\n[host."https://[fd00::5]:5000"]\n' },
    endpoints: ['m https://[fd00::5]:5000/v2', reg],
    findings: ['HARD_FOR_VERSION_1!'],
  },
  'a date, which containerd 1 cannot read': {
    files: { '_default/hosts.toml': `changed = 2026-11-27\n${good}` },
    endpoints: [reg],
    findings: ['HARD_FOR_VERSION_1!'],
  },
  'an endless number, which containerd 1 cannot read': {
    files: { '_default/hosts.toml': `x = {y = [1e999]}\n${good}` },
    endpoints: [reg],
    findings: ['HARD_FOR_VERSION_1!'],
  },
  'a table with an escape in its name, which containerd 1 cannot read': {
    files: { '_default/hosts.toml': 'server = "https://reg.corp"\n[host."https://reg.c\\u006frp"]\n' },
    endpoints: ['m https://reg.corp/v2', reg],
    findings: ['HARD_FOR_VERSION_1!'],
  },
  'a host without a name, which is not asked, and breaks the file all the same': {
    files: { '_default/hosts.toml': 'server = "https://reg.corp"\n[host]\n"" = 1\n' },
    endpoints: [hub],
    findings: ['HOSTS_FILE_BROKEN!'],
  },
  'a byte order mark: straight to the upstream': {
    files: { '_default/hosts.toml': `\uFEFF${good}` },
    endpoints: [hub],
    findings: ['HOSTS_FILE_BROKEN!'],
  },
  'a table in capitals, which containerd 2 takes for hosts': {
    files: { '_default/hosts.toml': `server = "https://reg.corp"\n[Host]\nx = 1\n[host]\n` },
    endpoints: [reg],
    findings: ['NAME_CAPITALS?'],
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
  'no folder for the host, and no _default': { files: { 'ghcr.io/hosts.toml': good }, endpoints: [hub] },
  'a server in capitals beside one in small letters': {
    files: { '_default/hosts.toml': `Server = "https://other"\n${good}` },
    endpoints: [reg],
    findings: ['NAME_CAPITALS?'],
  },
  'addresses that Go refuses: straight to the upstream': {
    files: { '_default/hosts.toml': 'server = "https://reg.corp/%zz"\n[host]\n' },
    endpoints: [hub],
    findings: ['HOSTS_FILE_BROKEN!'],
  },
  'a host that Go refuses breaks the whole file': {
    files: { '_default/hosts.toml': `server = "https://reg.corp"\n[host."http_x:1"]\n` },
    endpoints: [hub],
    findings: ['HOSTS_FILE_BROKEN!'],
  },
  'a host of IPv6': {
    image: '[::1]:5000',
    files: { '[::1]_5000_/hosts.toml': good, '_default/hosts.toml': other },
    endpoints: [reg],
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
