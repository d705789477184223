import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { filesInMemory } from '../../node/node-files.ts';
import { findRegistry } from './find-registry.ts';
import { crio } from './model.ts';
import { parseRegistriesConf } from './registries-conf.ts';
import { parseTrustPolicy } from './trust-policy.ts';

interface Case {
  readonly files: Readonly<Record<string, string>>;
  readonly image?: string;
  readonly endpoints: readonly string[];
  readonly outcome?: 'asked' | 'blocked' | 'refused';
  readonly findings?: readonly string[];
}

const conf = '/etc/containers/registries.conf';
const dropIn = (name: string): string => `/etc/containers/registries.conf.d/${name}`;
const remap = '[[registry]]\nprefix = "docker.io"\nlocation = "reg.corp/docker.io"\n';
const hub = 'https://registry-1.docker.io/v2';

async function tell({ files, image = 'docker.io/library/x' }: Case): Promise<Omit<Required<Case>, 'files' | 'image'>> {
  const reading = await crio.read(filesInMemory(new Map(Object.entries(files))));
  assert.ok(reading !== undefined);
  const { endpoints, outcome, findings } = await reading.resolve(image);
  return {
    endpoints: endpoints.map(({ url, role, unverified }) => `${role[0]} ${url}${unverified ? ' loose' : ''}`),
    outcome,
    findings: [...reading.findings, ...findings].map(({ code, level }) => `${code}${level === 'unknown' ? '?' : ''}`),
  };
}

