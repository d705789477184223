import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { checkNode, otherHost } from '../check/check-node.ts';
import { allFindings } from '../check/report.ts';
import { EgressError } from '../error.ts';
import { filesInMemory } from '../node/node-files.ts';
import type { EgressPolicy } from '../policy/model.ts';
import { readPolicy } from '../policy/read-policy.ts';
import type { RuntimeName } from '../runtime/runtime.ts';
import { talosFile } from '../runtime/talos/model.ts';
import { generateFor } from './generate.ts';
import { targets } from './list.ts';
import { type TargetName, targetNames } from './target.ts';

const text = `
registry:
  url: https://registry.corp:8443
  addresses: [10.0.0.5, 'fd00::5']
  ca: /etc/seaworthy/ca.pem
  client: {certificate: /etc/seaworthy/node.crt, key: /etc/seaworthy/node.key}
  prefixed: [docker.io, 'p.corp:5000']
exceptions:
  - host: direct.corp:5000
    addresses: [10.0.0.9]
cluster: [10.42.0.0/16, 'fd42::/64']
apiServer: ['10.0.0.2:6443']
dns: [10.0.0.53]
ntp: [10.0.0.123]
metadata: [169.254.169.254]
`;

async function policyOf(given: string): Promise<EgressPolicy> {
  const { policy, mistakes } = await readPolicy(given);
  assert.deepEqual(mistakes, undefined);
  assert.ok(policy !== undefined);
  return policy;
}

async function generated(name: TargetName, policy: EgressPolicy, authorization?: string): Promise<Map<string, string>> {
  const target = targets.find((each) => each.name === name);
  assert.ok(target !== undefined);
  const { files } = await generateFor(target, { policy, ...(authorization === undefined ? {} : { authorization }) });
  return new Map(files.map((file) => [file.path, file.text]));
}

test('a policy that leads no hosts: CRI-O refuses all of them, and BuildKit is said to be led nowhere', async () => {
  const policy = await policyOf('registry: {url: https://reg.corp}\nhosts: []\n');
  const trust = (await generated('crio', policy)).get('/etc/containers/policy.json') ?? '';
  const { default: rest, transports } = JSON.parse(trust) as { default: object[]; transports: { docker: object } };
  assert.deepEqual([rest, Object.keys(transports.docker)], [[{ type: 'reject' }], ['reg.corp']]);
  const buildkit = targets.find(({ name }) => name === 'buildkit') as (typeof targets)[number];
  const { notes } = await generateFor(buildkit, { policy });
  assert.match(notes[0] ?? '', /the policy lists no hosts, .* all images come from the upstream/);
});

test('every target is listed once', () => {
  assert.deepEqual(
    targets.map(({ name }) => name),
    targetNames,
  );
});

describe('what is written', () => {
  test('containerd', async () => {
    const files = await generated('containerd', await policyOf(text), 'Basic "x"');
    assert.deepEqual(
      [...files.keys()],
      [
        '/etc/containerd/certs.d/_default/hosts.toml',
        '/etc/containerd/certs.d/docker.io/hosts.toml',
        '/etc/containerd/certs.d/p.corp_5000_/hosts.toml',
        '/etc/containerd/certs.d/direct.corp_5000_/hosts.toml',
        '/etc/containerd/config.toml',
      ],
    );
    assert.equal(
      files.get('/etc/containerd/certs.d/docker.io/hosts.toml'),
      `server = "https://registry.corp:8443/v2/docker.io"
override_path = true
capabilities = ["pull", "resolve"]
ca = "/etc/seaworthy/ca.pem"
client = [["/etc/seaworthy/node.crt", "/etc/seaworthy/node.key"]]

[header]
Authorization = "Basic \\"x\\""

# Without this line, containerd 1.x takes nothing of this file.
[host]
`,
    );
  });
  test('CRI-O: remapped, never mirrored', async () => {
    const files = await generated('crio', await policyOf(text));
    const conf = files.get('/etc/containers/registries.conf.d/zz-seaworthy.conf') ?? '';
    assert.match(conf, /prefix = "quay\.io"\nlocation = "registry\.corp:8443\/quay\.io"\n/);
    assert.ok(!conf.includes('[[registry.mirror]]'));
    assert.equal(JSON.parse(files.get('/etc/containers/policy.json') ?? '').default[0].type, 'reject');
  });
  test('k3s', async () => {
    const files = await generated('k3s', await policyOf(text));
    assert.equal(
      files.get('/etc/rancher/k3s/registries.yaml'),
      `mirrors:
  '*':
    endpoint:
      - https://registry.corp:8443
  docker.io:
    endpoint:
      - https://registry.corp:8443/v2/docker.io
  p.corp:5000:
    endpoint:
      - https://registry.corp:8443/v2/p.corp-5000
  direct.corp:5000:
    endpoint:
      - https://direct.corp:5000
configs:
  registry.corp:8443:
    tls:
      ca_file: /etc/seaworthy/ca.pem
      cert_file: /etc/seaworthy/node.crt
      key_file: /etc/seaworthy/node.key
`,
    );
  });
  test('nftables: what may be reached stands before what is refused, and no other table is touched', async () => {
    const rules = (await generated('nftables', await policyOf(text))).get('/etc/seaworthy/egress.nft') ?? '';
    assert.ok(!/flush/.test(rules));
    assert.ok(rules.indexOf('ip daddr @registry4 tcp dport 8443 accept') < rules.indexOf('reject'));
    assert.match(rules, /udp dport \{ 80, 443, 853 \} counter reject/);
    assert.deepEqual([...new Set(rules.match(/table .*/g))], ['table inet seaworthy', 'table inet seaworthy {']);
  });
  for (const name of ['nftables', 'networkpolicy', 'cilium', 'calico', 'terraform'] as const) {
    test(`${name} knows no names`, async () => {
      const policy = await policyOf('registry: {url: https://reg.corp}\nexceptions: [{host: a.corp}]');
      await assert.rejects(generated(name, policy), (error) => {
        assert.ok(error instanceof EgressError);
        assert.equal(error.code, 'EGRESS_POLICY_INCOMPLETE');
        assert.match(error.message, /registry\.addresses, addresses of the exception a\.corp/);
        return true;
      });
    });
    test(`${name} of a whole policy, and of one that closes all ports`, async () => {
      const policy = await policyOf(text);
      assert.ok((await generated(name, policy)).size > 0);
      assert.ok((await generated(name, { ...policy, ports: 'all' })).size > 0);
    });
  }
});

