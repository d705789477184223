import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CertificateParts,
  extension,
  makeAuthority,
  makeSigner,
  purposes,
  testTime,
} from '../../../testing/signing/certificate-maker.ts';
import { type CtLogParts, makeCtLog } from '../../../testing/signing/ct-log.ts';
import type { LogInstance } from '../trust/trust-material.ts';
import { type CertificateTransparencyInput, checkCertificateTransparency } from './check-certificate-transparency.ts';
import { VerificationError, type VerificationErrorCode } from './verification-error.ts';

const root = makeAuthority('root');
const [log, second, stranger] = [makeCtLog('one'), makeCtLog('two', { keyType: 'rsa' }), makeCtLog('stranger')];
const ctLogs = [log.instance, second.instance];

function check(parts: CertificateParts, more: Partial<CertificateTransparencyInput> = {}): string[] {
  const leaf = makeSigner(root, parts).parsed;
  const result = checkCertificateTransparency({ chain: [leaf, root.parsed], ctLogs, ...more });
  for (const { time } of result) assert.deepEqual(time, testTime);
  return result.map((one) => one.log.baseUrl.split(/[/.]/)[2] as string);
}

function refuses(code: VerificationErrorCode, message: RegExp, run: () => unknown): void {
  assert.throws(run, (error) => {
    assert.ok(error instanceof VerificationError);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.equal(error.facts.check, 'certificate-transparency');
    return true;
  });
}

test('checkCertificateTransparency() takes promises of trusted logs, in the certificate', () => {
  assert.deepEqual(check({ logs: [log] }), ['one']);
  assert.deepEqual(check({ logs: [log, second] }, { threshold: 2 }), ['one', 'two']);
  assert.deepEqual(check({ logs: [stranger, log] }), ['one']);
  // Logs of the static kind write extensions, and certificates of all lengths around 128, 256 and 65,536 are rebuilt.
  const named = makeCtLog('static', { extensions: Buffer.from([0, 0, 5, 0, 0, 0, 0, 112]) });
  for (const length of [0, 60, 127, 255, 300, 40_000]) {
    const padding = extension.subjectKeyId(Buffer.alloc(length));
    const parts = { logs: [named], extensions: [padding, extension.purposes([purposes.codeSigning])] };
    assert.deepEqual(check(parts, { ctLogs: [named.instance] }), ['static'], `${length}`);
  }
});

test('checkCertificateTransparency() takes promises that came beside the certificate', () => {
  const { parsed } = makeSigner(root);
  const input = { chain: [parsed, root.parsed], ctLogs };
  assert.equal(checkCertificateTransparency({ ...input, detached: [log.signCertificate(parsed.der)] }).length, 1);
  assert.equal(
    checkCertificateTransparency({ chain: [parsed], ctLogs, detached: [log.signCertificate(parsed.der)] }).length,
    1,
  );
  refuses('SCT_WRONG', /did not sign/, () =>
    checkCertificateTransparency({ ...input, detached: [log.signCertificate(root.der)] }),
  );
  refuses('SCT_WRONG', /cannot be read/, () => checkCertificateTransparency({ ...input, detached: [Buffer.alloc(3)] }));
});

test('checkCertificateTransparency() says when there is no promise', () => {
  refuses('SCT_MISSING', /No log/, () => check({}));
  refuses('SCT_MISSING', /No log/, () => check({ logs: [] }));
  refuses('SCT_MISSING', /no certificate/, () => checkCertificateTransparency({ chain: [], ctLogs }));
});

test('checkCertificateTransparency() refuses promises that do not hold', () => {
  refuses('SCT_WRONG', /is not trusted/, () => check({ logs: [stranger] }));
  refuses('SCT_WRONG', /is not trusted/, () => check({ logs: [log] }, { ctLogs: [] }));
  const forged: LogInstance = { ...log.instance, key: stranger.instance.key };
  refuses('SCT_WRONG', /did not sign/, () => check({ logs: [log] }, { ctLogs: [forged] }));
  // One that is wrong is not made good by another.
  refuses('SCT_WRONG', /did not sign/, () => check({ logs: [second, log] }, { ctLogs: [forged, second.instance] }));
  const leaf = makeSigner(root, { logs: [log] }).parsed;
  const other = makeAuthority('root').parsed;
  refuses('SCT_WRONG', /did not sign/, () => checkCertificateTransparency({ chain: [leaf, other], ctLogs }));
  refuses('SCT_WRONG', /no issuer/, () => checkCertificateTransparency({ chain: [leaf], ctLogs }));
  refuses('SCT_WRONG', /cannot be read/, () => check({ logs: [makeCtLog('v2', { version: 1 })] }));
  assert.throws(() => check({ logs: [log] }, { threshold: 2 }), {
    facts: { check: 'certificate-transparency', found: '1', wanted: 'at least 2' },
  });
  // A promise for another certificate, moved into this one.
  const moved = { ...log, signPrecertificate: (_: Buffer, spki: Buffer) => log.signPrecertificate(leaf.tbs, spki) };
  refuses('SCT_WRONG', /did not sign/, () => check({ logs: [moved] }));
});

test("checkCertificateTransparency() keeps to the log's window", () => {
  const within = (start: Date | undefined, end?: Date): LogInstance[] => [
    { ...log.instance, window: { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) } },
  ];
  const [before, after] = [new Date(testTime.getTime() - 1), new Date(testTime.getTime() + 1)];
  for (const logs of [within(testTime), within(before, testTime), [...within(after), ...within(before)]]) {
    assert.deepEqual(check({ logs: [log] }, { ctLogs: logs }), ['one']);
  }
  for (const logs of [within(undefined), within(after), within(new Date(0), before)]) {
    refuses('SCT_WRONG', /was not trusted then/, () => check({ logs: [log] }, { ctLogs: logs }));
  }
});

test('checkCertificateTransparency() counts a log once', () => {
  // CVE-2026-49834.
  refuses('SCT_WRONG', /Too few/, () => check({ logs: [log, log] }, { threshold: 2 }));
  refuses('SCT_WRONG', /Too few/, () =>
    check({ logs: [log, log] }, { threshold: 2, ctLogs: [log.instance, log.instance] }),
  );
  const { parsed } = makeSigner(root, { logs: [log] });
  const detached = [log.signCertificate(parsed.der)];
  refuses('SCT_WRONG', /Too few/, () =>
    checkCertificateTransparency({ chain: [parsed, root.parsed], ctLogs, detached, threshold: 2 }),
  );
});

test('checkCertificateTransparency() wants the algorithm that fits the key', () => {
  const parts: CtLogParts = { algorithm: [4, 1] };
  const liar = makeCtLog('liar', parts);
  refuses('SCT_WRONG', /did not sign/, () => check({ logs: [liar] }, { ctLogs: [liar.instance] }));
});
