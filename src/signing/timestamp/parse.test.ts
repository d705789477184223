import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import {
  extension,
  generalName,
  hashAlgorithm,
  makeAuthority,
  makeExtension,
} from '../../../testing/signing/certificate-maker.ts';
import { makeTimestamp, makeTimestampSigner, type TimestampParts } from '../../../testing/signing/timestamp-maker.ts';
import { CodecError, type CodecErrorCode } from '../../codec/error.ts';
import { contextTag, derTag } from '../../codec/der/tag.ts';
import { derBoolean, derContext, derInteger, derOid, derSequence, derValue } from '../../codec/der/write.ts';
import { timestampLimits } from './limits.ts';
import { parseTimestamp, type Timestamp } from './parse.ts';
import { verifyTimestamp } from './verify.ts';

const program = 'openssl';
const signer = makeTimestampSigner(makeAuthority('root'));
const message = Buffer.from('signature');

function parse(parts: Partial<TimestampParts>): Timestamp {
  return parseTimestamp(makeTimestamp({ signer, message, ...parts }));
}

test('parseTimestamp() reads all that an authority says', () => {
  const accuracy = derSequence(
    derInteger(1),
    derValue(contextTag(0, false), Buffer.from([2])),
    derValue(contextTag(1, false), Buffer.from([3, 0xe7])),
  );
  const { info, signed } = parse({
    imprintHash: 'sha512',
    timeText: '20260102030405.123456789012Z',
    more: [accuracy, derBoolean(true), derInteger(2n ** 64n), derContext(0, generalName.directory(signer.name))],
    certificates: [signer.der],
  });
  const { authority, serialNumber, ...rest } = info;
  assert.deepEqual(rest, {
    policy: '1.3.6.1.4.1.57264.2',
    imprint: { algorithm: 'sha512', digest: createHash('sha512').update(message).digest() },
    time: new Date('2026-01-02T03:04:05.123Z'),
    accuracy: { seconds: 1, milliseconds: 2, microseconds: 999 },
    isOrdered: true,
    nonce: 2n ** 64n,
  });
  assert.equal(authority?.value, 'CN=timestamps');
  assert.equal(serialNumber.readUInt16BE(), 4711);
  assert.deepEqual(signed.certificates, [signer.der]);
  assert.deepEqual(signed.signer.id, {
    kind: 'issuer-and-serial',
    issuer: signer.parsed.issuer,
    serialNumber: signer.parsed.serialNumber,
  });
  assert.equal(signed.signer.signedBytes[0], derTag.set);
  const { info: bare } = parse({ isBare: true });
  assert.equal(bare.isOrdered, false);
  assert.deepEqual(parse({ status: 1 }).info.time, bare.time);
  for (const version of [1, 5]) assert.ok(parse({ editSignedData: (all) => all.with(0, derInteger(version)) }));
  // Lists of what was revoked and unsigned attributes are passed over.
  assert.ok(parse({ editSignedData: (all) => [...all.slice(0, 3), derContext(1), ...all.slice(3)] }));
  assert.ok(parse({ editSigner: (all) => [...all, derContext(1)] }));
  const most = derSequence(derInteger(0x7fff_ffff));
  assert.deepEqual(parse({ more: [most] }).info.accuracy, { seconds: 0x7fff_ffff, milliseconds: 0, microseconds: 0 });
  // Kinds of certificates that are not of X.509 are passed over.
  assert.deepEqual(parse({ certificates: [derContext(1), signer.der] }).signed.certificates, [signer.der]);
  assert.deepEqual(
    parse({ more: [derContext(1, makeExtension('1.2.3', false, Buffer.alloc(2)))] }).info.policy,
    rest.policy,
  );
});

