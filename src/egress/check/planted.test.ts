import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { generateFor } from '../generate/generate.ts';
import { targets } from '../generate/list.ts';
import { filesInMemory } from '../node/node-files.ts';
import { readPolicy } from '../policy/read-policy.ts';
import type { RuntimeName } from '../runtime/runtime.ts';
import { talosFile } from '../runtime/talos/model.ts';
import { checkNode } from './check-node.ts';
import { allFindings, type NodeReport } from './report.ts';

const policyText = `
registry: {url: https://reg.corp, prefixed: [docker.io], ca: /ca.pem}
exceptions: [{host: direct.corp}]
`;

/** Files that are generated for a runtime, as they lie on a node. */
async function generated(runtime: RuntimeName): Promise<Map<string, string>> {
  const { policy } = await readPolicy(policyText);
  const target = targets.find(({ name }) => name === runtime);
  assert.ok(policy !== undefined && target !== undefined);
  const { files } = await generateFor(target, { policy });
  const written = files.map(({ path, text }) => [runtime === 'talos' ? talosFile : path, text] as const);
  // Which the policy says is on the nodes.
  return new Map([['/ca.pem', 'x'], ...written]);
}

async function check(files: ReadonlyMap<string, string>, runtime: RuntimeName): Promise<NodeReport> {
  const question = { registry: 'reg.corp', exceptions: ['direct.corp'], hosts: [], runtimes: [runtime] };
  return await checkNode(filesInMemory(files), question);
}

const hosts = '/etc/containerd/certs.d/_default/hosts.toml';
const hub = '/etc/containerd/certs.d/docker.io/hosts.toml';
const main = '/etc/containerd/config.toml';
const conf = '/etc/containers/registries.conf.d/zz-seaworthy.conf';
const k3s = '/etc/rancher/k3s';

/** A change to a file, what the node then comes to, and where the first finding points: a file, a line, a code. */
type Planted = readonly [file: string, from: string, to: string, verdict: NodeReport['verdict'], finding: string];

