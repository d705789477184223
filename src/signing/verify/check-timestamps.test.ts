import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeAuthority, testTime } from '../../../testing/signing/certificate-maker.ts';
import { makeTimestamp, makeTimestampSigner } from '../../../testing/signing/timestamp-maker.ts';
import { KnownSignatures } from '../certificate/known-signatures.ts';
import { signingLimits } from '../limits.ts';
import type { Authority } from '../trust/trust-material.ts';
import { checkTimestamps } from './check-timestamps.ts';

const message = Buffer.from('signature');

function makeService(uri: string): { readonly authority: Authority; stamp(time?: Date): Buffer } {
  const root = makeAuthority(uri);
  const signer = makeTimestampSigner(root);
  return {
    authority: { uri, certificates: [signer.parsed, root.parsed], window: { start: new Date(0) } },
    stamp: (time = testTime) => makeTimestamp({ signer, message, time }),
  };
}

const [one, two] = [makeService('https://one.example'), makeService('https://two.example')];
const authorities = [one.authority, two.authority];

test('checkTimestamps() gives every time and who vouches for it', () => {
  const later = new Date(testTime.getTime() + 1500);
  const found = checkTimestamps({
    timestamps: [one.stamp(), two.stamp(later), one.stamp(later)],
    messages: [message],
    authorities,
  });
  assert.deepEqual(
    found.map(({ time, authority }) => [time, authority]),
    [
      [testTime, 'https://one.example'],
      [later, 'https://two.example'],
      [later, 'https://one.example'],
    ],
  );
  assert.deepEqual(checkTimestamps({ timestamps: [], messages: [message], authorities }), []);
  const known = new KnownSignatures();
  checkTimestamps({ timestamps: [one.stamp()], messages: [message], authorities, known });
  const [own, root] = one.authority.certificates;
  assert.ok(own !== undefined && root !== undefined && known.has(own, root));
});

test('checkTimestamps() fails when one timestamp fails', () => {
  const timestamps = [one.stamp(), makeService('https://stranger.example').stamp()];
  assert.throws(() => checkTimestamps({ timestamps, messages: [message], authorities }), {
    code: 'TIMESTAMP_UNTRUSTED',
  });
  assert.throws(() => checkTimestamps({ timestamps: [one.stamp()], messages: [Buffer.from('other')], authorities }), {
    code: 'TIMESTAMP_WRONG',
  });
});

test('checkTimestamps() counts an authority once', () => {
  // CVE-2026-49834.
  const later = new Date(testTime.getTime() + 1000);
  assert.equal(
    checkTimestamps({ timestamps: [one.stamp(), two.stamp()], messages: [message], authorities, threshold: 2 }).length,
    2,
  );
  for (const timestamps of [[one.stamp()], [one.stamp(), one.stamp()], [one.stamp(), one.stamp(later)]]) {
    assert.throws(() => checkTimestamps({ timestamps, messages: [message], authorities, threshold: 2 }), {
      code: 'TIME_MISSING',
      facts: { check: 'timestamp', found: '1', wanted: 'at least 2' },
    });
  }
  assert.throws(() => checkTimestamps({ timestamps: [], messages: [message], authorities, threshold: 1 }), {
    code: 'TIME_MISSING',
  });
});

test('checkTimestamps() takes no more than a bundle may have', () => {
  const timestamps = Array.from({ length: signingLimits.timestamps + 1 }, () => Buffer.alloc(1));
  assert.throws(() => checkTimestamps({ timestamps, messages: [message], authorities }), {
    code: 'SIGNATURE_TOO_LARGE',
  });
});
