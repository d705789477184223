import { derContext, derInteger, derOid, derSequence, derValue } from '../../../src/codec/der/write.ts';
import { extension, makeExtension, purposes } from '../certificate-maker.ts';
import { keyUsage, makeNotationAuthority, makeSubject } from './maker.ts';
import { makeTimestamp, makeTimestampSigner, type TimestampParts } from '../timestamp-maker.ts';
import {
  type Case,
  type Cases,
  day,
  inTime,
  level,
  middle,
  minute,
  now,
  other,
  type Period,
  root,
  signer,
  us,
  usual,
} from './material.ts';

const ended: Period = { notBefore: new Date(now.getTime() - 2 * day), notAfter: new Date(now.getTime() - minute) };
const notYet: Period = { notBefore: new Date(now.getTime() + day / 2), notAfter: new Date(now.getTime() + day) };
const old = [signer(ended), middle, root];
const oldTime = new Date(now.getTime() - day);
const past = makeNotationAuthority('past', ended);
const expired = { envelope: { signingTime: oldTime, expiry: ended.notAfter } };

const withTsa = {
  stores: { 'tsa/time': [root], 'ca/acme': [root] },
  statement: { trustStores: ['ca:acme', 'tsa:time'] },
};
const stamper = makeTimestampSigner(root);
const busyStamper = makeTimestampSigner(root, {
  extensions: [keyUsage([0, 2]), extension.purposes([purposes.timeStamping], true)],
});

/** Makes timestamps as notation embeds them: without the answer around them, with the certificates. */
function stampedBy(parts: Partial<TimestampParts> = {}): (message: Buffer) => Buffer {
  const certificates = [(parts.signer ?? stamper).der, root.der];
  return (message) => makeTimestamp({ signer: stamper, message, time: now, certificates, isBare: true, ...parts });
}

function identity(...texts: readonly string[]): Pick<Case, 'statement'> {
  return { statement: { trustedIdentities: texts } };
}

function subjectOf(subject: Buffer): Pick<Case, 'envelope'> {
  return { envelope: { chain: [signer({ subject }), middle, root] } };
}

/** RFC 5280, 4.2.1.13 and 4.2.2.1; loopback's discard port. */
const address = derValue(0x86, Buffer.from('http://127.0.0.1:9/'));
const revocationList = makeExtension(
  '2.5.29.31',
  false,
  derSequence(derSequence(derContext(0, derContext(0, address)))),
);
const responder = makeExtension(
  '1.3.6.1.5.5.7.1.1',
  false,
  derSequence(derSequence(derOid('1.3.6.1.5.5.7.48.1'), address)),
);
const issuerAddress = makeExtension(
  '1.3.6.1.5.5.7.1.1',
  false,
  derSequence(derSequence(derOid('1.3.6.1.5.5.7.48.2'), address)),
);
const authorityUses = [extension.authority(), keyUsage([5, 6])];
const listedMiddle = makeNotationAuthority('listed', { issuer: root, extensions: [...authorityUses, revocationList] });
const listedRoot = makeNotationAuthority('listed root', { extensions: [...authorityUses, revocationList] });
const listedStamper = makeTimestampSigner(root, {
  extensions: [keyUsage([0]), extension.purposes([purposes.timeStamping], true), revocationList],
});

function revocable(...extensions: readonly Buffer[]): Pick<Case, 'envelope'> {
  return { envelope: { chain: [signer({ extensions: [keyUsage([0]), ...extensions] }), middle, root] } };
}

