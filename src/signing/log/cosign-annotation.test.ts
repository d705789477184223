import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import { canonical } from '../../../testing/signing/log-bodies.ts';
import { MemoryLog } from '../../../testing/signing/memory-log.ts';
import { decodeCosignAnnotation, encodeCosignAnnotation, type PromisedLogEntry } from './cosign-annotation.ts';

const { proof: _proof, ...rest } = new MemoryLog().append(canonical('hashedrekord', '0.0.1', {}));
const entry: PromisedLogEntry = { ...rest, promise: rest.promise ?? assert.fail() };

test('decodeCosignAnnotation() reads what encodeCosignAnnotation() writes', () => {
  const text = encodeCosignAnnotation(entry);
  assert.deepEqual(decodeCosignAnnotation(text), entry);
  assert.match(
    text,
    /^\{"SignedEntryTimestamp":"[^"]+","Payload":\{"body":"[^"]+","integratedTime":\d+,"logIndex":\d+,"logID":"[0-9a-f]{64}"\}\}$/,
  );
});

test('decodeCosignAnnotation() refuses what is no such annotation', () => {
  const document = JSON.parse(encodeCosignAnnotation(entry)) as { readonly Payload: object };
  for (const change of [
    { SignedEntryTimestamp: '' },
    { SignedEntryTimestamp: undefined },
    { Payload: undefined },
    { Payload: { ...document.Payload, body: {} } },
    { Payload: { ...document.Payload, body: 'bm8ganNvbg==' } },
    { Payload: { ...document.Payload, integratedTime: '1' } },
    { Payload: { ...document.Payload, logIndex: 1.5 } },
    { Payload: { ...document.Payload, logIndex: 2 ** 60 } },
    { Payload: { ...document.Payload, logID: 'xyz' } },
    { Payload: { ...document.Payload, logID: '' } },
  ]) {
    const text = JSON.stringify({ ...document, ...change });
    assert.throws(() => decodeCosignAnnotation(text), { code: 'MALFORMED' }, text.slice(0, 200));
  }
  const twice = encodeCosignAnnotation(entry).replace('"Payload":', '"Payload":{},"Payload":');
  assert.throws(() => decodeCosignAnnotation(twice), { code: 'MALFORMED' });
});

test('decodeCosignAnnotation() survives hostile annotations', () => {
  assertSurvives(
    [encodeCosignAnnotation(entry)],
    (bytes) => decodeCosignAnnotation(bytes.toString()),
    encodeCosignAnnotation,
  );
});
