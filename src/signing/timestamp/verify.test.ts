import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import {
  type CertificateParts,
  extension,
  generalName,
  type MadeCertificate,
  makeAuthority,
  makeExtension,
  makeKeys,
  makeName,
  pssSignature,
  purposes,
  signatureFor,
  signWith,
  testTime,
} from '../../../testing/signing/certificate-maker.ts';
import {
  makeAttribute,
  makeSigningCertificate,
  makeTimestamp,
  makeTimestampSigner,
  type TimestampParts,
} from '../../../testing/signing/timestamp-maker.ts';
import { contextTag, derTag } from '../../codec/der/tag.ts';
import { derContext, derOid, derSequence, derSet, derValue } from '../../codec/der/write.ts';
import type { Authority, ValidityWindow } from '../trust/trust-material.ts';
import { VerificationError, type VerificationErrorCode } from '../verify/verification-error.ts';
import { verifyTimestamp } from './verify.ts';

const root = makeAuthority('root');
const intermediate = makeAuthority('intermediate', { issuer: root });
const signer = makeTimestampSigner(intermediate);
const message = Buffer.from('signature');
const always: ValidityWindow = { start: new Date(0) };

function listing(certificates: readonly MadeCertificate[], window: ValidityWindow = always): Authority {
  return { uri: 'https://tsa.example', certificates: certificates.map(({ parsed }) => parsed), window };
}

const full = listing([signer, intermediate, root]);
/** As the trusted root may list it: the token brings the authority's own certificate. */
const issuers = listing([intermediate, root]);

function verify(parts: Partial<TimestampParts> = {}, authorities: readonly Authority[] = [full]): string {
  const { time, authority, certificate } = verifyTimestamp(
    makeTimestamp({ signer, message, ...parts }),
    message,
    authorities,
  );
  assert.deepEqual(time, parts.time ?? testTime);
  assert.deepEqual(certificate.der, (parts.signer ?? signer).der);
  return authority;
}

function refuses(code: VerificationErrorCode, run: () => unknown, message?: RegExp): void {
  assert.throws(
    run,
    (error) => {
      assert.ok(error instanceof VerificationError, String(error));
      assert.equal(error.code, code, error.message);
      if (message !== undefined) assert.match(error.message, message);
      assert.equal(error.facts.check, 'timestamp');
      return true;
    },
    code,
  );
}

test('verifyTimestamp() takes what a trusted authority stamped', () => {
  const keyId = Buffer.from('key id');
  const named = makeTimestampSigner(intermediate, {
    extensions: [extension.purposes([purposes.timeStamping], true), extension.subjectKeyId(keyId)],
  });
  for (const [parts, authorities] of [
    [{}, [full]],
    [{ isBare: true }, [full]],
    [{ certificates: [signer.der] }, [full]],
    [{ certificates: [signer.der] }, [issuers]],
    [{ certificates: [intermediate.der, signer.der] }, [listing([root])]],
    [{ certificates: [signer.der, Buffer.from('3000', 'hex')] }, [issuers]],
    [{ digest: 'sha384' }, [full]],
    [{ digest: 'sha512', imprintHash: 'sha384' }, [full]],
    [{ signingCertificate: 'v1' }, [full]],
    [{ signingCertificate: makeSigningCertificate(signer, 'v2', 'sha512') }, [full]],
    [{ signingCertificate: 'none' }, [full]],
    [{ more: [derContext(0, generalName.directory(makeName('TIMESTAMPS')))] }, [full]],
    [{ signer: named, signerId: derValue(contextTag(0, false), keyId) }, [listing([named, intermediate, root])]],
    [{ signer: named, signerId: derValue(contextTag(0, false), keyId), certificates: [named.der] }, [issuers]],
    // A certificate that the trusted root lists alone is trusted as it stands.
    [{}, [listing([signer])]],
    [{ certificates: [signer.der, signer.der] }, [issuers]],
    [{}, [{ ...listing([makeAuthority('other')]), uri: 'https://other.example' }, full]],
  ] satisfies readonly (readonly [Partial<TimestampParts>, readonly Authority[]])[]) {
    assert.equal(verify(parts, authorities), 'https://tsa.example');
  }
  for (const [keys, signature] of [
    [makeKeys('P-384'), undefined],
    [makeKeys('rsa'), undefined],
    [makeKeys('rsa'), pssSignature('sha256', 32)],
  ] as const) {
    const other = makeTimestampSigner(intermediate, { keys });
    const authorities = [listing([other, intermediate, root])];
    assert.equal(
      verify({ signer: other, ...(signature === undefined ? {} : { signature }) }, authorities),
      'https://tsa.example',
    );
  }
  const rsa = makeTimestampSigner(intermediate, { keys: makeKeys('rsa') });
  const rsaEncryption = derSequence(derOid('1.2.840.113549.1.1.1'), derValue(derTag.null));
  assert.equal(
    verify({ signer: rsa, digest: 'sha512', algorithm: rsaEncryption }, [listing([rsa, root, intermediate, root])]),
    'https://tsa.example',
  );
  const ed25519 = makeTimestampSigner(intermediate, { keys: makeKeys('ed25519') });
  assert.equal(
    verify({ signer: ed25519, digest: 'sha512' }, [listing([ed25519, intermediate, root])]),
    'https://tsa.example',
  );
});

