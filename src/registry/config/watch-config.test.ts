import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { manualClock } from '../../../testing/manual-clock.ts';
import { configOf, configSurroundings } from '../../../testing/registry-config.ts';
import type { RegistryConfig } from './model.ts';
import { sectionNames } from './names.ts';
import { readConfig } from './read-config.ts';
import { applyConfig, type ConfigChange, reloadTable } from './reload.ts';
import { watchConfig } from './watch-config.ts';

test('watchConfig() takes what can change, keeps the rest, and keeps everything where there are mistakes', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'config-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'seaworthy.yaml');
  writeFileSync(file, 'registry: {workers: 2}\n');
  const { reading, fingerprint } = await readConfig(file, configSurroundings);
  assert.ok(reading.config !== undefined);
  const configs: RegistryConfig[] = [];
  const changes: ConfigChange[] = [];
  const mistakes: string[] = [];
  const watch = watchConfig(file, {
    current: reading.config,
    fingerprint,
    surroundings: () => configSurroundings,
    everyMs: 1000,
    clock: manualClock(),
    onConfig: (config, change) => {
      configs.push(config);
      changes.push(change);
    },
    onMistakes: (told) => mistakes.push(...told.map(({ path, sentence }) => `${path} ${sentence}`)),
  });
  await watch.check();
  writeFileSync(file, 'registry: {workers: 2} # only a comment\n');
  await watch.check();
  assert.equal(configs.length, 0);

  writeFileSync(file, 'registry: {workers: 3, delete: {enabled: false}}\n');
  await watch.check();
  assert.deepEqual(changes[0], { live: ['delete'], restart: ['workers'] });
  assert.deepEqual([configs[0]?.delete.enabled, configs[0]?.workers], [false, 2]);

  writeFileSync(file, 'registry: {wrokers: 3}\n');
  await watch.check();
  rmSync(file);
  await watch.check();
  assert.deepEqual(mistakes, ['registry.wrokers is no setting; did you mean workers?', ' There is no such file']);
  assert.equal(configs.length, 1);

  writeFileSync(file, 'registry: {workers: 2, delete: {enabled: false}}\n');
  await watch.check();
  assert.equal(configs.length, 1, 'nothing is different from what is in use');
});

test('applyConfig() judges each setting by the table', async () => {
  const [before, after] = [await configOf(''), await configOf('')];
  assert.deepEqual(applyConfig(before, after).change, { live: [], restart: [] });
  for (const name of sectionNames) {
    if (name === 'tls') continue;
    const changed = { ...after, [name]: 'something else' } as unknown as RegistryConfig;
    const { config, change } = applyConfig(before, changed);
    assert.deepEqual(change, { live: [], restart: [], [reloadTable[name]]: [name] });
    assert.deepEqual(config, reloadTable[name] === 'live' ? changed : before);
  }
});

test('applyConfig() takes other certificates, and does not begin to speak TLS', async () => {
  const plain = await configOf('');
  const tls = { certFile: '/a', keyFile: '/b', reloadMs: 1 };
  const secure = { ...plain, tls };
  assert.deepEqual(applyConfig(plain, secure).change.restart, ['tls']);
  assert.equal(applyConfig(plain, secure).config.tls, undefined);
  assert.deepEqual(applyConfig(secure, plain).config.tls, tls);
  assert.deepEqual(applyConfig(secure, { ...plain, tls: { ...tls, certFile: '/c' } }).change.live, ['tls']);
  assert.deepEqual(applyConfig(secure, { ...plain, tls: { ...tls, clientCaFile: '/c' } }).change.restart, ['tls']);
});

test('readConfig() says what kept it from reading', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'config-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'large'), '#'.repeat(2 ** 20 + 1));
  for (const [name, words] of [
    ['none', /There is no such file/],
    ['', /cannot be read \(EISDIR\)/],
    ['large', /too large/],
  ] as const) {
    const { reading } = await readConfig(join(folder, name), configSurroundings);
    assert.match(reading.mistakes?.[0]?.sentence ?? '', words);
  }
});