test('parseTimestamp() refuses what it does not understand', () => {
  const digest = (length: number): Buffer => derValue(derTag.octetString, Buffer.alloc(length));
  const accuracy = (tag: number, ...bytes: readonly number[]): Buffer => derSequence(derValue(tag, Buffer.from(bytes)));
  const nothing = derValue(derTag.null);
  const empty = derValue(derTag.octetString);
  const cases: readonly (readonly [Partial<TimestampParts>, CodecErrorCode, RegExp])[] = [
    [{ status: 2 }, 'MALFORMED', /without a token/],
    [{ version: 2 }, 'UNSUPPORTED', /version 2/],
    [{ editAnswer: (all) => all.slice(0, 1) }, 'MALFORMED', /without a token/],
    [{ editAnswer: (all) => [...all, nothing] }, 'MALFORMED', /without a token/],
    [{ editSignedData: (all) => all.with(0, derInteger(0)) }, 'MALFORMED', /version 0/],
    [{ editSignedData: (all) => all.with(0, derInteger(6)) }, 'MALFORMED', /version 6/],
    [{ editSignedData: (all) => [...all, nothing] }, 'MALFORMED', /follows the signers/],
    [{ editContent: (all) => [...all, nothing] }, 'MALFORMED', /follows the content/],
    [{ editContent: (all) => all.with(1, derContext(0, empty, empty)) }, 'MALFORMED', /one value/],
    [{ editContent: (all) => all.with(1, derContext(0)) }, 'MALFORMED', /one value/],
    [{ editContent: (all) => all.slice(0, 1) }, 'MALFORMED', /missing/],
    [{ editSigner: (all) => all.with(0, derInteger(3)) }, 'MALFORMED', /signer has the version 3/],
    [
      { signerId: derValue(contextTag(0, false)), editSigner: (all) => all.with(0, derInteger(1)) },
      'MALFORMED',
      /signer has the version 1/,
    ],
    [{ editSigner: (all) => [...all, nothing] }, 'MALFORMED', /follows the signature/],
    [
      { editSigner: (all) => all.with(1, derSequence(signer.name, derInteger(1), nothing)) },
      'MALFORMED',
      /named by too much/,
    ],
    [{ editSigner: (all) => all.toSpliced(3, 1) }, 'MALFORMED', /tag 48 where 160/],
    [
      { editAttributes: (all) => [...all, derSequence(derOid('1.2.3'), derValue(derTag.set), nothing)] },
      'MALFORMED',
      /values of an attr/,
    ],
    [{ more: [accuracy(derTag.integer, 0x80)] }, 'MALFORMED', /accuracy is absurd/],
    [{ contentType: '1.2.840.113549.1.7.1' }, 'MALFORMED', /something else/],
    [
      { imprint: derSequence(hashAlgorithm('1.3.14.3.2.26'), digest(20)) },
      'UNSUPPORTED',
      /1\.3\.14\.3\.2\.26 is not trusted/,
    ],
    [{ imprint: derSequence(hashAlgorithm('sha256'), digest(31)) }, 'MALFORMED', /not a digest/],
    [{ imprint: derSequence(hashAlgorithm('sha256'), digest(32), digest(0)) }, 'MALFORMED', /not a digest/],
    [{ timeText: '20260102030405.50Z' }, 'MALFORMED', /a time/],
    [{ timeText: '20260102030405+0100' }, 'MALFORMED', /a time/],
    [{ more: [derInteger(1), derBoolean(true)] }, 'MALFORMED', /out of order/],
    [{ more: [accuracy(contextTag(0, false), 4, 0)] }, 'MALFORMED', /accuracy is absurd/],
    [{ more: [accuracy(derTag.integer, 0xff)] }, 'MALFORMED', /accuracy is absurd/],
    [{ more: [accuracy(contextTag(2, false), 1)] }, 'MALFORMED', /out of order/],
    [{ more: [derContext(1, makeExtension('1.2.3', true, Buffer.alloc(2)))] }, 'UNSUPPORTED', /critical extension/],
    [{ editSigners: (one) => [one, one] }, 'MALFORMED', /2 signers/],
    [{ editSigners: () => [] }, 'MALFORMED', /0 signers/],
    [{ editAttributes: (all) => [...all, all[0] as Buffer] }, 'MALFORMED', /1\.9\.3 twice/],
    [{ algorithm: derSequence(derOid('1.2.840.10045.4.3.3')) }, 'MALFORMED', /two digests/],
    [{ algorithm: derSequence(derOid('1.2.840.10045.4.1')) }, 'UNSUPPORTED', /not trusted/],
    [
      { certificates: Array.from({ length: timestampLimits.certificates + 1 }, () => signer.der) },
      'LIMIT_EXCEEDED',
      /certificates/,
    ],
    [
      {
        editAttributes: () =>
          Array.from({ length: timestampLimits.attributes + 1 }, (_, index) =>
            derSequence(derOid(`1.2.${index}`), derValue(derTag.set)),
          ),
      },
      'LIMIT_EXCEEDED',
      /attributes/,
    ],
  ];
  for (const [parts, code, message] of cases) {
    assert.throws(
      () => parse(parts),
      (error) => error instanceof CodecError && error.code === code && message.test(error.message),
      `${message}`,
    );
  }
  const whole = makeTimestamp({ signer, message });
  assert.throws(() => parseTimestamp(Buffer.concat([whole, Buffer.alloc(1)])), /bytes follow/);
  assert.throws(() => parseTimestamp(Buffer.alloc(timestampLimits.bytes + 1)), { code: 'LIMIT_EXCEEDED' });
  assert.throws(() => parseTimestamp(derSequence(derOid('1.2.840.113549.1.7.1'), derContext(0))), /not signed data/);
});