test('verifyTimestamp() refuses each part that is wrong', () => {
  const other = makeTimestampSigner(intermediate);
  const pick = (index: number) => (all: Buffer[]) => all.filter((_, at) => at !== index);
  const flip = (signature: Buffer): Buffer =>
    Buffer.from(signature.with(signature.length - 1, (signature.at(-1) as number) ^ 1));
  const elsewhere = (): Buffer => signWith(signer.keys, signatureFor(signer.keys), Buffer.from('something else'));
  const twoDigests = makeAttribute('1.2.840.113549.1.9.4', derValue(derTag.octetString), derValue(derTag.octetString));
  const noIds = makeAttribute('1.2.840.113549.1.9.16.2.47', derSequence(derSequence()));
  const notNamed = /does not name/;
  const cases: readonly (readonly [Partial<TimestampParts>, RegExp])[] = [
    [{ message: Buffer.from('other') }, /of another signature/],
    [{ signedContentType: '1.2.840.113549.1.7.1' }, /signed as something else/],
    [{ contentDigest: Buffer.alloc(32) }, /not what was signed/],
    [{ editAttributes: pick(0) }, /lacks the signed attribute 1\.2\.840\.113549\.1\.9\.3/],
    [{ editAttributes: pick(2) }, /lacks the signed attribute 1\.2\.840\.113549\.1\.9\.4/],
    [{ editAttributes: (all) => all.with(2, twoDigests) }, /1\.9\.4, or has several/],
    [{ spoil: flip }, /does not fit/],
    [{ spoil: () => Buffer.alloc(0) }, /does not fit/],
    [{ spoil: elsewhere }, /does not fit/],
    [{ signingCertificate: makeSigningCertificate(other, 'v2') }, notNamed],
    [{ signingCertificate: makeSigningCertificate(other, 'v1') }, notNamed],
    [{ signingCertificate: makeSigningCertificate(other, 'v2', 'sha512') }, notNamed],
    [{ signingCertificate: 'none', certificates: [signer.der] }, notNamed],
    [{ signingCertificate: noIds }, /missing/],
    [{ editAttributes: (all) => [...all, makeSigningCertificate(other, 'v1')] }, notNamed],
    [{ more: [derContext(0, generalName.directory(makeName('somebody else')))] }, /names another authority/],
    [{ version: 3 }, /version 3/],
  ];
  for (const [parts, reason] of cases) {
    refuses(
      'TIMESTAMP_WRONG',
      () => verifyTimestamp(makeTimestamp({ signer, message, ...parts }), message, [full]),
      reason,
    );
  }
  refuses('TIMESTAMP_WRONG', () => verifyTimestamp(Buffer.from('no DER'), message, [full]), /DER/);
});

test('verifyTimestamp() checks the issuer that is named with the certificate', () => {
  const sameBytes = { ...signer, parsed: { ...signer.parsed, serialNumber: Buffer.from([9]) } };
  const attribute = makeSigningCertificate(sameBytes, 'v2');
  refuses('TIMESTAMP_WRONG', () => verify({ signingCertificate: attribute }), /does not name/);
  const otherIssuer = { ...signer, parsed: { ...signer.parsed, issuer: makeName('somebody') } };
  refuses(
    'TIMESTAMP_WRONG',
    () => verify({ signingCertificate: makeSigningCertificate(otherIssuer, 'v2') }),
    /does not name/,
  );
});

test('verifyTimestamp() takes any name of the certificate for the authority', () => {
  const names = [generalName.uri('https://tsa.example'), generalName.directory(makeName('the service'))];
  const purpose = extension.purposes([purposes.timeStamping], true);
  const named = makeTimestampSigner(intermediate, { extensions: [purpose, extension.names(...names)] });
  const authorities = [listing([named, intermediate, root])];
  for (const [name, isRight] of [
    [generalName.uri('https://tsa.example'), true],
    [generalName.directory(makeName('the service')), true],
    [generalName.directory(named.name), true],
    [generalName.uri('https://other.example'), false],
    [generalName.dns('https://tsa.example'), false],
    [generalName.directory(makeName('another service')), false],
  ] as const) {
    const parts = { signer: named, more: [derContext(0, name)] };
    if (isRight) assert.equal(verify(parts, authorities), 'https://tsa.example');
    else refuses('TIMESTAMP_WRONG', () => verify(parts, authorities), /names another authority/);
  }
});

test('verifyTimestamp() says whom it found and whom it would have trusted', () => {
  const factsOf = (authorities: readonly Authority[], parts: Partial<TimestampParts> = {}): unknown => {
    try {
      verify(parts, authorities);
    } catch (error) {
      return (error as VerificationError).facts;
    }
    return undefined;
  };
  const found = `the serial number ${signer.parsed.serialNumber.toString('hex')}`;
  assert.deepEqual(factsOf([issuers, issuers]), {
    check: 'timestamp',
    found,
    wanted: 'https://tsa.example, https://tsa.example',
  });
  assert.deepEqual(factsOf([]), { check: 'timestamp', found, wanted: 'a trusted authority' });
  const more = [derContext(0, generalName.directory(makeName('x')))];
  assert.deepEqual(factsOf([], { more }), { check: 'timestamp', found: 'CN=x', wanted: 'a trusted authority' });
  assert.deepEqual(factsOf([full], { message: Buffer.from('other') }), { check: 'timestamp' });
});