/** What a trust policy makes of signatures that are in order by themselves. */
export const trustCases: Cases = {
  // Whom to trust.
  'a root that nobody trusts': { stores: { 'ca/acme': [other] } },
  'the second of two stores': {
    stores: { 'ca/acme': [other], 'ca/more': [root] },
    statement: { trustStores: ['ca:acme', 'ca:more'] },
    good: true,
  },
  'a store of another kind': {
    stores: { 'signingAuthority/acme': [root] },
    statement: { trustStores: ['signingAuthority:acme'] },
  },
  'a store that is not there': { stores: {} },
  'a store with a signer that others vouch for': { stores: { 'ca/acme': [root, usual] } },
  'a signing authority': {
    envelope: { scheme: 'notary.x509.signingAuthority' },
    stores: { 'signingAuthority/acme': [root] },
    statement: { trustStores: ['signingAuthority:acme'] },
    good: true,
  },
  'a signer that passes for a signing authority': { envelope: { scheme: 'notary.x509.signingAuthority' } },
  "a signing authority's time before its certificate": {
    envelope: { scheme: 'notary.x509.signingAuthority', signingTime: new Date(inTime.notBefore.getTime() - 1000) },
    stores: { 'signingAuthority/acme': [root] },
    statement: { trustStores: ['signingAuthority:acme'] },
  },
  "a signing authority's certificate that has ended since": {
    envelope: { scheme: 'notary.x509.signingAuthority', signingTime: oldTime, chain: old },
    stores: { 'signingAuthority/acme': [root] },
    statement: { trustStores: ['signingAuthority:acme'] },
    good: true,
  },

  // Identities.
  'the whole subject': { ...identity('x509.subject: C=US, ST=WA, O=acme, CN=signer'), good: true },
  'a part of the subject': { ...identity('x509.subject: O=acme,C=US,ST=WA'), good: true },
  'S for ST': { ...identity('x509.subject: C=US, S=WA, O=acme'), good: true },
  'another organisation': identity('x509.subject: C=US, ST=WA, O=acme2'),
  'other capitals': identity('x509.subject: C=US, ST=WA, O=ACME'),
  'a part that the subject lacks': identity('x509.subject: C=US, ST=WA, O=acme, OU=finance'),
  'one of two': { ...identity('x509.subject: C=US, ST=WA, O=x', 'x509.subject: C=US, ST=WA, O=acme'), good: true },
  'an identity for plugins alone': identity('com.example: somebody'),
  'an identity with a comma': {
    ...identity('x509.subject: C=US, ST=WA, O=acme\\, inc'),
    ...subjectOf(
      makeSubject([
        ['C', 'US'],
        ['ST', 'WA'],
        ['O', 'acme, inc'],
      ]),
    ),
    good: true,
  },
  'a subject that hides a part in another': {
    ...identity('x509.subject: C=US, ST=WA, O=acme'),
    ...subjectOf(
      makeSubject([
        ['C', 'US'],
        ['ST', 'WA'],
        ['O', 'evil, O=acme'],
      ]),
    ),
  },
  'a subject without a country': {
    ...identity('x509.subject: C=US, ST=WA, O=acme'),
    ...subjectOf(
      makeSubject([
        ['ST', 'WA'],
        ['O', 'acme'],
      ]),
    ),
  },
  'a subject without a state, for anybody': { ...subjectOf(makeSubject([['O', 'acme']])), good: true },
  'two organisations': { ...identity('x509.subject: C=US, ST=WA, O=acme'), ...subjectOf(us(['O', 'evil'])) },
  'two units': { ...identity('x509.subject: C=US, ST=WA, O=acme'), ...subjectOf(us(['OU', 'a'], ['OU', 'b'])) },
  'two units, for anybody': { ...subjectOf(us(['OU', 'a'], ['OU', 'b'])), good: true },

  // Policies that cannot be used.
  'an identity without a state': identity('x509.subject: C=US, O=acme'),
  'overlapping identities': identity(
    'x509.subject: C=US, ST=WA, O=acme',
    'x509.subject: C=US, ST=WA, O=acme, CN=signer',
  ),
  'anybody and somebody': identity('*', 'x509.subject: C=US, ST=WA, O=acme'),
  'no identities': identity(),
  'no trust stores': { statement: { trustStores: [] } },
  'a trust store that leads elsewhere': { statement: { trustStores: ['ca:../ca/acme'] } },
  'a trust store of an unknown kind': { statement: { trustStores: ['cb:acme'] } },
  'another level': { level: level('lax') },
  'an override of integrity': { level: level('strict', { integrity: 'log' }) },
  'an override that skips authenticity': { level: level('strict', { authenticity: 'skip' }) },
  'a statement about another repository': { statement: { registryScopes: ['registry.example.com/app'] } },
  'a scope beside all': { statement: { registryScopes: ['*', 'registry.example.com/app'] } },
  'a rule that is misspelt': {
    level: { level: 'strict', overide: { expiry: 'log' } },
    theirs: { good: true, why: "Go's reader passes over what it does not know" },
  },
  'a rule in other capitals': {
    level: { Level: 'strict' },
    theirs: { good: true, why: "Go's reader takes any capitals" },
  },
  'a scope with a star in it': { statement: { registryScopes: ['registry.example.com/*'] } },

  // Expiry and time.
  'an expiry to come': { envelope: { expiry: inTime.notAfter }, good: true },
  'an expiry that has passed': expired,
  'an expiry that has passed, permissive': { ...expired, level: level('permissive'), good: true },
  'an expiry that has passed, logged': { ...expired, level: level('strict', { expiry: 'log' }), good: true },
  'an expiry that has passed, enforced': { ...expired, level: level('permissive', { expiry: 'enforce' }) },
  'a signer that has ended': { envelope: { chain: old, signingTime: oldTime } },
  'a signer that has ended, permissive': {
    envelope: { chain: old, signingTime: oldTime },
    level: level('permissive'),
    good: true,
  },
  'a signer that has not begun': { envelope: { chain: [signer(notYet), middle, root] } },
  'a root that has ended': { envelope: { chain: [signer({}, past), past] }, stores: { 'ca/acme': [past] } },
  'a timestamp': { ...withTsa, envelope: { stamp: stampedBy() }, good: true },
  'a timestamp in cose': { ...withTsa, format: 'cose', envelope: { stamp: stampedBy() }, good: true },
  'a timestamp for a signer that has ended': {
    ...withTsa,
    envelope: { chain: old, signingTime: oldTime, stamp: stampedBy({ time: oldTime }) },
    good: true,
  },
  'a timestamp after the signer has ended': {
    ...withTsa,
    envelope: { chain: old, signingTime: oldTime, stamp: stampedBy() },
  },
  'a timestamp that is not exact enough': {
    ...withTsa,
    envelope: {
      chain: old,
      signingTime: oldTime,
      stamp: stampedBy({ time: new Date(ended.notAfter.getTime() - 2000), more: [derSequence(derInteger(3))] }),
    },
  },
  'a timestamp that is exact enough': {
    ...withTsa,
    envelope: {
      chain: old,
      signingTime: oldTime,
      stamp: stampedBy({ time: new Date(ended.notAfter.getTime() - 3000), more: [derSequence(derInteger(3))] }),
    },
    good: true,
  },
  'a timestamp from before the time that the signer says': {
    ...withTsa,
    envelope: { signingTime: new Date(now.getTime() + 2000), stamp: stampedBy() },
    good: true,
  },
  'a timestamp of another signature': { ...withTsa, envelope: { stamp: () => stampedBy()(Buffer.from('another')) } },
  'a timestamp of an authority that nobody trusts': {
    stores: { 'tsa/time': [other], 'ca/acme': [root] },
    statement: { trustStores: ['ca:acme', 'tsa:time'] },
    envelope: { stamp: stampedBy() },
  },
  'a timestamp that nobody asks for': { envelope: { stamp: () => Buffer.from('nonsense') }, good: true },
  'a timestamp that is nonsense': { ...withTsa, envelope: { stamp: () => Buffer.from('nonsense') } },
  'no timestamp where one is wanted': withTsa,
  'no timestamp where one is wanted only later': {
    ...withTsa,
    level: { level: 'strict', verifyTimestamp: 'afterCertExpiry' },
    good: true,
  },
  'no timestamp where one is wanted by now': {
    ...withTsa,
    envelope: { chain: old, signingTime: oldTime },
    level: { level: 'strict', verifyTimestamp: 'afterCertExpiry' },
  },
  'no timestamp where one is wanted, logged': {
    ...withTsa,
    level: level('strict', { authenticTimestamp: 'log' }),
    good: true,
  },
  'a timestamp where one is wanted sometime': { ...withTsa, level: { level: 'strict', verifyTimestamp: 'sometime' } },
  "a timestamp whose signer's key is for more": {
    ...withTsa,
    envelope: {
      stamp: stampedBy({ signer: busyStamper }),
    },
  },
  'a store for timestamps with a signer': {
    stores: { 'tsa/time': [stamper], 'ca/acme': [root] },
    statement: { trustStores: ['ca:acme', 'tsa:time'] },
    envelope: { stamp: stampedBy() },
  },

  // Levels.
  'a root that nobody trusts, audited': { stores: { 'ca/acme': [other] }, level: level('audit'), good: true },
  'another signature, audited': { envelope: { spoil: () => Buffer.alloc(64, 1) }, level: level('audit') },
  'a chain out of order, audited': { envelope: { chain: [usual, root, middle] }, level: level('audit') },
  'another artifact, audited': {
    level: level('audit'),
    payload: ({ targetArtifact }) => ({ targetArtifact: { ...targetArtifact, size: 1 } }),
  },
  'a store that is not there, audited': { stores: {}, level: level('audit'), good: true },

  // Revocation, which nobody there can be asked about.
  'a certificate that says where revoked ones are listed': revocable(revocationList),
  'a certificate that says whom to ask whether it was revoked': revocable(responder),
  'a certificate that says where its issuer is found': { ...revocable(issuerAddress), good: true },
  'an authority that says where revoked ones are listed': {
    envelope: { chain: [signer({}, listedMiddle), listedMiddle, root] },
  },
  'a root that says where revoked ones are listed': {
    envelope: { chain: [signer({}, listedRoot), listedRoot] },
    stores: { 'ca/acme': [listedRoot] },
    good: true,
  },
  'a timestamp whose signer may have been revoked': {
    ...withTsa,
    envelope: { stamp: stampedBy({ signer: listedStamper }) },
  },
  'a certificate that may have been revoked, permissive': {
    ...revocable(revocationList),
    level: level('permissive'),
    good: true,
  },
  'a certificate that may have been revoked, logged': {
    ...revocable(responder),
    level: level('strict', { revocation: 'log' }),
    good: true,
  },
  'a certificate that may have been revoked, enforced': {
    ...revocable(revocationList),
    level: level('permissive', { revocation: 'enforce' }),
  },
  'a certificate that may have been revoked, and nobody minds': {
    ...revocable(revocationList),
    level: level('strict', { revocation: 'skip' }),
    good: true,
  },
  'revocation that is not looked up': { level: level('strict', { revocation: 'skip' }), good: true },
  'another signer, permissive': { ...identity('x509.subject: C=US, ST=WA, O=acme2'), level: level('permissive') },

  // What is signed.
  'another digest': {
    payload: ({ targetArtifact }) => ({ targetArtifact: { ...targetArtifact, digest: `sha256:${'0'.repeat(64)}` } }),
  },
  'another size': { payload: ({ targetArtifact }) => ({ targetArtifact: { ...targetArtifact, size: 1 } }) },
  'another media type': {
    payload: ({ targetArtifact }) => ({ targetArtifact: { ...targetArtifact, mediaType: 'text/plain' } }),
  },
  'no artifact': { payload: () => ({}) },
  'metadata that is signed': {
    metadata: { build: '7' },
    payload: ({ targetArtifact }) => ({ targetArtifact: { ...targetArtifact, annotations: { build: '7', by: 'ci' } } }),
    good: true,
  },
  'metadata that is signed otherwise': {
    metadata: { build: '7' },
    payload: ({ targetArtifact }) => ({ targetArtifact: { ...targetArtifact, annotations: { build: '8' } } }),
  },
  'metadata that is not signed': { metadata: { build: '7' } },
};
