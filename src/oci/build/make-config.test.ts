import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseImageConfig } from '../parse-config.ts';
import { type BaseImage, emptyBase } from './base-image.ts';
import { hasTriggers, makeConfig } from './make-config.ts';
import type { ConfigChanges } from './model.ts';

const platform = { os: 'linux', architecture: 'arm', variant: 'v7' };
const created = '1970-01-01T00:00:00Z';
const diffId = (digit: string) => `sha256:${digit.repeat(64)}` as never;
const unchanged: ConfigChanges = { env: [], labels: {}, exposedPorts: [], volumes: [] };

const base: BaseImage = {
  platform,
  layers: [{ diffId: diffId('a'), descriptor: { mediaType: '', digest: diffId('b'), size: 1 } }],
  config: JSON.parse(`{
    "architecture": "arm", "os": "linux", "author": "them", "created": "2020-01-01T00:00:00Z",
    "container": "c0ffee", "docker_version": "20.10", "container_config": {"Hostname": "x"},
    "config": {
      "Env": ["PATH=/bin", "A=1"], "Entrypoint": ["/old"], "Cmd": ["run"], "User": "nobody", "WorkingDir": "/old",
      "Labels": {"kept": "1", "__proto__": "text"}, "ExposedPorts": {"80/tcp": {}}, "Volumes": {"/data": {}},
      "OnBuild": ["RUN x"], "Healthcheck": {"Test": ["CMD", "x"]}, "Shell": ["/bin/sh"]
    },
    "rootfs": {"type": "layers", "diff_ids": ["sha256:${'a'.repeat(64)}"]},
    "history": [{"created_by": "first"}, {"created_by": "ENV", "empty_layer": true}]
  }`),
};
const layers = [{ diffId: diffId('c'), createdBy: 'ADD /app' }];

function settingsOf(from: BaseImage, changes: Partial<ConfigChanges>): Readonly<Record<string, unknown>> {
  return makeConfig(from, layers, { ...unchanged, ...changes }, created)['config'] as Readonly<Record<string, unknown>>;
}

test('makeConfig() adds layers and history to those of the base, and keeps what engines do not own', () => {
  const config = makeConfig(base, layers, unchanged, created);
  assert.deepEqual(Object.keys(config), [
    'created',
    'author',
    'architecture',
    'os',
    'variant',
    'config',
    'rootfs',
    'history',
  ]);
  assert.deepEqual(config['rootfs'], { type: 'layers', diff_ids: [diffId('a'), diffId('c')] });
  assert.deepEqual(config['history'], [
    { created_by: 'first' },
    { created_by: 'ENV', empty_layer: true },
    { created, created_by: 'ADD /app', comment: 'seaworthy' },
  ]);
  const parsed = parseImageConfig(Buffer.from(JSON.stringify(config)));
  assert.deepEqual(parsed.platform, platform);
  assert.equal(parsed.healthcheck, true);
});

test('makeConfig() inherits as a Dockerfile does', () => {
  assert.deepEqual(settingsOf(base, {})['Entrypoint'], ['/old']);
  assert.deepEqual(settingsOf(base, {})['Cmd'], ['run']);
  assert.equal('OnBuild' in settingsOf(base, {}), false);
  assert.equal(hasTriggers(base), true);
  const replaced = settingsOf(base, { entrypoint: ['/new'] });
  assert.deepEqual([replaced['Entrypoint'], replaced['Cmd']], [['/new'], null]);
  assert.deepEqual(settingsOf(base, { entrypoint: ['/new'], cmd: ['x'] })['Cmd'], ['x']);
  assert.deepEqual(settingsOf(base, { cmd: [] })['Cmd'], []);
  assert.deepEqual(settingsOf(base, { env: ['B=2', 'PATH=/new', 'A='] })['Env'], ['PATH=/new', 'A=', 'B=2']);
  assert.equal(
    JSON.stringify(settingsOf(base, { labels: { z: '2', kept: '3', b: '1' } })['Labels']),
    '{"__proto__":"text","b":"1","kept":"3","z":"2"}',
  );
  assert.deepEqual(settingsOf(base, { exposedPorts: ['443/tcp', '53/udp'] })['ExposedPorts'], {
    '443/tcp': {},
    '53/udp': {},
    '80/tcp': {},
  });
  assert.deepEqual(settingsOf(base, { volumes: ['/cache'] })['Volumes'], { '/cache': {}, '/data': {} });
  const told = settingsOf(base, { user: '1:1', workingDir: '/', stopSignal: 'SIGINT' });
  assert.deepEqual([told['User'], told['WorkingDir'], told['StopSignal']], ['1:1', '/', 'SIGINT']);
});

test('makeConfig() gives an image on nothing the usual PATH and nothing else', () => {
  const usual = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  assert.deepEqual(settingsOf(emptyBase(platform), {}), { Env: [usual] });
  assert.deepEqual(settingsOf(emptyBase(platform), { env: ['PATH=/app'] }), { Env: ['PATH=/app'] });
  assert.deepEqual(settingsOf(emptyBase({ os: 'windows', architecture: 'amd64' }), {}), {});
});
