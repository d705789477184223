import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { formatMistake } from '../../codec/yaml/mistake.ts';
import { readPolicy } from './read-policy.ts';

async function mistakesOf(text: string): Promise<string[]> {
  const { mistakes = [] } = await readPolicy(text);
  return mistakes.map((mistake) => formatMistake('f', mistake));
}

const whole = `
registry:
  url: https://registry.corp:8443
  addresses: [10.0.0.5, 'fd00::5']
  ca: /etc/seaworthy/ca.pem
  client: {certificate: /etc/seaworthy/node.crt, key: /etc/seaworthy/node.key}
  authorization: env:TOKEN
  prefixed: [docker.io]
hosts: [docker.io, ghcr.io]
exceptions:
  - host: direct.corp:5000
    addresses: [10.0.0.9]
cluster: [10.42.0.0/16]
apiServer: ['10.0.0.2:6443', '[fd00::2]:6443']
dns: [10.0.0.53]
ntp: [10.0.0.123]
metadata: [169.254.169.254]
rollback: 5m
runtimes: [containerd, crio]
`;

test('readPolicy() reads a document of its own, and a section of the settings', async () => {
  const { policy } = await readPolicy(whole);
  assert.deepEqual(policy?.registry, {
    scheme: 'https',
    authority: 'registry.corp:8443',
    port: 8443,
    addresses: [
      { family: 4, address: '10.0.0.5', bits: 32 },
      { family: 6, address: 'fd00::5', bits: 128 },
    ],
    ca: '/etc/seaworthy/ca.pem',
    client: { certificate: '/etc/seaworthy/node.crt', key: '/etc/seaworthy/node.key' },
    authorization: { kind: 'env', name: 'TOKEN' },
    prefixed: ['docker.io'],
  });
  assert.deepEqual(
    [policy.rollbackMs, policy.runtimes, policy.apiServer.map(({ port }) => port)],
    [300_000, ['containerd', 'crio'], [6443, 6443]],
  );
  const section = `format: json\negress:\n${whole.replaceAll(/^/gm, '  ')}`;
  assert.deepEqual((await readPolicy(section)).policy, policy);
});

test('little is enough', async () => {
  const { policy } = await readPolicy('registry: {url: https://reg.corp}');
  assert.deepEqual([policy?.registry.port, policy?.rollbackMs, policy?.exceptions], [443, 120_000, []]);
  assert.ok(policy?.hosts.includes('docker.io'));
  const twice = await readPolicy(
    "registry: {url: https://reg.corp, addresses: [10.0.0.5, 10.0.0.5/32, 'fd00::5', 'fd00:0::5']}",
  );
  assert.deepEqual(
    twice.policy?.registry.addresses.map(({ address }) => address),
    ['10.0.0.5', 'fd00::5'],
  );
  const direct = await readPolicy('registry: {url: https://reg.corp}\nexceptions: [{host: docker.io}]');
  assert.ok(direct.policy?.hosts.includes('ghcr.io') && !direct.policy.hosts.includes('docker.io'));
});

