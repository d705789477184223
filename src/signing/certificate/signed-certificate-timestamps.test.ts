import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import { makeCertificate, makeExtension, testTime } from '../../../testing/signing/certificate-maker.ts';
import { makeCtLog } from '../../../testing/signing/ct-log.ts';
import { CodecError } from '../../codec/error.ts';
import { derValue } from '../../codec/der/write.ts';
import { derTag } from '../../codec/der/tag.ts';
import type { Certificate } from './certificate.ts';
import { certificateLimits } from './limits.ts';
import { parseDetachedTimestamp, readCertificateTimestamps } from './signed-certificate-timestamps.ts';

const log = makeCtLog('log', { extensions: Buffer.from('leaf index') });
const one = log.signCertificate(Buffer.from('certificate'));

function vector(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}

function withList(list: Buffer): Certificate {
  const value = derValue(derTag.octetString, list);
  return makeCertificate({ extensions: [makeExtension('1.3.6.1.4.1.11129.2.4.2', false, value)] }).parsed;
}

test('readCertificateTimestamps() reads a list, with extensions', () => {
  const two = makeCtLog('rsa', { keyType: 'rsa' }).signCertificate(Buffer.from('certificate'));
  const [first, second, ...none] = readCertificateTimestamps(
    withList(vector(Buffer.concat([vector(one), vector(two)]))),
  );
  assert.deepEqual(none, []);
  assert.deepEqual(first?.logId, createHash('sha256').update(log.instance.key.spki).digest());
  assert.deepEqual(first?.time, testTime);
  assert.equal(first?.timestamp, BigInt(testTime.getTime()));
  assert.deepEqual(first?.extensions, Buffer.from('leaf index'));
  assert.equal(first?.algorithm, 'ecdsa');
  assert.equal(second?.algorithm, 'rsa');
  assert.deepEqual(readCertificateTimestamps(withList(vector(Buffer.alloc(0)))), []);
  assert.deepEqual(readCertificateTimestamps(makeCertificate({}).parsed), []);
});

test('readCertificateTimestamps() refuses what RFC 6962 does not know', () => {
  for (const list of [
    Buffer.alloc(0),
    Buffer.from([0]),
    Buffer.concat([vector(vector(one)), Buffer.alloc(1)]),
    vector(Buffer.concat([vector(one), Buffer.alloc(1)])),
    vector(vector(Buffer.concat([one, Buffer.alloc(1)]))),
    vector(vector(one.subarray(0, -1))),
    vector(vector(makeCtLog('v2', { version: 1 }).signCertificate(Buffer.alloc(1)))),
    vector(vector(makeCtLog('sha1', { algorithm: [2, 3] }).signCertificate(Buffer.alloc(1)))),
    vector(vector(makeCtLog('dsa', { algorithm: [4, 2] }).signCertificate(Buffer.alloc(1)))),
    vector(vector(Buffer.concat([one.subarray(0, 33), Buffer.alloc(8, 0xff), one.subarray(41)]))),
  ]) {
    assert.throws(() => readCertificateTimestamps(withList(list)), CodecError, list.toString('hex').slice(0, 40));
  }
  const many = Array.from({ length: certificateLimits.certificateTimestamps + 1 }, () => vector(one));
  assert.throws(() => readCertificateTimestamps(withList(vector(Buffer.concat(many)))), { code: 'LIMIT_EXCEEDED' });
});

test("parseDetachedTimestamp() reads TLS's form and the JSON of logs", () => {
  const read = parseDetachedTimestamp(one);
  const json = {
    sct_version: 0,
    id: read.logId.toString('base64'),
    timestamp: testTime.getTime(),
    extensions: read.extensions.toString('base64'),
    signature: Buffer.concat([Buffer.from([4, 3]), vector(read.signature)]).toString('base64'),
  };
  assert.deepEqual(parseDetachedTimestamp(Buffer.from(JSON.stringify(json))), read);
  for (const wrong of [
    { sct_version: 1 },
    { id: 'AAAA' },
    { id: 1 },
    { timestamp: '1' },
    { timestamp: -1 },
    { timestamp: 1.5 },
    { timestamp: Number.MAX_SAFE_INTEGER },
    { extensions: 'x' },
    { signature: '' },
  ]) {
    assert.throws(
      () => parseDetachedTimestamp(Buffer.from(JSON.stringify({ ...json, ...wrong }))),
      CodecError,
      JSON.stringify(wrong),
    );
  }
  assert.throws(() => parseDetachedTimestamp(Buffer.alloc(certificateLimits.bytes + 1)), { code: 'LIMIT_EXCEEDED' });
  assertSurvives([one, JSON.stringify(json)], parseDetachedTimestamp);
});