const cases: Readonly<Record<string, Case>> = {
  'no table: the registry itself': { files: { [conf]: '' }, endpoints: [`u ${hub}`] },
  'a remap has no way back': { files: { [conf]: remap }, endpoints: ['s https://reg.corp/v2/docker.io/library/x'] },
  'mirrors are tried in order, then always the registry itself': {
    files: {
      [conf]:
        '[[registry]]\nlocation = "docker.io"\n[[registry.mirror]]\nlocation = "a/b"\n[[registry.mirror]]\nlocation = "c"\ninsecure = true\npull-from-mirror = "digest-only"\n',
    },
    endpoints: ['m https://a/v2/b/library/x', 'm https://c/v2/library/x loose', `u ${hub}/library/x`],
    findings: ['MIRROR_FALLS_BACK'],
  },
  'the longest prefix counts': {
    files: { [conf]: `${remap}[[registry]]\nprefix = "docker.io/library"\nlocation = "other/lib"\n` },
    endpoints: ['s https://other/v2/lib/x'],
  },
  'a prefix ends where a name does': {
    image: 'docker.io/library2/x',
    files: { [conf]: `${remap}[[registry]]\nprefix = "docker.io/library"\nlocation = "other/lib"\n` },
    endpoints: ['s https://reg.corp/v2/docker.io/library2/x'],
  },
  'a prefix of a host is for all of its ports': {
    image: 'a.corp:5000/x',
    files: { [conf]: '[[registry]]\nprefix = "a.corp"\nlocation = "b.corp"\n' },
    endpoints: ['s https://b.corp:5000/v2/x'],
  },
  'a wildcard': {
    image: 'a.b.example.com/x',
    files: { [conf]: '[[registry]]\nprefix = "*.example.com"\nblocked = true\n' },
    endpoints: [],
    outcome: 'blocked',
  },
  'a wildcard is not for the domain itself': {
    image: 'example.com/x',
    files: { [conf]: '[[registry]]\nprefix = "*.example.com"\nblocked = true\n' },
    endpoints: ['u https://example.com/v2'],
  },
  'a wildcard without a location asks what is named': {
    image: 'a.example.com/x',
    files: { [conf]: '[[registry]]\nprefix = "*.example.com"\n' },
    endpoints: ['u https://a.example.com/v2/x'],
  },
  'the first table of a file counts': {
    files: { [conf]: `${remap}[[registry]]\nprefix = "docker.io"\nlocation = "other"\n` },
    endpoints: ['s https://reg.corp/v2/docker.io/library/x'],
  },
  'the last drop-in counts, by its name': {
    files: {
      [conf]: remap,
      [dropIn('20-b.conf')]: '[[registry]]\nprefix = "docker.io"\nlocation = "last"\n',
      [dropIn('10-a.conf')]: '[[registry]]\nprefix = "docker.io"\nlocation = "first"\n',
      [dropIn('30-c.conf.bak')]: '[',
      [dropIn('sub/40.conf')]: '[[registry]]\nprefix = "docker.io"\nlocation = "below"\n',
    },
    endpoints: ['s https://last/v2/library/x'],
  },
  'files of the user take the place of all others': {
    files: { [conf]: remap, [dropIn('1.conf')]: remap, '/root/.config/containers/registries.conf': '' },
    endpoints: [`u ${hub}`],
    findings: ['USER_FILE'],
  },
  'a drop-in of the user counts last': {
    files: {
      [conf]: remap,
      '/root/.config/containers/registries.conf.d/1.conf': '[[registry]]\nlocation = "docker.io"\n',
    },
    endpoints: [`u ${hub}/library/x`],
  },
  'a broken drop-in: no pulls': {
    files: { [conf]: remap, [dropIn('1.conf')]: '[[registry' },
    endpoints: [],
    outcome: 'blocked',
    findings: ['CONFIG_BROKEN?'],
  },
  'version 1 blocks': {
    files: {
      [conf]: '[registries.block]\nregistries = ["docker.io"]\n[registries.search]\nregistries = ["quay.io"]\n',
    },
    endpoints: [],
    outcome: 'blocked',
    findings: ['SHORT_NAMES'],
  },
  'version 1 in a drop-in: no pulls': {
    files: { [conf]: remap, [dropIn('1.conf')]: '[registries.block]\nregistries = ["x"]\n' },
    endpoints: [],
    outcome: 'blocked',
    findings: ['CONFIG_BROKEN?'],
  },
  'both versions in one file: no pulls': {
    files: { [conf]: `${remap}[registries.block]\nregistries = ["x"]\n` },
    endpoints: [],
    outcome: 'blocked',
    findings: ['CONFIG_BROKEN?'],
  },
  'short names': {
    files: { [conf]: `unqualified-search-registries = ["docker.io"]\nshort-name-mode = "disabled"\n${remap}` },
    endpoints: ['s https://reg.corp/v2/docker.io/library/x'],
    findings: ['SHORT_NAMES', 'SHORT_NAME_MODE'],
  },
  'an empty list of a drop-in ends the search': {
    files: {
      [conf]: `unqualified-search-registries = ["docker.io"]\n${remap}`,
      [dropIn('1.conf')]: 'unqualified-search-registries = []\n',
    },
    endpoints: ['s https://reg.corp/v2/docker.io/library/x'],
  },
  'a trust policy refuses what is not listed': {
    image: 'evil.io/x',
    files: {
      [conf]: remap,
      '/etc/containers/policy.json':
        '{"default":[{"type":"reject"}],"transports":{"docker":{"docker.io":[{"type":"insecureAcceptAnything"}]}}}',
    },
    endpoints: ['u https://evil.io/v2'],
    outcome: 'refused',
  },
  'a trust policy of the user takes the place of the one that refuses': {
    image: 'evil.io/x',
    files: {
      [conf]: remap,
      '/etc/containers/policy.json': '{"default":[{"type":"reject"}]}',
      '/root/.config/containers/policy.json': '{"default":[{"type":"insecureAcceptAnything"}]}',
    },
    endpoints: ['u https://evil.io/v2'],
  },
  'CRI-O may have a policy of its own, which does not refuse': {
    image: 'evil.io/x',
    files: {
      [conf]: remap,
      '/etc/containers/policy.json': '{"default":[{"type":"reject"}]}',
      '/etc/crio/crio.conf.d/1.conf':
        '[crio.image]\nsignature_policy = "/etc/crio/policy.json"\nshort_name_mode = "disabled"\n',
      '/etc/crio/policy.json': '{"default":[{"type":"insecureAcceptAnything"}]}',
    },
    endpoints: ['u https://evil.io/v2'],
    findings: ['SHORT_NAME_MODE'],
  },
  'policies of namespaces cannot be told': {
    image: 'evil.io/x',
    files: {
      [conf]: remap,
      '/etc/containers/policy.json': '{"default":[{"type":"reject"}]}',
      '/etc/crio/policies/default.json': '{"default":[{"type":"insecureAcceptAnything"}]}',
    },
    endpoints: ['u https://evil.io/v2'],
    outcome: 'refused',
    findings: ['TRUST_NAMESPACES?'],
  },
  'names in capitals, which the library takes': {
    files: { [conf]: remap.replace('"reg.corp', '"reg.corp/a"\nLocation = "evil.io') },
    endpoints: ['s https://reg.corp/v2/a/library/x'],
    findings: ['NAME_CAPITALS?'],
  },
  'files of Podman 6, but for names of images': {
    files: {
      [conf]: remap,
      '/usr/share/containers/registries.conf.d/000-shortnames.conf': '[aliases]\n"x" = "quay.io/x"\n',
      '/usr/share/containers/registries.conf.d/00-vendor.conf': 'unqualified-search-registries = ["docker.io"]\n',
    },
    endpoints: ['s https://reg.corp/v2/docker.io/library/x'],
    findings: ['FILE_OF_NEWER?'],
  },
  'a trust policy that is none': {
    files: { [conf]: remap, '/etc/containers/policy.json': '[]' },
    endpoints: ['s https://reg.corp/v2/docker.io/library/x'],
    findings: ['TRUST_BROKEN?'],
  },
};

