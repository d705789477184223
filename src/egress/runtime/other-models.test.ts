import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { filesInMemory } from '../node/node-files.ts';
import { buildkit } from './buildkit/model.ts';
import { docker } from './docker/model.ts';
import type { RuntimeModel } from './runtime.ts';
import { talos, talosFile } from './talos/model.ts';

interface Case {
  readonly text: string;
  readonly image?: string;
  readonly endpoints: readonly string[];
  readonly findings: readonly string[];
}

const hub = 'https://registry-1.docker.io/v2';

function table(model: RuntimeModel, path: string, cases: Readonly<Record<string, Case>>): void {
  describe(model.name, () => {
    for (const [name, { text, image = 'docker.io/library/x', endpoints, findings }] of Object.entries(cases)) {
      test(name, async () => {
        const reading = await model.read(filesInMemory(new Map([[path, text]])));
        assert.ok(reading !== undefined);
        const route = await reading.resolve(image);
        assert.deepEqual(
          route.endpoints.map(({ url, unverified }) => url + (unverified ? ' loose' : '')),
          endpoints,
        );
        const codes = [...reading.findings, ...route.findings].map(
          ({ code, level }) => `${code}${level === 'way-out' ? '!' : level === 'unknown' ? '?' : ''}`,
        );
        assert.deepEqual(codes, findings);
      });
    }
    test('absent', async () => assert.equal(await model.read(filesInMemory(new Map())), undefined));
    test('no text makes it throw', async () => {
      await fc.assert(
        fc.asyncProperty(fc.oneof(fc.json({ maxDepth: 3 }), fc.string({ maxLength: 60 })), async (text) => {
          const reading = await model.read(filesInMemory(new Map([[path, text]])));
          await reading?.resolve('docker.io');
        }),
        { numRuns: 150 },
      );
    });
  });
}

table(docker, '/etc/docker/daemon.json', {
  'mirrors are for Docker Hub, and fall back': {
    text: '{"registry-mirrors":["https://reg.corp/","http://b:1"],"insecure-registries":["reg.corp"]}',
    endpoints: ['https://reg.corp/v2 loose', 'http://b:1/v2 loose', hub],
    findings: ['FALLS_BACK!'],
  },
  'other hosts have none': {
    text: '{"registry-mirrors":["https://reg.corp"]}',
    image: 'ghcr.io/x',
    endpoints: ['https://ghcr.io/v2'],
    findings: ['FALLS_BACK!'],
  },
  'no JSON': { text: '{', endpoints: [], findings: ['CONFIG_BROKEN?'] },
  empty: { text: '\n', endpoints: [hub], findings: ['FALLS_BACK!'] },
});

table(buildkit, '/etc/buildkit/buildkitd.toml', {
  'mirrors with a path, then the registry itself': {
    text: '[registry."docker.io"]\nmirrors = ["reg.corp/docker.io", "b:1"]\n[registry."b:1"]\nhttp = true\n',
    endpoints: ['https://reg.corp/v2/docker.io', 'http://b:1/v2 loose', hub],
    findings: ['FALLS_BACK!'],
  },
  'a host that is not named': { text: '[registry."a"]\n', endpoints: [hub], findings: ['FALLS_BACK!'] },
  'no TOML': { text: '[', endpoints: [], findings: ['CONFIG_BROKEN?'] },
});

const mirror = (name: string, rest: string): string =>
  `---\napiVersion: v1alpha1\nkind: RegistryMirrorConfig\nname: '${name}'\nendpoints:\n  - url: https://reg.corp\n${rest}`;

table(talos, talosFile, {
  'no fallback': { text: mirror('*', 'skipFallback: true\n'), endpoints: ['https://reg.corp/v2'], findings: [] },
  'with fallback': { text: mirror('*', ''), endpoints: ['https://reg.corp/v2', hub], findings: ['FALLBACK!'] },
  overridePath: {
    text: `${mirror('*', 'skipFallback: true\n').replace('https://reg.corp', 'https://reg.corp/v2/hub')}    overridePath: true\n`.replace(
      'skipFallback: true\n    overridePath: true\n',
      '    overridePath: true\nskipFallback: true\n',
    ),
    endpoints: ['https://reg.corp/v2/hub'],
    findings: [],
  },
  'the host before the wildcard, in any document': {
    text: `machine:\n  type: worker\n${mirror('*', 'skipFallback: true\n')}${mirror('docker.io', 'skipFallback: true\n').replace('reg.corp', 'own')}`,
    endpoints: ['https://own/v2'],
    findings: [],
  },
  'the older form': {
    text: "machine:\n  registries:\n    mirrors:\n      '*':\n        endpoints: [https://reg.corp/x]\n        overridePath: true\n        skipFallback: true\n",
    endpoints: ['https://reg.corp/x'],
    findings: [],
  },
  'no endpoints: the upstream': {
    text: "---\nkind: RegistryMirrorConfig\nname: '*'\nskipFallback: true\n",
    endpoints: [hub],
    findings: ['FALLBACK!'],
  },
  'no wildcard': {
    text: mirror('docker.io', 'skipFallback: true\n'),
    endpoints: ['https://reg.corp/v2'],
    findings: ['WILDCARD_MISSING!'],
  },
  'no YAML': { text: 'a: [', endpoints: [], findings: ['CONFIG_BROKEN?'] },
});