test('parseTimestamp() survives hostile bytes', () => {
  const more = [derSequence(derInteger(1)), derInteger(7), derContext(0, generalName.directory(signer.name))];
  const seeds = [
    makeTimestamp({ signer, message, more, certificates: [signer.der] }),
    makeTimestamp({ signer, message, isBare: true, timeText: '20260102030405.5Z' }),
    makeTimestamp({ signer, message, signerId: derValue(contextTag(0, false), Buffer.from('key')) }),
  ];
  assertSurvives(seeds, parseTimestamp, ({ info, signed }) => {
    assert.ok(!Number.isNaN(info.time.getTime()));
    assert.ok(signed.certificates.length <= timestampLimits.certificates);
  });
});

function findOpenssl(): string | false {
  try {
    execFileSync(program, ['version'], { stdio: 'pipe' });
    return false;
  } catch {
    return 'no openssl on PATH';
  }
}

test("parseTimestamp() and OpenSSL read each other's timestamps alike", { skip: findOpenssl() }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'timestamp-'));
  try {
    const run = (...args: readonly string[]): string =>
      execFileSync(program, args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
    const pem = (label: string, der: Buffer): string =>
      `-----BEGIN ${label}-----\n${der.toString('base64')}\n-----END ${label}-----\n`;
    const notAfter = new Date('2099-01-01T00:00:00Z');
    const root = makeAuthority('root', { notAfter });
    const made = makeTimestampSigner(root, {
      notAfter,
      extensions: [extension.keyUsage(0), extension.purposes(['1.3.6.1.5.5.7.3.8'], true)],
    });
    writeFileSync(join(folder, 'message'), message);
    writeFileSync(join(folder, 'root.pem'), pem('CERTIFICATE', root.der));
    const more = [derInteger(7), derContext(0, generalName.directory(made.name))];
    for (const signingCertificate of ['v1', 'v2'] as const) {
      writeFileSync(
        join(folder, 'ours'),
        makeTimestamp({ signer: made, message, more, certificates: [made.der], signingCertificate }),
      );
      const verify = ['ts', '-verify', '-in', 'ours', '-data', 'message', '-CAfile', 'root.pem', '-attime'];
      assert.match(run(...verify, '1781524800'), /Verification: OK/);
    }
    writeFileSync(join(folder, 'signer.pem'), pem('CERTIFICATE', made.der));
    writeFileSync(join(folder, 'key.pem'), made.keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(join(folder, 'serial'), '01\n');
    writeFileSync(
      join(folder, 'config'),
      '[tsa]\nserial = serial\nsigner_digest = sha256\ndefault_policy = 1.2.3.4\ndigests = sha256, sha384\naccuracy = secs:1, millisecs:500\nordering = yes\ntsa_name = yes\ness_cert_id_chain = no\nclock_precision_digits = 6\n',
    );
    run('ts', '-query', '-data', 'message', '-sha384', '-cert', '-out', 'query');
    run(
      'ts',
      '-reply',
      '-config',
      'config',
      '-section',
      'tsa',
      '-queryfile',
      'query',
      '-signer',
      'signer.pem',
      '-inkey',
      'key.pem',
      '-out',
      'theirs',
    );
    const { info, signed } = parseTimestamp(readFileSync(join(folder, 'theirs')));
    const text = run('ts', '-reply', '-in', 'theirs', '-text');
    assert.match(text, /Policy OID: 1\.2\.3\.4/);
    assert.equal(info.policy, '1.2.3.4');
    assert.deepEqual(info.imprint, { algorithm: 'sha384', digest: createHash('sha384').update(message).digest() });
    assert.deepEqual(info.accuracy, { seconds: 1, milliseconds: 500, microseconds: 0 });
    assert.equal(info.isOrdered, true);
    assert.equal(BigInt(/Nonce: (0x[0-9A-F]+)/.exec(text)?.[1] ?? 0), info.nonce);
    assert.equal(info.authority?.value, 'CN=timestamps');
    assert.deepEqual(signed.certificates, [made.der]);
    const authority = { uri: 'openssl', certificates: [root.parsed], window: { start: new Date(0) } };
    assert.equal(verifyTimestamp(readFileSync(join(folder, 'theirs')), message, [authority]).authority, 'openssl');
    assert.ok(Math.abs(Date.now() - info.time.getTime()) < 60_000);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
