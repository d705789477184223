import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { startTestSigstore } from '../../../testing/sigstore.ts';
import { testHost, testSettings } from '../../../testing/test-host.ts';
import { openNetwork } from '../../net/open-network.ts';
import type { Settings } from '../config/settings.ts';
import { servicesOf } from './services.ts';
import { trustOf } from './trust.ts';

const sigstore = await startTestSigstore();
const network = openNetwork();
const folder = temporaryDirectory();
after(async () => {
  await network[Symbol.asyncDispose]();
  await sigstore[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});
const host = testHost({ cwd: folder.path });
const here = { cacheDir: join(folder.path, 'cache'), tufMirror: sigstore.tufUrl, tufRoot: 'root.json' };
writeFileSync(join(folder.path, 'root.json'), sigstore.tufRoot);
writeFileSync(join(folder.path, 'trusted.json'), JSON.stringify(sigstore.trustedRoot));
writeFileSync(
  join(folder.path, 'config.json'),
  JSON.stringify(sigstore.signingConfig({ rekor: [2], timestamps: true })),
);
const { signal } = host;

function chosen(settings: Partial<Settings>, keyless: boolean): ReturnType<typeof servicesOf> {
  return servicesOf(testSettings(settings), host, network, keyless, signal);
}

test('servicesOf() takes what the user names and asks nobody then', async () => {
  const nowhere = { tufMirror: 'http://127.0.0.1:9', tufRoot: 'root.json', cacheDir: join(folder.path, 'none') };
  const none = await chosen({ ...nowhere, tlogUpload: false }, false);
  assert.deepEqual([none.logs, none.timestampAuthorities, none.fulcioUrl], [[], [], undefined]);
  const named = { fulcioUrl: 'http://f', rekorUrl: 'http://r', oidcIssuer: 'http://o', timestampServerUrl: 'http://t' };
  const { logs, timestampAuthorities, fulcioUrl, issuerUrl } = await chosen({ ...nowhere, ...named }, true);
  assert.deepEqual(logs, [{ url: 'http://r', version: 1 }]);
  assert.deepEqual([timestampAuthorities, fulcioUrl, issuerUrl], [['http://t'], 'http://f', 'http://o']);
});

test('servicesOf() takes the config of the repository, or that of the user', async () => {
  const found = await chosen(here, true);
  assert.deepEqual(found.logs, [{ url: sigstore.url, version: 1 }]);
  assert.deepEqual([found.fulcioUrl, found.timestampAuthorities], [sigstore.url, []]);
  const named = await chosen({ ...here, signingConfig: 'config.json' }, false);
  assert.deepEqual(named.logs, [{ url: sigstore.url, version: 2 }]);
  assert.deepEqual(named.timestampAuthorities, [sigstore.tsaUrl]);
  assert.equal(named.fulcioUrl, undefined);
  assert.deepEqual((await chosen({ ...here, tlogUpload: false }, true)).logs, []);
});

test('servicesOf() refuses two answers to one question, and none', async () => {
  for (const settings of [
    { ...here, signingConfig: 'config.json', rekorUrl: 'http://r' },
    { ...here, signingConfig: 'absent.json' },
    { ...here, useSigningConfig: false },
  ]) {
    await assert.rejects(chosen(settings, false), { code: 'SETTING_INVALID' });
  }
  await assert.rejects(chosen({ ...here, signingConfig: 'root.json' }, false), { code: 'SIGNING_CONFIG_INVALID' });
});

test('trustOf() takes the file of the user, else the repository, and nobody where nobody is needed', async () => {
  const silent = { tufMirror: 'http://127.0.0.1:9', tufRoot: 'root.json', cacheDir: join(folder.path, 'none') };
  const trust = (settings: Partial<Settings>, needed: boolean): ReturnType<typeof trustOf> =>
    trustOf(testSettings(settings), host, network, needed, signal);
  assert.equal((await trust({ ...silent, trustedRoot: 'trusted.json' }, true)).logs.length, 2);
  assert.deepEqual(await trust(silent, false), { authorities: [], timestampAuthorities: [], logs: [], ctLogs: [] });
  assert.equal((await trust(here, true)).logs.length, 2);
  assert.equal((await trust({ ...here, offline: true }, true)).logs.length, 2);
  await assert.rejects(trust({ ...silent, offline: true }, true), { code: 'TRUSTED_ROOT_UNAVAILABLE' });
  await assert.rejects(trust({ ...silent, trustedRoot: 'root.json' }, true), { code: 'TRUSTED_ROOT_INVALID' });
  const { tufRoot: _tufRoot, ...unanchored } = { ...here, cacheDir: join(folder.path, 'none') };
  await assert.rejects(trust(unanchored, true), { code: 'TRUSTED_ROOT_UNAVAILABLE' });
});
