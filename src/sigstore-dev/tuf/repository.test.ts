import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Updater } from 'tuf-js';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { startTestSigstore } from '../../../testing/sigstore.ts';
import type { Sigstore } from '../sigstore.ts';

/** Fetches a target with a real client that knows nothing but the first root. */
async function fetchTarget(sigstore: Sigstore, folder: string, name: string): Promise<Buffer> {
  for (const part of ['metadata', 'targets']) mkdirSync(join(folder, part), { recursive: true });
  writeFileSync(join(folder, 'metadata', 'root.json'), sigstore.tufRoot);
  const updater = new Updater({
    metadataBaseUrl: sigstore.tufUrl,
    targetBaseUrl: `${sigstore.tufUrl}/targets`,
    metadataDir: join(folder, 'metadata'),
    targetDir: join(folder, 'targets'),
    config: { fetchRetry: 0 },
  });
  await updater.refresh();
  const info = await updater.getTargetInfo(name);
  assert.ok(info, `there is no ${name}`);
  return readFileSync(await updater.downloadTarget(info));
}

test('a client of TUF gets every target from the first root alone', async () => {
  await using sigstore = await startTestSigstore();
  using folder = temporaryDirectory();
  const read = async (name: string): Promise<unknown> =>
    JSON.parse((await fetchTarget(sigstore, folder.path, name)).toString());
  assert.deepEqual(await read('trusted_root.json'), sigstore.trustedRoot);
  const usual = sigstore.signingConfig({ rekor: [1], timestamps: false });
  assert.deepEqual(await read('signing_config.v0.2.json'), usual);
  const tiles = sigstore.signingConfig({ rekor: [2], timestamps: true });
  assert.deepEqual(await read('signing_config_rekor_v2.v0.2.json'), tiles);
  for (const name of [
    'fulcio_v1.crt.pem',
    'fulcio_intermediate_v1.crt.pem',
    'rekor.pub',
    'ctfe.pub',
    'tsa.certchain.pem',
  ]) {
    assert.match(
      (await fetchTarget(sigstore, folder.path, name)).toString(),
      /^-----BEGIN (?:CERTIFICATE|PUBLIC KEY)-----\n/,
    );
  }
});

test('what is published anew is found by a client that was there before', async () => {
  await using sigstore = await startTestSigstore();
  using folder = temporaryDirectory();
  await fetchTarget(sigstore, folder.path, 'trusted_root.json');
  sigstore.publish([{ name: 'note.txt', bytes: Buffer.from('first') }]);
  assert.equal((await fetchTarget(sigstore, folder.path, 'note.txt')).toString(), 'first');
  sigstore.publish([{ name: 'note.txt', bytes: Buffer.from('second') }]);
  assert.equal((await fetchTarget(sigstore, folder.path, 'note.txt')).toString(), 'second');
});

test('a client notices what is wrong', async () => {
  await using sigstore = await startTestSigstore();
  for (const what of ['tuf.expired-timestamp', 'tuf.wrong-signature', 'tuf.wrong-target'] as const) {
    using folder = temporaryDirectory();
    sigstore.faults.clear();
    sigstore.faults.add({ kind: 'spoil', what });
    await assert.rejects(fetchTarget(sigstore, folder.path, 'trusted_root.json'), Error, what);
  }
  await using other = await startTestSigstore();
  using folder = temporaryDirectory();
  sigstore.faults.clear();
  await assert.rejects(fetchTarget({ ...sigstore, tufRoot: other.tufRoot }, folder.path, 'trusted_root.json'));
});

test('files that are not there are not found', async () => {
  await using sigstore = await startTestSigstore();
  for (const path of [
    '2.root.json',
    'snapshot.json',
    '1.targets.json',
    `targets/${'0'.repeat(64)}.rekor.pub`,
    'targets/rekor.pub',
  ]) {
    assert.equal((await fetch(`${sigstore.tufUrl}/${path}`)).status, 404, path);
  }
  assert.equal((await fetch(`${sigstore.tufUrl}/1.root.json`)).status, 200);
});
