import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { filesInMemory } from '../../node/node-files.ts';
import { k3s, rke2 } from './model.ts';

const folder = '/etc/rancher/k3s';
const agent = '/var/lib/rancher/k3s/agent/etc/containerd';
const certs = `${agent}/certs.d`;
const star = 'mirrors:\n  "*":\n    endpoint: ["https://reg.corp"]\n';
const off = { [`${folder}/config.yaml`]: 'disable-default-registry-endpoint: true\n' };
const hub = 'https://registry-1.docker.io/v2';

interface Case {
  readonly registries?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly endpoints: readonly string[];
  readonly findings?: readonly string[];
}

const cases: Readonly<Record<string, Case>> = {
  'the wildcard, and no way back': { registries: star, files: off, endpoints: ['https://reg.corp/v2'] },
  'the switch in a drop-in': {
    registries: star,
    files: {
      [`${folder}/config.yaml`]: 'debug: true',
      [`${folder}/config.yaml.d/9.yaml`]: 'disable-default-registry-endpoint: true',
    },
    endpoints: ['https://reg.corp/v2'],
  },
  'the switch in the service': {
    registries: star,
    files: {
      '/etc/systemd/system/k3s.service': "ExecStart=/k3s \\\n  server '--disable-default-registry-endpoint' \\\n",
    },
    endpoints: ['https://reg.corp/v2'],
  },
  'the switch in a drop-in of another ending': {
    registries: star,
    files: { [`${folder}/config.yaml.d/9.YML`]: 'disable-default-registry-endpoint: "1"' },
    endpoints: ['https://reg.corp/v2'],
  },
  'the command of the service counts before the files': {
    registries: star,
    files: {
      ...off,
      '/usr/local/lib/systemd/system/k3s-agent.service':
        'ExecStart=/k3s agent --disable-default-registry-endpoint=false\n',
    },
    endpoints: ['https://reg.corp/v2', hub],
    findings: ['DEFAULT_ENDPOINT!'],
  },
  'a unit that runs something else, too': {
    registries: star,
    files: { ...off, '/etc/systemd/system/k3s.service': 'ExecStartPre=/bin/sh -c x\nExecStart=/k3s server\n' },
    endpoints: ['https://reg.corp/v2'],
  },
  'a drop-in of the unit counts before the unit': {
    registries: star,
    files: {
      '/etc/systemd/system/k3s.service': 'ExecStart=/k3s server --disable-default-registry-endpoint=false\n',
      '/etc/systemd/system/k3s.service.d/x.conf': 'ExecStart=/k3s server --disable-default-registry-endpoint\n',
    },
    endpoints: ['https://reg.corp/v2'],
  },
  'registries in another file': {
    registries: star,
    files: { [`${folder}/config.yaml`]: 'disable-default-registry-endpoint: true\nprivate-registry: /other.yaml\n' },
    endpoints: [hub],
    findings: ['REGISTRIES_MISSING!', 'WILDCARD_MISSING!'],
  },
  'registries in another file, by the command': {
    files: {
      ...off,
      '/etc/systemd/system/k3s.service': "ExecStart=/k3s \\\n  server '--private-registry' '/other.yaml' \\\n",
      '/other.yaml': star.replace('reg.corp', 'evil.io'),
    },
    registries: star,
    endpoints: ['https://evil.io/v2'],
  },
  'settings in another file': {
    registries: star,
    files: {
      ...off,
      '/etc/systemd/system/k3s.service':
        'ExecStartPre=/bin/sh -c x\nExecStart=/k3s \\\n  server \\\n  -c /other.yaml\n',
    },
    endpoints: ['https://reg.corp/v2'],
    findings: ['CONFIG_ELSEWHERE?'],
  },
  'another runtime, and nodes that hand images to each other': {
    registries: star,
    files: {
      ...off,
      [`${folder}/config.yaml.d/1.yaml`]:
        'container-runtime-endpoint: unix:///run/containerd/containerd.sock\nembedded-registry: true\ndocker: false\n',
    },
    endpoints: ['https://reg.corp/v2'],
    findings: ['OTHER_RUNTIME?', 'EMBEDDED_REGISTRY'],
  },
  'an endpoint that is no address is passed over': {
    registries: 'mirrors:\n  "*": {endpoint: ["https://reg corp"]}\n',
    files: off,
    endpoints: [hub],
    findings: ['WILDCARD_MISSING!', 'ENDPOINT_INVALID'],
  },
  'configs that say nothing k3s knows': {
    registries: `${star}configs:\n  docker.io: {note: x, auth: }\n`,
    files: off,
    endpoints: ['https://reg.corp/v2'],
  },
  'the switch set to false later': {
    registries: star,
    files: { ...off, [`${folder}/config.yaml.d/9.yaml`]: 'disable-default-registry-endpoint: false' },
    endpoints: ['https://reg.corp/v2', hub],
    findings: ['DEFAULT_ENDPOINT!'],
  },
  'without the switch the upstream comes last': {
    registries: star,
    endpoints: ['https://reg.corp/v2', hub],
    findings: ['DEFAULT_ENDPOINT!'],
  },
  'without the wildcard': {
    registries: 'mirrors:\n  docker.io: {endpoint: [reg.corp]}\n',
    files: off,
    endpoints: ['https://reg.corp/v2'],
    findings: ['WILDCARD_MISSING!'],
  },
  'a host that is not named, without the wildcard': {
    registries: 'mirrors:\n  ghcr.io: {endpoint: [reg.corp]}\n',
    files: off,
    endpoints: [hub],
    findings: ['WILDCARD_MISSING!'],
  },
  'an entry without endpoints leaves the host to the wildcard': {
    registries: `${star}  docker.io:\n`,
    files: off,
    endpoints: ['https://reg.corp/v2'],
  },
  'a wildcard without endpoints is none': {
    registries: 'mirrors:\n  "*":\n',
    files: off,
    endpoints: [hub],
    findings: ['WILDCARD_MISSING!'],
  },
  'configs of an image host keep its upstream, whatever the switch says': {
    registries: `${star}configs:\n  docker.io:\n    auth: {username: u, password: p}\n`,
    files: off,
    endpoints: [hub],
    findings: ['CONFIGS_KEEP_UPSTREAM!'],
  },
  'and after its mirrors, too': {
    registries:
      'mirrors:\n  "*": {endpoint: [reg.corp]}\n  docker.io: {endpoint: [reg.corp]}\nconfigs:\n  docker.io: {tls: {ca_file: /x}}\n',
    files: off,
    endpoints: ['https://reg.corp/v2', hub],
    findings: ['CONFIGS_KEEP_UPSTREAM!'],
  },
  'this machine at an odd port is asked in the clear': {
    registries: 'mirrors:\n  "*": {endpoint: ["localhost:5000", "127.0.0.1:443/x/v2"]}\n',
    files: off,
    endpoints: ['http://localhost:5000/v2', 'https://127.0.0.1:443/x/v2'],
  },
  'no file': { files: off, endpoints: [hub], findings: ['REGISTRIES_MISSING!', 'WILDCARD_MISSING!'] },
  'a broken file': {
    registries: 'mirrors: [',
    files: off,
    endpoints: [],
    findings: ['CONFIG_BROKEN?'],
  },
  'a broken file, while what was written at the last start counts': {
    registries: 'mirrors: [',
    files: { ...off, [`${certs}/_default/hosts.toml`]: '[host."https://reg.corp/v2"]\n' },
    endpoints: ['https://reg.corp/v2'],
    findings: ['CONFIG_BROKEN?'],
  },
  'broken settings of the service': {
    registries: star,
    files: { [`${folder}/config.yaml`]: 'disable-default-registry-endpoint: [' },
    endpoints: [],
    findings: ['CONFIG_BROKEN?'],
  },
  'files from before the last change count': {
    registries: star,
    files: { ...off, [`${certs}/docker.io/hosts.toml`]: 'server = "https://registry-1.docker.io/v2"\n[host]\n' },
    endpoints: [hub],
    findings: ['NOT_APPLIED'],
  },
  'files as they are written': {
    registries: star,
    files: {
      ...off,
      [`${certs}/_default/hosts.toml`]: '# File generated by k3s. DO NOT EDIT.\n[host."https://reg.corp/v2"]\n',
    },
    endpoints: ['https://reg.corp/v2'],
  },
  'the configuration of containerd that was written, and its drop-ins': {
    registries: star,
    files: {
      ...off,
      [`${agent}/config.toml`]: `version = 3\nimports = ["${agent}/config-v3.toml.d/*.toml"]\n[plugins.'io.containerd.cri.v1.images'.registry]\nconfig_path = "${certs}"\n`,
      [`${certs}/_default/hosts.toml`]: '[host."https://reg.corp/v2"]\n',
      [`${agent}/config-v3.toml.d/x.toml`]:
        "version = 3\n[plugins.'io.containerd.cri.v1.images'.registry]\nconfig_path = '/evil'\n",
      '/evil/_default/hosts.toml': '[host."https://evil.io"]\n',
    },
    endpoints: ['https://evil.io/v2'],
    findings: ['NOT_APPLIED'],
  },
  'a template that takes the place of all': {
    registries: star,
    files: { ...off, '/var/lib/rancher/k3s/agent/etc/containerd/config.toml.tmpl': 'version = 2\n' },
    endpoints: ['https://reg.corp/v2'],
    findings: ['TEMPLATE?'],
  },
};

