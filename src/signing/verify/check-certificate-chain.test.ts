import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  makeAuthority,
  makeKeys,
  makeSigner,
  purposes,
  extension,
  signatureFor,
  testTime,
} from '../../../testing/signing/certificate-maker.ts';
import { KnownSignatures } from '../certificate/known-signatures.ts';
import type { Authority, ValidityWindow } from '../trust/trust-material.ts';
import { buildOwnAuthorities, type CertificateChainInput, checkCertificateChain } from './check-certificate-chain.ts';
import { VerificationError, type VerificationErrorCode } from './verification-error.ts';

const root = makeAuthority('root');
const intermediate = makeAuthority('intermediate', { issuer: root });
const leaf = makeSigner(intermediate).parsed;
const start = new Date('2026-01-01T00:00:00Z');

function authority(window: ValidityWindow = { start }, uri = 'https://ca.example'): Authority {
  return { uri, certificates: [intermediate.parsed, root.parsed], window };
}

const stranger: Authority = {
  uri: 'https://other.example',
  certificates: [makeAuthority('other').parsed],
  window: { start },
};

function check(more: Partial<CertificateChainInput> = {}): string {
  const input = { leaf, intermediates: [], authorities: [authority()], times: [testTime], ...more };
  const result = checkCertificateChain(input);
  assert.equal(result.certificates[0], input.leaf);
  assert.equal(result.certificates.at(-1), result.authority.certificates.at(-1));
  return result.authority.uri;
}

function refuses(
  code: VerificationErrorCode,
  message: RegExp,
  more: Partial<CertificateChainInput>,
): VerificationError {
  let caught: unknown;
  try {
    check(more);
  } catch (error) {
    caught = error;
  }
  assert.ok(caught instanceof VerificationError, `wanted ${code}`);
  assert.equal(caught.code, code);
  assert.match(caught.message, message);
  assert.equal(caught.facts.check, 'certificate-chain');
  return caught;
}

test('checkCertificateChain() finds the authority', () => {
  assert.equal(check(), 'https://ca.example');
  assert.equal(check({ authorities: [stranger, authority()] }), 'https://ca.example');
  const expired = authority({ start: new Date(0), end: start }, 'https://before.example');
  assert.equal(check({ authorities: [expired, authority()] }), 'https://ca.example');
  refuses('CERTIFICATE_UNTRUSTED', /No trusted authority issued/, { authorities: [stranger] });
  refuses('CERTIFICATE_UNTRUSTED', /No authority is trusted/, { authorities: [] });
});

test('checkCertificateChain() wants the chain to hold at every time', () => {
  const within = new Date(testTime.getTime() + 200_000);
  const late = new Date(testTime.getTime() + 400_000);
  assert.equal(check({ times: [testTime, within] }), 'https://ca.example');
  const error = refuses('NOT_VALID_THEN', /was not valid/, { times: [testTime, late] });
  assert.equal(error.facts.found, late.toISOString());
  refuses('NOT_VALID_THEN', /was not valid/, { times: [late, testTime] });
  refuses('NOT_VALID_THEN', /was not valid/, { times: [new Date(Number.NaN)] });
  refuses('TIME_MISSING', /when the signature was made/, { times: [] });
});

test("checkCertificateChain() keeps to the authority's window, both ends included", () => {
  const later = new Date(testTime.getTime() + 1);
  assert.equal(check({ authorities: [authority({ start: testTime, end: testTime })] }), 'https://ca.example');
  refuses('NOT_VALID_THEN', /was not trusted/, { authorities: [authority({ start: later })] });
  refuses('NOT_VALID_THEN', /was not trusted/, {
    authorities: [authority({ start, end: new Date(testTime.getTime() - 1) })],
  });
  refuses('NOT_VALID_THEN', /was not trusted/, {
    authorities: [authority({ start, end: testTime })],
    times: [testTime, later],
  });
  // Without a start there is no trust, and what nearly fitted is told whatever comes after it.
  refuses('NOT_VALID_THEN', /was not trusted/, { authorities: [authority({}), stranger] });
});

test('checkCertificateChain() is for signing code', () => {
  const server = makeSigner(intermediate, { extensions: [extension.purposes([purposes.serverAuth])] }).parsed;
  const error = refuses('CERTIFICATE_PURPOSE', /not for this purpose/, { leaf: server });
  assert.deepEqual(error.facts, {
    check: 'certificate-chain',
    found: purposes.serverAuth,
    wanted: purposes.codeSigning,
  });
});

test('buildOwnAuthorities() trusts roots of a user, and no intermediates', () => {
  const own = buildOwnAuthorities('roots.pem', [stranger.certificates[0] as never, root.parsed], [intermediate.parsed]);
  assert.equal(check({ authorities: own }), 'roots.pem');
  refuses('CERTIFICATE_UNTRUSTED', /No trusted authority/, {
    authorities: buildOwnAuthorities(
      'roots.pem',
      [stranger.certificates[0] as never],
      [intermediate.parsed, root.parsed],
    ),
  });
  refuses('CERTIFICATE_UNTRUSTED', /No authority is trusted/, {
    authorities: buildOwnAuthorities('roots.pem', [], [intermediate.parsed]),
  });
});

test('checkCertificateChain() says that an algorithm is not trusted', () => {
  const keys = makeKeys('rsa');
  const weak = makeAuthority('weak', { keys });
  const signer = makeSigner(weak, { signature: signatureFor(keys, 'sha1') }).parsed;
  const authorities = [{ ...stranger, certificates: [weak.parsed] }];
  refuses('CERTIFICATE_UNTRUSTED', /1\.2\.840\.113549\.1\.1\.5 are not trusted/, { leaf: signer, authorities });
});

test('checkCertificateChain() knows good signatures again, by the very certificates', () => {
  const known = new KnownSignatures();
  assert.equal(check({ known }), 'https://ca.example');
  assert.equal(known.has(intermediate.parsed, root.parsed), true);
  assert.equal(known.has(leaf, root.parsed), false);
  assert.equal(check({ known }), 'https://ca.example');
  // Times are judged anew, and another leaf is another signature.
  refuses('NOT_VALID_THEN', /was not valid/, { known, times: [new Date('2040-01-01T00:00:00Z')] });
  const forged = { ...leaf, signature: Buffer.alloc(leaf.signature.length) };
  refuses('CERTIFICATE_UNTRUSTED', /No trusted authority/, { known, leaf: forged });
  known.add(forged, intermediate.parsed);
  assert.equal(check({ known, leaf: forged }), 'https://ca.example');
});