test('verifyTimestamp() trusts nobody but the authorities', () => {
  refuses('TIMESTAMP_UNTRUSTED', () => verify({}, []));
  refuses('TIMESTAMP_UNTRUSTED', () => verify({}, [issuers]), /No trusted authority/);
  const stranger = makeTimestampSigner(makeAuthority('stranger'));
  for (const certificates of [undefined, [stranger.der]]) {
    const parts = { signer: stranger, ...(certificates === undefined ? {} : { certificates }) };
    refuses('TIMESTAMP_UNTRUSTED', () => verify(parts, [full]));
    refuses('TIMESTAMP_UNTRUSTED', () => verify(parts, [listing([root])]));
  }
  // Where the trusted root lists the authority's own certificate, its siblings are not trusted.
  const sibling = makeTimestampSigner(intermediate);
  refuses('TIMESTAMP_UNTRUSTED', () => verify({ signer: sibling, certificates: [sibling.der] }, [full]));
  assert.equal(verify({ signer: sibling, certificates: [sibling.der] }, [issuers]), 'https://tsa.example');
});

test('verifyTimestamp() checks the very certificate that signed', () => {
  // CVE-2026-39984: certificates in a token that only look like the signer's.
  const forged = makeTimestampSigner(intermediate, { serialNumber: signer.parsed.serialNumber });
  const forgery: Partial<TimestampParts> = { signer: forged };
  refuses(
    'TIMESTAMP_WRONG',
    () => verify({ ...forgery, certificates: [forged.der, signer.der] }, [issuers]),
    /several certificates/,
  );
  refuses('TIMESTAMP_WRONG', () => verify(forgery, [full]), /does not fit/);
  refuses('TIMESTAMP_UNTRUSTED', () => verify({ ...forgery, certificates: [forged.der] }, [full]));
  refuses('TIMESTAMP_WRONG', () => verify({ ...forgery, certificates: [signer.der] }, [full]), /does not fit/);
  const elsewhere = makeTimestampSigner(makeAuthority('intermediate'), { serialNumber: signer.parsed.serialNumber });
  refuses('TIMESTAMP_UNTRUSTED', () => verify({ signer: elsewhere, certificates: [elsewhere.der] }, [issuers]));
});

test("verifyTimestamp() judges the authority's certificates at its own time", () => {
  const [early, late] = [new Date('2022-06-01T00:00:00Z'), new Date('2030-01-01T00:00:00Z')];
  refuses('NOT_VALID_THEN', () => verify({ time: early }), /was not valid/);
  refuses('NOT_VALID_THEN', () => verify({ time: late }), /was not valid/);
  const past = makeAuthority('root', { keys: root.keys, notAfter: new Date('2025-01-01T00:00:00Z') });
  refuses('NOT_VALID_THEN', () => verify({}, [listing([signer, intermediate, past])]), /CN=root was not valid/);
  assert.equal(
    verify({ time: new Date('2024-06-01T00:00:00Z') }, [listing([signer, intermediate, past])]),
    'https://tsa.example',
  );
  for (const window of [
    {},
    { start: new Date(testTime.getTime() + 1) },
    { start: new Date(0), end: new Date(testTime.getTime() - 1) },
  ]) {
    refuses('NOT_VALID_THEN', () => verify({}, [listing([signer, intermediate, root], window)]), /was not trusted/);
  }
  assert.equal(
    verify({}, [listing([signer, root, intermediate, root], { start: testTime, end: testTime })]),
    'https://tsa.example',
  );
});

test('verifyTimestamp() wants a certificate for timestamps alone', () => {
  for (const extensions of [
    [extension.purposes([purposes.timeStamping])],
    [extension.purposes([purposes.timeStamping, purposes.codeSigning], true)],
    [extension.purposes([purposes.codeSigning], true)],
    [extension.purposes([purposes.timeStamping], true), makeExtension('1.2.3', true, derSet())],
    [extension.purposes([purposes.timeStamping], true), extension.keyUsage(3)],
  ] satisfies CertificateParts['extensions'][]) {
    const wrong = makeTimestampSigner(intermediate, { extensions });
    refuses('CERTIFICATE_PURPOSE', () => verify({ signer: wrong }, [listing([wrong, intermediate, root])]));
  }
});

test('verifyTimestamp() survives hostile bytes', () => {
  const certificates = [signer.der, intermediate.der];
  assertSurvives(
    [makeTimestamp({ signer, message }), makeTimestamp({ signer, message, certificates, isBare: true })],
    (bytes) => verifyTimestamp(bytes, message, [full, issuers]),
    ({ time, certificate }) => {
      assert.deepEqual(time, testTime);
      assert.deepEqual(certificate.der, signer.der);
    },
  );
});
