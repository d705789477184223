import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TransparencyLogEntry } from '@sigstore/protobuf-specs';
import fc from 'fast-check';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import { canonical } from '../../../testing/signing/log-bodies.ts';
import { MemoryLog } from '../../../testing/signing/memory-log.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import type { LogEntry } from '../entity.ts';
import { decodeLogEntry, encodeLogEntry } from './encode-entry.ts';

const first = new MemoryLog().append(canonical('a', '0.0.1', {}));
const tiled = new MemoryLog({ generation: 2 }).append(canonical('b', '0.0.2', {}));

test('decodeLogEntry() reads what encodeLogEntry() writes', () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((some) => Buffer.from(some));
  const number = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
  const text = fc.string({ minLength: 1 });
  const proof = fc.record(
    { logIndex: number, treeSize: number, rootHash: bytes, hashes: fc.array(bytes), checkpoint: text },
    { requiredKeys: ['logIndex', 'treeSize', 'rootHash', 'hashes'], noNullPrototype: true },
  );
  const shape = { logIndex: number, logId: bytes, kind: text, version: text, integratedTime: number, body: bytes };
  const entries: fc.Arbitrary<LogEntry> = fc.record(
    { ...shape, promise: bytes, proof },
    { requiredKeys: ['logIndex', 'logId', 'kind', 'version', 'integratedTime', 'body'], noNullPrototype: true },
  );
  fc.assert(
    fc.property(entries, (entry) => {
      assert.deepEqual(decodeLogEntry(JSON.parse(JSON.stringify(encodeLogEntry(entry)))), entry);
    }),
  );
});

test("encodeLogEntry() writes protobuf's JSON", () => {
  for (const entry of [first, tiled]) {
    const json = encodeLogEntry(entry);
    assert.deepEqual(TransparencyLogEntry.toJSON(TransparencyLogEntry.fromJSON(json)), json);
    assert.deepEqual(Object.keys(json).includes('inclusionPromise'), entry === first);
  }
  // What is zero or empty is left out: the first entry of a tiled log has index 0 and no hashes.
  assert.equal('logIndex' in encodeLogEntry(tiled), false);
  assert.equal('hashes' in (encodeLogEntry(tiled)['inclusionProof'] as object), false);
});

test('decodeLogEntry() reads the ways in which protobuf lets integers and absence be written', () => {
  const json = encodeLogEntry(first);
  assert.equal(decodeLogEntry({ ...json, logIndex: 7 }).logIndex, 7n);
  assert.equal(decodeLogEntry({ ...json, logIndex: '-1' }).logIndex, -1n);
  assert.equal(decodeLogEntry({ ...json, logIndex: null, integratedTime: '0' }).logIndex, 0n);
  const bare = decodeLogEntry({ ...json, inclusionPromise: null, inclusionProof: null });
  assert.deepEqual([bare.promise, bare.proof], [undefined, undefined]);
});

test('decodeLogEntry() refuses what is no entry', () => {
  const json = encodeLogEntry(first);
  const proof = json['inclusionProof'] as object;
  for (const [change, code] of [
    ...[
      '1.5',
      '1e3',
      ' 1',
      '+1',
      '01',
      '-0',
      '',
      '9223372036854775808',
      '99999999999999999999',
      true,
      1.5,
      2 ** 60,
      [],
    ].map((logIndex) => [{ logIndex }, 'MALFORMED'] as const),
    [{ logId: undefined }, 'MALFORMED'],
    [{ logId: { keyId: '' } }, 'MALFORMED'],
    [{ logId: { keyId: 'not base64' } }, 'MALFORMED'],
    [{ kindVersion: null }, 'MALFORMED'],
    [{ kindVersion: { kind: 1, version: '0.0.1' } }, 'MALFORMED'],
    [{ canonicalizedBody: undefined }, 'MALFORMED'],
    [{ inclusionPromise: {} }, 'MALFORMED'],
    [{ inclusionPromise: [] }, 'MALFORMED'],
    [{ inclusionProof: { ...proof, hashes: 'AAAA' } }, 'MALFORMED'],
    [{ inclusionProof: { ...proof, hashes: [1] } }, 'MALFORMED'],
    [{ inclusionProof: { ...proof, rootHash: undefined } }, 'MALFORMED'],
    [{ inclusionProof: { ...proof, checkpoint: 'text' } }, 'MALFORMED'],
    [{ inclusionProof: { ...proof, hashes: Array(65).fill('AAAA') } }, 'LIMIT_EXCEEDED'],
  ] as const) {
    assert.throws(() => decodeLogEntry({ ...json, ...change }), { code }, JSON.stringify(change).slice(0, 100));
  }
  for (const value of [undefined, null, [], 'x', 1]) assert.throws(() => decodeLogEntry(value), { code: 'MALFORMED' });
});

test('decodeLogEntry() survives hostile entries', () => {
  const seeds = [first, tiled].map((entry) => JSON.stringify(encodeLogEntry(entry)));
  assertSurvives(seeds, (bytes) => decodeLogEntry(parseStrictJson(bytes)), encodeLogEntry);
});
