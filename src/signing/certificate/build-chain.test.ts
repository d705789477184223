import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CertificateParts,
  extension,
  generalName,
  type MadeCertificate,
  makeAuthority,
  makeCertificate,
  makeExtension,
  makeKeys,
  makeSigner,
  purposes,
  signatureFor,
  testTime,
} from '../../../testing/signing/certificate-maker.ts';
import { derSequence, derValue } from '../../codec/der/write.ts';
import { derTag } from '../../codec/der/tag.ts';
import type { VerificationErrorCode } from '../verify/verification-error.ts';
import { buildChain, type ChainRequest } from './build-chain.ts';

const derNull = derValue(derTag.null);

/** A chain is told by its length, a failure by its code. */
function outcome(
  leaf: MadeCertificate,
  authority: readonly MadeCertificate[],
  more: Partial<ChainRequest> = {},
): number | string {
  const result = buildChain({
    leaf: leaf.parsed,
    intermediates: [],
    authority: authority.map(({ parsed }) => parsed),
    purpose: 'code-signing',
    times: [testTime],
    ...more,
  });
  return 'chain' in result ? result.chain.length : result.failure.code;
}

const root = makeAuthority('root');
const intermediate = makeAuthority('intermediate', { issuer: root });
const leaf = makeSigner(intermediate);
const chain = [intermediate, root];
const signing = [extension.keyUsage(0), extension.purposes([purposes.codeSigning])];
const early = new Date('2021-01-01T00:00:00Z');
const authorityUsage = extension.keyUsage(5, 6);

test('buildChain() finds the way to the anchor, whoever brings the intermediates', () => {
  assert.equal(outcome(leaf, chain), 3);
  assert.equal(outcome(leaf, [root], { intermediates: [intermediate.parsed] }), 3);
  assert.equal(outcome(leaf, [root]), 'CERTIFICATE_UNTRUSTED');
  assert.equal(outcome(makeSigner(root), [root]), 2);
  // An intermediate that is listed last is the anchor, and what stands above it is not asked for.
  assert.equal(outcome(leaf, [intermediate]), 2);
  // An authority that only came along is not trusted.
  assert.equal(
    outcome(leaf, [makeAuthority('other')], { intermediates: [intermediate.parsed, root.parsed] }),
    'CERTIFICATE_UNTRUSTED',
  );
  assert.equal(outcome(leaf, []), 'CERTIFICATE_UNTRUSTED');
  // What is listed is trusted as it stands.
  assert.equal(outcome(leaf, [leaf]), 1);
  // The same name with another key.
  assert.equal(outcome(leaf, [makeAuthority('intermediate', { issuer: root }), root]), 'CERTIFICATE_UNTRUSTED');
});

test('buildChain() holds the signer to its rules', () => {
  const cases: readonly (readonly [string, CertificateParts, VerificationErrorCode | 3])[] = [
    ['as Fulcio makes it', {}, 3],
    ['without key usage', { extensions: [extension.purposes([purposes.codeSigning])] }, 3],
    ['with two purposes', { extensions: [extension.purposes([purposes.serverAuth, purposes.codeSigning])] }, 3],
    ['for servers', { extensions: [extension.purposes([purposes.serverAuth])] }, 'CERTIFICATE_PURPOSE'],
    ['for anything', { extensions: [extension.purposes(['2.5.29.37.0'])] }, 'CERTIFICATE_PURPOSE'],
    ['without a purpose', { extensions: [extension.keyUsage(0)] }, 'CERTIFICATE_PURPOSE'],
    ['for encryption', { extensions: [extension.keyUsage(2), signing[1] as Buffer] }, 'CERTIFICATE_PURPOSE'],
    ['an authority', { extensions: [...signing, extension.authority()] }, 'CERTIFICATE_PURPOSE'],
    ['not an authority', { extensions: [...signing, extension.notAuthority()] }, 3],
    ['may sign certificates', { extensions: [extension.keyUsage(0, 5), signing[1] as Buffer] }, 'CERTIFICATE_PURPOSE'],
    [
      'critical and unknown',
      { extensions: [...signing, makeExtension('1.2.3', true, derNull)] },
      'CERTIFICATE_PURPOSE',
    ],
    ['unknown', { extensions: [...signing, makeExtension('1.2.3', false, derNull)] }, 3],
    [
      'a precertificate',
      { extensions: [...signing, makeExtension('1.3.6.1.4.1.11129.2.4.3', true, derNull)] },
      'CERTIFICATE_PURPOSE',
    ],
    ['broken', { extensions: [makeExtension('2.5.29.37', false, derNull)] }, 'CERTIFICATE_MALFORMED'],
    ['expired', { notAfter: new Date(testTime.getTime() - 1000) }, 'NOT_VALID_THEN'],
    ['not yet valid', { notBefore: new Date(testTime.getTime() + 1000) }, 'NOT_VALID_THEN'],
    ['ends now', { notAfter: testTime }, 3],
    ['begins now', { notBefore: testTime }, 3],
    ['SHA-1', { signature: signatureFor(intermediate.keys, 'sha1') }, 'CERTIFICATE_UNTRUSTED'],
  ];
  for (const [what, parts, expected] of cases)
    assert.equal(outcome(makeSigner(intermediate, parts), chain), expected, what);
});