const planted: Readonly<Partial<Record<RuntimeName, readonly Planted[]>>> = {
  containerd: [
    [hosts, 'server = "https://reg.corp"\n', '', 'open', `${hosts} SERVER_MISSING`],
    [hosts, 'https://reg.corp', 'httpreg:corp', 'open', `${hosts}:1 SERVER_INVALID`],
    [hosts, 'https://reg.corp', 'https://evil.io', 'open', `${hosts}:1 ELSEWHERE`],
    [hosts, '"resolve"', '"fetch"', 'open', `${hosts}:2 HOSTS_FILE_BROKEN`],
    [hosts, '"resolve"', '"resolve", "referrers"', 'open', `${hosts}:2 CAPABILITY_NEW`],
    [hosts, '[host]', '', 'open', `${hosts} HOST_TABLE_MISSING`],
    [hosts, '[host]', '[host."https://evil.io"]', 'open', `${hosts}:6 ELSEWHERE`],
    [hosts, '[host]', '[host."https://reg.corp"]\nskip_verify = 1', 'open', `${hosts}:7 HOSTS_FILE_BROKEN`],
    [hosts, '[host]', '[host."https://[::1"]', 'open', `${hosts}:6 HOSTS_FILE_BROKEN`],
    [hosts, '[host]', '[host', 'open', `${hosts}:6 HOSTS_FILE_BROKEN`],
    [hosts, 'server', 'Server = "https://evil.io"\nserver', 'unknown', `${hosts}:1 NAME_CAPITALS`],
    [hub, 'override_path = true', 'override_path = "true"', 'open', `${hub}:2 HOSTS_FILE_BROKEN`],
    [hub, 'server = "https://reg.corp', '[header]\nx = "https://reg.corp', 'open', `${hub}:1 HOSTS_FILE_BROKEN`],
    [main, '/etc/containerd/certs.d', '/etc/certs.d', 'open', '/etc/certs.d CONFIG_PATH_ABSENT'],
    [main, '/certs.d', '/certs.d:/etc/docker/certs.d', 'open', `${main}:5 CONFIG_PATH_LIST`],
    [main, 'config_path', 'configpath', 'open', `${main} CONFIG_PATH_MISSING`],
    [main, 'version = 2', 'version = 3', 'open', `${main} CONFIG_PATH_MISSING`],
    [main, 'version = 2', 'version = = 2', 'unknown', `${main}:2 CONFIG_BROKEN`],
    [main, 'version = 2', 'version = 2\nimports = ["/x.toml"]', 'unknown', '/x.toml IMPORT_MISSING'],
  ],
  crio: [
    [conf, 'location = "reg.corp/docker.io"', 'location = "docker.io"', 'open', `${conf} UPSTREAM_ASKED`],
    [conf, 'location = "reg.corp/docker.io"', 'location = "evil.io/docker.io"', 'open', `${conf}:8 ELSEWHERE`],
    [
      conf,
      'location = "reg.corp/docker.io"',
      'location = "https://reg.corp/docker.io"',
      'unknown',
      `${conf}:8 CONFIG_BROKEN`,
    ],
    [
      conf,
      'location = "reg.corp/docker.io"',
      'location = "docker.io"\n[[registry.mirror]]\nlocation = "reg.corp"',
      'open',
      `${conf}:8 MIRROR_FALLS_BACK`,
    ],
    [conf, 'short-name-mode = "enforcing"', 'short-name-mode = "strict"', 'unknown', `${conf}:3 CONFIG_BROKEN`],
    [conf, 'registries = []', 'registries = [', 'unknown', `${conf}:3 CONFIG_BROKEN`],
    ['/etc/containers/policy.json', '"reject"', '"insecureAcceptAnything"', 'open', ''],
    ['/etc/containers/policy.json', '"default"', '"defaults"', 'open', '/etc/containers/policy.json TRUST_BROKEN'],
  ],
  k3s: [
    [`${k3s}/registries.yaml`, 'https://reg.corp\n', 'https://evil.io\n', 'open', `${k3s}/registries.yaml:3 ELSEWHERE`],
    [`${k3s}/registries.yaml`, "'*'", 'quay.io', 'open', `${k3s}/registries.yaml WILDCARD_MISSING`],
    [
      `${k3s}/registries.yaml`,
      'configs:',
      'configs:\n  ghcr.io:\n    auth: {username: x}',
      'open',
      `${k3s}/registries.yaml:12 CONFIGS_KEEP_UPSTREAM`,
    ],
    [
      `${k3s}/registries.yaml`,
      'https://reg.corp\n',
      '"https://reg corp"\n',
      'open',
      `${k3s}/registries.yaml:3 ENDPOINT_INVALID`,
    ],
    [`${k3s}/registries.yaml`, 'mirrors:', 'mirrors: [', 'unknown', `${k3s}/registries.yaml:3 CONFIG_BROKEN`],
    [
      `${k3s}/config.yaml.d/zz-seaworthy.yaml`,
      'true',
      'false',
      'open',
      `${k3s}/config.yaml.d/zz-seaworthy.yaml:1 DEFAULT_ENDPOINT`,
    ],
  ],
  talos: [
    [talosFile, 'skipFallback: true', 'skipFallback: false', 'open', `${talosFile}:3 FALLBACK`],
    [talosFile, "'*'", 'quay.io', 'open', `${talosFile} WILDCARD_MISSING`],
    [talosFile, 'endpoints:', 'endpoint:', 'open', `${talosFile}:3 FALLBACK`],
    [talosFile, 'https://reg.corp', 'https://evil.io', 'open', `${talosFile}:3 ELSEWHERE`],
    [talosFile, 'endpoints:', 'endpoints: [', 'unknown', `${talosFile}:5 CONFIG_BROKEN`],
  ],
};

for (const [runtime, cases] of Object.entries(planted) as [RuntimeName, readonly Planted[]][]) {
  describe(`one mistake in what is generated for ${runtime}`, () => {
    test('none: the node is closed, and nothing is told', async () => {
      const report = await check(await generated(runtime), runtime);
      assert.deepEqual([report.verdict, allFindings(report)], ['closed', []]);
    });
    for (const [file, from, to, verdict, wanted] of cases) {
      test(`${JSON.stringify(from)} for ${JSON.stringify(to)}`, async () => {
        const files = await generated(runtime);
        const text = files.get(file) ?? '';
        assert.ok(text.includes(from), text);
        files.set(file, text.replace(from, to));
        const report = await check(files, runtime);
        const told = allFindings(report).map(
          (each) => `${each.file ?? ''}${each.line === undefined ? '' : `:${each.line}`} ${each.code}`,
        );
        assert.equal(report.verdict, verdict, told.join('\n'));
        // A runtime that does not start says nothing else of itself.
        if (wanted.endsWith(' CONFIG_BROKEN')) assert.deepEqual(told, [wanted]);
        if (wanted !== '') assert.ok(told.includes(wanted), `${wanted} is not among\n${told.join('\n')}`);
        else
          assert.ok(
            report.runtimes.some(
              ({ routes }) => routes.some((route) => route.open && route.file === file) || file.endsWith('policy.json'),
            ),
          );
      });
    }
  });
}
