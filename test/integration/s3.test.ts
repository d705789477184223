import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { needsProgram } from '../../testing/registry/find-program.ts';
import { append, assertBytes, collect, digestOf, newUpload, someBytes } from '../../testing/store/blob-data.ts';
import { testBlobStore } from '../../testing/store/blob-store-contract.ts';
import { makeS3Place } from '../../testing/store/s3-place.ts';
import { startVersitygw, type Versitygw } from '../../testing/store/versitygw.ts';
import { openS3BlobStore } from '../../src/store/blob/s3/open.ts';

const { skip } = needsProgram('versitygw');

let started: Promise<Versitygw> | undefined;

/** One store serves all cases, each under a prefix of its own. */
function gateway(): Promise<Versitygw> {
  started ??= startVersitygw();
  return started;
}

after(async () => {
  await (await started)?.[Symbol.asyncDispose]();
});

testBlobStore('versitygw', async () => makeS3Place((await gateway()).bucket), { skip });

test('versitygw takes a blob of many parts, and an address that was signed beforehand', { skip }, async () => {
  const { bucket } = await gateway();
  await using store = await openS3BlobStore({ ...bucket, prefix: 'signed/' });
  const bytes = someBytes(41_000_000);
  const upload = await append(store, newUpload('many-parts'), bytes);
  await store.commit(upload, digestOf(bytes));
  const url = (await store.redirectUrl?.(digestOf(bytes), 60)) ?? '';
  const response = await bucket.network.request({ url });
  assert.equal(response.status, 200);
  assertBytes(await collect(response.body), bytes);
  const changed = await bucket.network.request({ url: url.replace('Expires=60', 'Expires=61') });
  assert.equal(changed.status, 403);
  changed.discard();
});

test('versitygw refuses wrong credentials', { skip }, async () => {
  const { bucket } = await gateway();
  for (const wrong of [{ secretAccessKey: 'another' }, { accessKeyId: 'ANOTHER' }]) {
    const credentials = { ...bucket.credentials, ...wrong };
    await assert.rejects(openS3BlobStore({ ...bucket, credentials }), { code: 'STORE_UNAVAILABLE' });
  }
  const nowhere = openS3BlobStore({ ...bucket, bucket: 'not-this-one' });
  await assert.rejects(nowhere, { code: 'STORE_SETTING_INVALID' });
});