describe('CRI-O and Podman', () => {
  for (const [name, each] of Object.entries(cases)) {
    test(name, async () => {
      const { endpoints, outcome = 'asked', findings = [] } = each;
      assert.deepEqual(await tell(each), { endpoints, outcome, findings });
    });
  }
});

test('what the library refuses is refused', () => {
  for (const text of [
    '[[registry]]\n',
    '[[registry]]\nprefix = "a"\n',
    '[[registry]]\nlocation = "https://a"\n',
    '[[registry]]\nprefix = "*.a/b"\nlocation = "c"\n',
    '[[registry]]\nlocation = "a"\npull-from-mirror = "all"\n',
    '[[registry]]\nlocation = "a"\n[[registry.mirror]]\n',
    '[[registry]]\nlocation = "a"\n[[registry.mirror]]\nlocation = "b"\npull-from-mirror = "never"\n',
    '[[registry]]\nlocation = "a"\nmirror-by-digest-only = true\n[[registry.mirror]]\nlocation = "b"\npull-from-mirror = "all"\n',
    '[[registry]]\nlocation = "a"\n[[registry]]\nprefix = "b"\nlocation = "a"\nblocked = true\n',
    '[[registry]]\nlocation = "a"\nblocked = "yes"\n',
    'short-name-mode = "no"\n',
    'unqualified-search-registries = "a"\n',
  ]) {
    assert.ok(parseRegistriesConf(text, conf, false).mistake !== undefined, text);
  }
});

test('a wildcard looks for its domain at the first place alone', () => {
  const tables =
    parseRegistriesConf('[[registry]]\nprefix = "*.io"\nblocked = true\n', conf, false).conf?.registries ?? [];
  assert.equal(findRegistry('a.io/x', tables)?.prefix, '*.io');
  assert.equal(findRegistry('a.ios.io/x', tables), undefined);
  assert.equal(findRegistry('a.com/b.io/x', tables), undefined);
  // Of two prefixes of one length the first in the order of their bytes counts.
  const both = `[[registry]]\nprefix = "x.io"\nlocation = "reg"\n[[registry]]\nprefix = "*.io"\nblocked = true\n`;
  assert.equal(findRegistry('x.io/x', parseRegistriesConf(both, conf, false).conf?.registries ?? [])?.prefix, '*.io');
});

test('a trust policy: the narrowest scope counts', () => {
  const scopes = {
    '': ['reject'],
    'a.io': ['insecureAcceptAnything'],
    'a.io/b': ['reject'],
    '*.corp': ['insecureAcceptAnything'],
  };
  const docker = Object.fromEntries(Object.entries(scopes).map(([scope, [type]]) => [scope, [{ type }]]));
  const { policy } = parseTrustPolicy(
    JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }], transports: { docker } }),
  );
  const judged = ['a.io/x', 'a.io/b/c', 'x.y.corp:5/z', 'b.io/x'].map((image) => policy?.(image));
  assert.deepEqual(judged, ['accepted', 'refused', 'accepted', 'refused']);
});

test('no text makes a reader throw', () => {
  const word = fc.constantFrom(
    '[[registry]]',
    'prefix',
    'location',
    '=',
    '"*.a"',
    '"a/b"',
    '\n',
    '[[registry.mirror]]',
    'blocked',
    'true',
    '{',
    '"default"',
    ':',
    '[',
    ']',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ maxLength: 60 }),
        fc.array(word, { maxLength: 24 }).map((words) => words.join(' ')),
      ),
      (text) => {
        parseRegistriesConf(text, conf, true);
        parseTrustPolicy(text).policy?.('a.io/x');
      },
    ),
    { numRuns: 300 },
  );
});

test('hosts that are worth a look: prefixes, those of short names, and that of the pause image', async () => {
  const files = {
    [conf]: `unqualified-search-registries = ["search.corp"]\n${remap}`,
    [dropIn('000-shortnames.conf')]: '[aliases]\n"x" = "alias.corp/y/x"\n"z" = ""\n',
    '/etc/crio/crio.conf': '[crio.image]\npause_image = "pause.corp/pause:3"\n',
  };
  const reading = await crio.read(filesInMemory(new Map(Object.entries(files))));
  assert.deepEqual(reading?.named, ['docker.io', 'search.corp', 'alias.corp', 'pause.corp']);
});