test('buildChain() holds issuers to theirs, the anchor too', () => {
  const constrained = extension.nameConstraints([], [generalName.uri('example.com')]);
  const cases: readonly (readonly [string, CertificateParts, VerificationErrorCode | 3])[] = [
    ['as it should be', {}, 3],
    ['expired', { notAfter: early }, 'NOT_VALID_THEN'],
    ['not yet valid', { notBefore: new Date('2035-01-01T00:00:00Z') }, 'NOT_VALID_THEN'],
    ['without basic constraints', { extensions: [authorityUsage] }, 'CERTIFICATE_PURPOSE'],
    ['not an authority', { extensions: [extension.notAuthority(), authorityUsage] }, 'CERTIFICATE_PURPOSE'],
    [
      'may not sign certificates',
      { extensions: [extension.authority(), extension.keyUsage(0)] },
      'CERTIFICATE_PURPOSE',
    ],
    ['without key usage', { extensions: [extension.authority()] }, 3],
    ['for signing code', { extensions: [extension.authority(), extension.purposes([purposes.codeSigning])] }, 3],
    ['for anything', { extensions: [extension.authority(), extension.purposes(['2.5.29.37.0'])] }, 3],
    [
      'for servers',
      { extensions: [extension.authority(), extension.purposes([purposes.serverAuth])] },
      'CERTIFICATE_PURPOSE',
    ],
    [
      'critical and unknown',
      { extensions: [extension.authority(), makeExtension('1.2.3', true, derNull)] },
      'CERTIFICATE_PURPOSE',
    ],
    ['may not give the name', { extensions: [extension.authority(), constrained] }, 'CERTIFICATE_PURPOSE'],
    [
      'broken',
      { extensions: [extension.authority(), makeExtension('2.5.29.30', true, derSequence())] },
      'CERTIFICATE_MALFORMED',
    ],
  ];
  for (const [what, parts, expected] of cases) {
    const middle = makeAuthority('intermediate', { issuer: root, ...parts });
    assert.equal(outcome(makeSigner(middle), [middle, root]), expected, `intermediate ${what}`);
    const top = makeAuthority('root', parts);
    const below = makeAuthority('intermediate', { issuer: top });
    assert.equal(outcome(makeSigner(below), [below, top]), expected, `root ${what}`);
  }
});

test('buildChain() counts the authorities below one', () => {
  for (const [length, expected] of [
    [0, 'CERTIFICATE_PURPOSE'],
    [1, 'CERTIFICATE_PURPOSE'],
    [2, 4],
    [3, 4],
  ] as const) {
    const top = makeAuthority('top', {}, length);
    const middle = makeAuthority('middle', { issuer: top });
    const low = makeAuthority('low', { issuer: middle }, 0);
    assert.equal(outcome(makeSigner(low), [low, middle, top]), expected, `${length}`);
  }
  const links = [makeAuthority('0')];
  for (let link = 1; link < 12; link += 1)
    links.unshift(makeAuthority(`${link}`, { issuer: links[0] as MadeCertificate }));
  assert.equal(outcome(makeSigner(links[2] as MadeCertificate), links), 11);
  assert.equal(outcome(makeSigner(links[1] as MadeCertificate), links), 'CERTIFICATE_UNTRUSTED');
});

test('buildChain() wants one chain for all times', () => {
  const keys = makeKeys();
  const past = makeAuthority('intermediate', { issuer: root, keys, notAfter: testTime });
  const future = makeAuthority('intermediate', { issuer: root, keys, notBefore: new Date(testTime.getTime() + 1000) });
  const signer = makeSigner(past);
  const later = new Date(testTime.getTime() + 5000);
  const intermediates = [past.parsed, future.parsed];
  assert.equal(outcome(signer, [root], { intermediates, times: [testTime] }), 3);
  assert.equal(outcome(signer, [root], { intermediates, times: [later] }), 3);
  assert.equal(outcome(signer, [root], { intermediates, times: [testTime, later] }), 'NOT_VALID_THEN');
});

test('buildChain() takes another way where the first leads nowhere', () => {
  const keys = makeKeys();
  const expired = makeAuthority('intermediate', { issuer: root, keys, notAfter: early });
  const stray = makeAuthority('intermediate', { issuer: makeAuthority('stray'), keys });
  const good = makeAuthority('intermediate', { issuer: root, keys });
  for (const intermediates of [
    [expired, stray, good],
    [good, stray, expired],
    [stray, expired, good],
  ]) {
    assert.equal(outcome(makeSigner(good), [root], { intermediates: intermediates.map(({ parsed }) => parsed) }), 3);
  }
});