describe('mistakes are told with their places', () => {
  const reg = 'registry: {url: https://reg.corp}\n';
  const cases: readonly (readonly [text: string, ...mistakes: readonly string[]])[] = [
    ['', 'f:1:1: takes names with values; begin with registry'],
    ['hosts: []\n', 'f:1:1: registry: is missing; add it'],
    ['registry:\n', 'f:1:1: registry: has no value; write names with values, or remove it'],
    [`${reg}host: [docker.io]\n`, 'f:2:1: host: is no setting; did you mean hosts?'],
    ['registry:\n  url: https://reg.corp\n  cas: x\n', 'f:3:3: registry.cas: is no setting; did you mean ca?'],
    [
      'egress:\n  registry:\n    url: https://reg.corp/v2\n    ca: ca.pem\n',
      'f:3:5: egress.registry.url: cannot be "https://reg.corp/v2"; write https://HOST or https://HOST:PORT, without a path',
      'f:4:5: egress.registry.ca: cannot be "ca.pem"; write an absolute path of the nodes, of letters, digits and . _ - @ / alone',
    ],
    [
      'registry: {url: "https://me:secret@reg.corp"}\n',
      'f:1:12: registry.url: cannot be "https://***@reg.corp"; write https://HOST or https://HOST:PORT, without a path',
    ],
    [
      'registry:\n  url: https://reg.corp\n  authorization: Bearer secret\n',
      'f:3:3: registry.authorization: holds no secret itself; write env:NAME, or put it into a file and name that as authorizationFile',
    ],
    [
      `${reg}hosts: [Docker.io, busybox]\n`,
      'f:2:9: hosts[0]: cannot be "Docker.io"; write the host of image names, such as docker.io or registry.example.org:5000, in small letters',
      'f:2:20: hosts[1]: cannot be "busybox"; write the host of image names, such as docker.io or registry.example.org:5000, in small letters',
    ],
    [
      'registry: {url: "https://reg.corp:0"}\n',
      'f:1:12: registry.url: cannot be "https://reg.corp:0"; write https://HOST or https://HOST:PORT, without a path',
    ],
    [`${reg}cluster: 10.0.0.0/8\n`, 'f:2:1: cluster: takes a list'],
    [
      `${reg}cluster: [10.0.0.0/40]\n`,
      'f:2:11: cluster[0]: cannot be "10.0.0.0/40": it is neither an address nor a network such as 10.0.0.0/8 or fd00::/8',
    ],
    [
      `${reg}cluster: ['::ffff:10.0.0.5', '::ffff:a00:0/104']\n`,
      'f:2:12: cluster[0]: cannot be "::ffff:10.0.0.5": that is IPv4 in the form of IPv6, which no firewall sees; write it as IPv4',
      'f:2:31: cluster[1]: cannot be "::ffff:a00:0/104": that is IPv4 in the form of IPv6, which no firewall sees; write it as IPv4',
    ],
    [
      `${reg}cluster: [0.0.0.0/0, '::/0']\ndns: [10.0.0.5/8]\n`,
      'f:2:11: cluster[0]: cannot be "0.0.0.0/0": that is most of the internet; name your own networks',
      'f:2:23: cluster[1]: cannot be "::/0": that is most of the internet; name your own networks',
      'f:3:7: dns[0]: cannot be "10.0.0.5/8": it has bits behind those of its network; write 10.0.0.0/8',
    ],
    [
      `${reg}runtimes: [cri-o]\nports: both\n`,
      'f:2:12: runtimes[0]: cannot be "cri-o"; write containerd, crio, k3s, rke2, talos, docker or buildkit (did you mean crio?)',
      'f:3:1: ports: cannot be "both"; write web or all',
    ],
    [
      `${reg}apiServer: ['10.0.0.2']\n`,
      'f:2:14: apiServer[0]: cannot be "10.0.0.2"; write ADDRESS:PORT such as 10.0.0.2:6443 or [fd00::2]:6443',
    ],
    [
      `${reg}rollback: 1s\n`,
      'f:2:1: rollback: cannot be "1s"; write a duration such as 90s, 12h or 30d, from 10s to 1d',
    ],
    [
      `${reg}exceptions: [{host: docker.io}, {host: reg.corp}, {host: reg.corp}]\nhosts: [docker.io]\n`,
      'f:2:15: exceptions[0].host: is also led to the private registry; decide for one of both',
      'f:2:34: exceptions[1].host: is the private registry itself; remove it',
      'f:2:52: exceptions[2].host: is there twice; keep one',
      'f:2:52: exceptions[2].host: is the private registry itself; remove it',
    ],
    [
      'registry: {url: http://reg.corp, ca: /x}\n',
      'f:1:12: registry.url: is asked in the clear, so that certificates and passwords have no use; write https://',
    ],
    ['a: [\n', 'f:2:1: This is not YAML: unexpected end of the stream within a flow collection'],
  ];
  for (const [text, ...mistakes] of cases) {
    test(JSON.stringify(text), async () => {
      const found = await mistakesOf(text);
      if (text === 'a: [\n') assert.match(found.join(), /^f:2:1: This is not YAML/);
      else assert.deepEqual(found, mistakes);
    });
  }
});

test('no text makes readPolicy() throw', async () => {
  const word = fc.constantFrom(
    'registry:',
    'url:',
    'https://reg.corp',
    '\n',
    '  ',
    '- ',
    'hosts:',
    '[',
    ']',
    '{',
    '}',
    'exceptions:',
    'host:',
    'null',
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(word, { maxLength: 20 }).map((words) => words.join(' ')),
      async (text) => {
        const { policy, mistakes } = await readPolicy(text);
        assert.ok((policy === undefined) !== (mistakes === undefined));
      },
    ),
    { numRuns: 200 },
  );
});