describe('k3s', () => {
  for (const [name, { registries, files = {}, endpoints, findings = [] }] of Object.entries(cases)) {
    test(name, async () => {
      const all = new Map([[`${folder}/x`, ''], ...Object.entries(files)]);
      if (registries !== undefined) all.set(`${folder}/registries.yaml`, registries);
      const reading = await k3s.read(filesInMemory(all));
      assert.ok(reading !== undefined);
      const route = await reading.resolve('docker.io');
      assert.deepEqual(
        route.endpoints.map(({ url }) => url),
        endpoints,
      );
      const codes = [...reading.findings, ...route.findings].map(
        ({ code, level }) => `${code}${level === 'way-out' ? '!' : level === 'unknown' ? '?' : ''}`,
      );
      assert.deepEqual(codes, findings);
    });
  }
});

test('RKE2 has folders of its own', async () => {
  assert.equal(await rke2.read(filesInMemory(new Map([[`${folder}/registries.yaml`, star]]))), undefined);
  const reading = await rke2.read(filesInMemory(new Map([['/etc/rancher/rke2/registries.yaml', star]])));
  assert.deepEqual(reading?.files, ['/etc/rancher/rke2/registries.yaml']);
});

test('no registries.yaml makes the reader throw', async () => {
  const word = fc.constantFrom(
    'mirrors:',
    'configs:',
    '"*":',
    'endpoint:',
    '\n',
    '  ',
    '[',
    ']',
    '- ',
    'a/b',
    '://',
    'tls:',
    '{',
    '}',
    'null',
  );
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string({ maxLength: 60 }),
        fc.array(word, { maxLength: 24 }).map((words) => words.join('')),
      ),
      async (text) => {
        const reading = await k3s.read(filesInMemory(new Map([[`${folder}/registries.yaml`, text]])));
        await reading?.resolve('docker.io');
      },
    ),
    { numRuns: 200 },
  );
});