test('buildChain() tries issuers with the named key first', () => {
  const id = Buffer.from('the right one');
  const strangers = Array.from({ length: 150 }, () => makeAuthority('intermediate', { keys: makeKeys() }).parsed);
  const named = makeAuthority('intermediate', {
    issuer: root,
    extensions: [extension.authority(), extension.subjectKeyId(id)],
  });
  const signer = makeSigner(named, { extensions: [...signing, extension.authorityKeyId(id)] });
  assert.equal(outcome(signer, [root], { intermediates: [...strangers, named.parsed] }), 3);
  // An identifier that cannot be read is a hint less.
  const broken = makeExtension('2.5.29.35', false, derNull);
  assert.equal(
    outcome(makeSigner(named, { extensions: [...signing, broken] }), [root], { intermediates: [named.parsed] }),
    3,
  );
  const unnamed = makeSigner(named);
  assert.equal(outcome(unnamed, [root], { intermediates: [...strangers, named.parsed] }), 'SIGNATURE_TOO_LARGE');
});

test('buildChain() gives up on certificates that sign each other across', () => {
  // CVE-2026-32280: each of 50 authorities has a certificate from each of ten others.
  const holders = Array.from({ length: 50 }, (_, index) => ({ name: `a${index % 5}`, keys: makeKeys() }));
  const made = holders.map(({ name, keys }) => makeAuthority(name, { keys }));
  const crossed = holders.flatMap(({ name, keys }, index) =>
    [7, 13, 21, 34].map(
      (step) => makeAuthority(name, { keys, issuer: made[(index + step) % 50] as MadeCertificate }).parsed,
    ),
  );
  const signer = makeSigner(made[0] as MadeCertificate);
  const start = performance.now();
  assert.equal(outcome(signer, [root], { intermediates: crossed }), 'SIGNATURE_TOO_LARGE');
  assert.ok(performance.now() - start < 5000);
  // All with one key and one name lead back to where the path has been.
  const keys = makeKeys();
  const same = Array.from(
    { length: 60 },
    () => makeAuthority('same', { keys, issuer: makeAuthority('same', { keys }) }).parsed,
  );
  assert.equal(
    outcome(makeSigner(makeAuthority('same', { keys })), [root], { intermediates: same }),
    'CERTIFICATE_UNTRUSTED',
  );
});

test('buildChain() tells holders apart by name and key together', () => {
  const top = makeAuthority('one name');
  const below = makeAuthority('one name', { issuer: top });
  assert.equal(outcome(makeSigner(below), [below, top]), 3);
  const sameKey = makeAuthority('another name', { issuer: top, keys: top.keys });
  assert.equal(outcome(makeSigner(sameKey), [sameKey, top]), 3);
});

test('buildChain() takes no more steps than it may, however few the signatures', () => {
  // 50 certificates of one holder, each of which 50 certificates of another holder may stand above.
  const [low, high] = [makeKeys(), makeKeys()];
  const lower = makeAuthority('low', { keys: low });
  const higher = makeAuthority('high', { keys: high });
  const stray = makeAuthority('stray');
  const intermediates = [
    ...Array.from({ length: 50 }, () => makeAuthority('low', { keys: low, issuer: higher }).parsed),
    ...Array.from({ length: 50 }, () => makeAuthority('high', { keys: high, issuer: stray }).parsed),
  ];
  assert.equal(outcome(makeSigner(lower), [root], { intermediates }), 'SIGNATURE_TOO_LARGE');
  assert.equal(
    outcome(makeSigner(lower), [root], { intermediates: intermediates.slice(0, 60) }),
    'CERTIFICATE_UNTRUSTED',
  );
});

test('buildChain() wants timestamps to be the only purpose of their authorities, and critical', () => {
  const time = purposes.timeStamping;
  for (const [extensions, expected] of [
    [[extension.keyUsage(0), extension.purposes([time], true)], 3],
    [[extension.keyUsage(1), extension.purposes([time], true)], 3],
    [[extension.keyUsage(0), extension.purposes([time], false)], 'CERTIFICATE_PURPOSE'],
    [[extension.keyUsage(0), extension.purposes([time, purposes.codeSigning], true)], 'CERTIFICATE_PURPOSE'],
    [[extension.keyUsage(0), extension.purposes([purposes.codeSigning], true)], 'CERTIFICATE_PURPOSE'],
    [[extension.keyUsage(2), extension.purposes([time], true)], 'CERTIFICATE_PURPOSE'],
    [[extension.keyUsage(0)], 'CERTIFICATE_PURPOSE'],
  ] as const) {
    const signer = makeCertificate({ subject: 'stamps', issuer: intermediate, extensions });
    assert.equal(outcome(signer, chain, { purpose: 'time-stamping' }), expected);
  }
  assert.equal(
    outcome(
      makeCertificate({
        subject: 's',
        issuer: intermediate,
        extensions: [extension.keyUsage(1), signing[1] as Buffer],
      }),
      chain,
    ),
    'CERTIFICATE_PURPOSE',
  );
});