test('what does not do what it should is never given out', async () => {
  const policy = await policyOf(text);
  for (const target of targets) {
    const { files } = target.generate({ policy });
    const spoiled = files.map((file) => ({
      ...file,
      text: file.text.replaceAll('registry.corp:8443', 'evil.corp').replaceAll(/10\.0\.0\.5\/32/g, '10.9.9.9/32'),
    }));
    assert.ok((await target.verify(spoiled, policy)) !== undefined, target.name);
  }
});

test('a network that holds everything leaves no firewall', async () => {
  const policy = await policyOf('registry: {url: https://reg.corp, addresses: [10.0.0.5]}');
  const everything = [{ family: 4, address: '0.0.0.0', bits: 0 }] as const;
  await assert.rejects(
    generated('nftables', { ...policy, cluster: everything }),
    /203\.0\.113\.77 at port 443 \(tcp\) would be reached/,
  );
});

test('more rules than Azure takes are not given out', async () => {
  const policy = await policyOf(text);
  const cluster = Array.from({ length: 3100 }, (_, index) => ({
    family: 4 as const,
    address: `10.${Math.floor(index / 250)}.${index % 250}.0`,
    bits: 24,
  }));
  await assert.rejects(generated('terraform', { ...policy, cluster }), /azure\.tf\.json: Azure takes 3097 rules/);
});

const label = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
const host = fc
  .tuple(label, fc.constantFrom('corp', 'io', 'example', 'com', 'zz'), fc.option(fc.integer({ min: 1, max: 65_535 })))
  .map(([name, domain, port]) => `${name}.${domain}${port === null ? '' : `:${port}`}`);

const arbitraryPolicy = fc
  .record({
    hosts: fc.uniqueArray(host, { minLength: 6, maxLength: 8 }),
    registryPort: fc.constantFrom('', ':5000', ':8443'),
    prefixed: fc.nat(2),
    exceptions: fc.nat(2),
    scheme: fc.constantFrom('https', 'http'),
    ca: fc.boolean(),
  })
  .map(({ hosts, registryPort, prefixed, exceptions, scheme, ca }) => {
    const lines = [
      `registry: {url: '${scheme}://registry.private${registryPort}', prefixed: [${hosts.slice(0, prefixed).join(', ')}]${ca && scheme === 'https' ? ', ca: /ca.pem' : ''}}`,
      `hosts: [${hosts.slice(0, 4).join(', ')}]`,
      `exceptions: [${hosts
        .slice(4, 4 + exceptions)
        .map((each) => `{host: '${each}'}`)
        .join(', ')}]`,
    ];
    return lines.join('\n');
  });

test('whatever is generated for a node leads images of any host to the private registry alone', async () => {
  await fc.assert(
    fc.asyncProperty(
      arbitraryPolicy,
      fc.array(host, { maxLength: 6 }),
      fc.constantFrom<TargetName & RuntimeName>('containerd', 'crio', 'k3s', 'rke2', 'talos'),
      async (given, others, name) => {
        const policy = await policyOf(given);
        const files = await generated(name, policy);
        const placed = name === 'talos' ? new Map([[talosFile, files.get('registry-mirrors.yaml') ?? '']]) : files;
        const exceptions = policy.exceptions.map((each) => each.host);
        const question = {
          registry: policy.registry.authority,
          exceptions,
          hosts: [...others, ...exceptions],
          runtimes: [name],
        };
        const report = await checkNode(filesInMemory(placed), question);
        const told = allFindings(report).filter(({ level }) => level !== 'note');
        assert.deepEqual([report.verdict, told], ['closed', []], JSON.stringify(report));
        for (const route of report.runtimes[0]?.routes ?? []) {
          const asked = route.outcome === 'asked' ? route.endpoints.map((each) => each.host) : [];
          const direct = exceptions.includes(route.image);
          for (const each of asked) assert.ok(each === question.registry || direct, `${route.image} -> ${each}`);
          if (name !== 'crio' && route.image === otherHost) assert.deepEqual(asked, [question.registry]);
        }
      },
    ),
    { numRuns: 120 },
  );
});
