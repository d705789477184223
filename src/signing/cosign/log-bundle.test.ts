import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatLogBundle, parseLogBundle, parseTimestampAnnotation } from './log-bundle.ts';

const body = { apiVersion: '0.0.1', kind: 'hashedrekord', spec: {} };
const payload = {
  body: Buffer.from(JSON.stringify(body)).toString('base64'),
  integratedTime: 1_700_000_000,
  logIndex: 0,
  logID: 'ab'.repeat(32),
};
const bundle = { SignedEntryTimestamp: 'AAEC', Payload: payload };

test('parseLogBundle() reads what cosign writes, and formatLogBundle() writes it again', () => {
  const text = JSON.stringify(bundle);
  const entry = parseLogBundle(text);
  assert.deepEqual(entry, {
    logIndex: 0n,
    logId: Buffer.alloc(32, 0xab),
    kind: 'hashedrekord',
    version: '0.0.1',
    integratedTime: 1_700_000_000n,
    promise: Buffer.from([0, 1, 2]),
    body: Buffer.from(JSON.stringify(body)),
  });
  assert.equal(formatLogBundle(entry), text);
  const { promise: _promise, ...unpromised } = entry;
  assert.throws(() => formatLogBundle(unpromised), { name: 'CodecError', code: 'MALFORMED' });
});

test('parseLogBundle() refuses what another reader may read otherwise', async (t) => {
  const withPayload = (change: object): string => JSON.stringify({ ...bundle, Payload: { ...payload, ...change } });
  const withBody = (text: string): string => withPayload({ body: Buffer.from(text).toString('base64') });
  for (const [title, text] of [
    ['no JSON', 'x'],
    ['a list', '[]'],
    ['no payload', JSON.stringify({ SignedEntryTimestamp: 'AAEC' })],
    ['names in other letters', JSON.stringify({ signedEntryTimestamp: 'AAEC', payload })],
    [
      'a name twice',
      `{"SignedEntryTimestamp":"AAEC","SignedEntryTimestamp":"AAEC","Payload":${JSON.stringify(payload)}}`,
    ],
    ['no promise', JSON.stringify({ ...bundle, SignedEntryTimestamp: '' })],
    ['a promise that is not base64', JSON.stringify({ ...bundle, SignedEntryTimestamp: 'A-_=' })],
    ['a negative index', withPayload({ logIndex: -1 })],
    ['a broken index', withPayload({ logIndex: 1.5 })],
    ['an index as text', withPayload({ logIndex: '1' })],
    ['an index beyond exact numbers', withPayload({ logIndex: 2 ** 53 })],
    ['a negative time', withPayload({ integratedTime: -1 })],
    ['no time', withPayload({ integratedTime: undefined })],
    ['a log id that is too short', withPayload({ logID: 'ab' })],
    ['a log id in capitals', withPayload({ logID: 'AB'.repeat(32) })],
    ['a body that is not base64', withPayload({ body: '!' })],
    ['a body that is no JSON', withBody('x')],
    ['a body that names no kind', withBody('{"apiVersion":"0.0.1"}')],
    ['a body that names its kind twice', withBody('{"kind":"a","kind":"b","apiVersion":"0.0.1"}')],
    ['a body that nests without end', withBody('['.repeat(100_000))],
  ] as const) {
    await t.test(title, () => {
      assert.throws(() => parseLogBundle(text), { name: 'CodecError' });
    });
  }
});

test('parseTimestampAnnotation() reads what cosign writes', () => {
  assert.deepEqual(parseTimestampAnnotation('{"SignedRFC3161Timestamp":"AAEC"}'), Buffer.from([0, 1, 2]));
  for (const text of ['', '{}', '{"SignedRFC3161Timestamp":""}', '{"SignedRFC3161Timestamp":1}', '"AAEC"']) {
    assert.throws(() => parseTimestampAnnotation(text), { name: 'CodecError' }, text);
  }
});
