import { generateKeyPairSync } from 'node:crypto';
import { derBoolean, derSequence, derValue } from '../../../src/codec/der/write.ts';
import {
  extension,
  type MadeCertificate,
  makeCertificateDer,
  makeExtension,
  makeKeys,
  purposes,
  signatureFor,
} from '../certificate-maker.ts';
import { keyUsage, makeNotationAuthority, makeNotationSigner, makeSubject } from './maker.ts';
import { type Case, type Cases, inTime, middle, now, other, root, signer, us, usual } from './material.ts';

const self = makeNotationSigner(undefined, { ...inTime, subject: us(['CN', 'self']) });
const p256 = makeKeys('P-256');
const narrow = makeNotationAuthority('narrow', {}, 0);
const below = makeNotationAuthority('below', { issuer: narrow });
const deep = [signer({}, below), below, narrow];
function leafWith(...extensions: readonly Buffer[]): Pick<Case, 'envelope'> {
  return { envelope: { chain: [signer({ extensions }), middle, root] } };
}

function under(authority: MadeCertificate, ...above: readonly MadeCertificate[]): Pick<Case, 'envelope'> {
  return { envelope: { chain: [signer({}, authority), authority, ...above] } };
}

/** What is wrong with an envelope or its certificates, whomever a policy trusts. */
export const envelopeCases: Cases = {
  'a good signature in jws': { good: true },
  'a good signature in cose': { format: 'cose', good: true },
  'a signer that vouches for itself': { envelope: { chain: [self] }, stores: { 'ca/acme': [self] }, good: true },
  'an intermediate in the trust store': { stores: { 'ca/acme': [middle] }, good: true },

  // Integrity.
  'another signature': { envelope: { spoil: (bytes) => Buffer.concat([bytes.subarray(1), bytes.subarray(0, 1)]) } },
  'another signature in cose': {
    format: 'cose',
    envelope: { spoil: (bytes) => Buffer.concat([bytes.subarray(1), bytes.subarray(0, 1)]) },
  },
  'an algorithm of another key': { envelope: { edit: (header) => ({ ...header, alg: 'ES384' }) } },
  'no algorithm': { envelope: { edit: (header) => ({ ...header, alg: 'none' }), spoil: () => Buffer.from('x') } },
  'an RSA key': {
    envelope: { chain: [signer({ keys: makeKeys('rsa') }), middle, root], key: 'PS256' },
    good: true,
  },
  'an Ed25519 key': {
    envelope: { chain: [{ ...usual, der: signer({ keys: makeKeys('ed25519') }).der }, middle, root] },
  },
  'another key in the chain': { envelope: { chain: [{ ...usual, der: signer().der }, middle, root] } },
  'an unknown critical attribute': {
    envelope: {
      edit: (header) => ({ ...header, crit: [...(header['crit'] as string[]), 'com.example.x'], 'com.example.x': 'y' }),
    },
    theirs: { good: true, why: 'it asks plugins about critical attributes, and passes over them where there is none' },
  },
  'an unknown attribute': { envelope: { edit: (header) => ({ ...header, 'com.example.x': 'y' }) }, good: true },
  'a critical attribute that is not there': {
    envelope: { edit: (header) => ({ ...header, crit: [...(header['crit'] as string[]), 'com.example.x'] }) },
  },
  'a plugin': {
    envelope: {
      edit: (header) => ({
        ...header,
        crit: [...(header['crit'] as string[]), 'io.cncf.notary.verificationPlugin'],
        'io.cncf.notary.verificationPlugin': 'com.example.plugin',
      }),
    },
  },
  'no scheme': { envelope: { edit: ({ 'io.cncf.notary.signingScheme': _scheme, ...header }) => header } },
  'an unknown scheme': { envelope: { scheme: 'notary.x509.other' } },
  'a scheme that is not critical': { envelope: { edit: (header) => ({ ...header, crit: [] }) } },
  'an expiry that is not critical': {
    envelope: {
      expiry: inTime.notAfter,
      edit: (header) => ({ ...header, crit: ['io.cncf.notary.signingScheme'] }),
    },
  },
  'no time of signing': { envelope: { edit: ({ 'io.cncf.notary.signingTime': _time, ...header }) => header } },
  'two times of signing': {
    envelope: { edit: (header) => ({ ...header, 'io.cncf.notary.authenticSigningTime': now }) },
  },
  'another content type': { envelope: { edit: (header) => ({ ...header, cty: 'text/plain' }) } },
  'a payload that is no JSON': { payload: () => 'x' },
  'an algorithm of an RSA key of another size': {
    envelope: { chain: [signer({ keys: makeKeys('rsa') }), middle, root], key: 'PS384' },
  },
  'an RSA key of another size': {
    envelope: {
      chain: [signer({ keys: generateKeyPairSync('rsa', { modulusLength: 2560 }) }), middle, root],
      key: 'PS256',
    },
  },
  'a name twice in the protected header': {
    envelope: { edit: (header) => JSON.stringify(header).replace('{', '{"cty":"text/plain",') },
    theirs: { good: true, why: 'it takes the last of them' },
  },
  'a name in other capitals in the protected header': {
    envelope: { edit: (header) => JSON.stringify(header).replace('"cty"', '"Cty"') },
    theirs: { good: true, why: "Go's reader takes any capitals" },
  },
  'a field that no envelope has': {
    spoil: (text) => text.replace('{', '{"signatures":[],'),
    theirs: { good: true, why: "Go's reader passes over what it does not know" },
  },
  'a header that is not signed and should be': {
    spoil: (text) => text.replace('"header":{', '"header":{"alg":"none",'),
    theirs: { good: true, why: "Go's reader passes over what it does not know" },
  },

  // Certificates by themselves.
  'no chain': { envelope: { editUnsigned: (header) => ({ ...header, x5c: [] }) } },
  'a chain without its root': { envelope: { chain: [usual, middle] }, stores: { 'ca/acme': [middle] } },
  'a signer alone': { envelope: { chain: [usual] }, stores: { 'ca/acme': [root] } },
  'a chain out of order': { envelope: { chain: [usual, root, middle] } },
  'a chain with a stranger': { envelope: { chain: [usual, middle, root, other] } },
  'a root twice': { envelope: { chain: [usual, middle, root, root] } },
  'an issuer under another name': {
    envelope: { chain: [signer({ issuerName: makeSubject([['CN', 'nobody']]) }), middle, root] },
  },
  'another root of the same name': { envelope: { chain: [usual, middle, other] }, stores: { 'ca/acme': [other] } },
  'no purpose': { ...leafWith(keyUsage([0])), good: true },
  'a purpose of its own': { ...leafWith(keyUsage([0]), extension.purposes(['1.3.6.1.4.1.99999.1'])), good: true },
  'server authentication': leafWith(keyUsage([0]), extension.purposes([purposes.codeSigning, purposes.serverAuth])),
  'client authentication': leafWith(keyUsage([0]), extension.purposes(['1.3.6.1.5.5.7.3.2'])),
  'e-mail protection': leafWith(keyUsage([0]), extension.purposes(['1.3.6.1.5.5.7.3.4'])),
  timestamping: leafWith(keyUsage([0]), extension.purposes([purposes.timeStamping])),
  'any purpose': {
    ...leafWith(keyUsage([0]), extension.purposes(['2.5.29.37.0'])),
    theirs: { good: true, why: 'it does not look for this one of the purposes that must not be there' },
  },
  'no key usage': leafWith(extension.purposes([purposes.codeSigning])),
  'a key usage that is not critical': leafWith(keyUsage([0], false)),
  'a key usage without signatures': leafWith(keyUsage([1])),
  'non-repudiation besides': { ...leafWith(keyUsage([0, 1])), good: true },
  'key encipherment besides': leafWith(keyUsage([0, 2])),
  'data encipherment besides': leafWith(keyUsage([0, 3])),
  'key agreement besides': leafWith(keyUsage([0, 4])),
  'signing of certificates besides': leafWith(keyUsage([0, 5])),
  'signing of revocation lists besides': leafWith(keyUsage([0, 6])),
  'encryption alone besides': leafWith(keyUsage([0, 7])),
  'decryption alone besides': leafWith(keyUsage([0, 8])),
  'a signer that is an authority': leafWith(extension.authority(), keyUsage([0])),
  'an unknown critical extension': {
    ...leafWith(keyUsage([0]), extension.nameConstraints([derValue(0x82, Buffer.from('example.com'))])),
    good: true,
  },
  'an authority without basic constraints': under(
    makeNotationAuthority('x', { issuer: root, extensions: [keyUsage([5])] }),
    root,
  ),
  'an authority without key usage': under(
    makeNotationAuthority('x', { issuer: root, extensions: [extension.authority()] }),
    root,
  ),
  'an authority that may not sign certificates': under(
    makeNotationAuthority('x', { issuer: root, extensions: [extension.authority(), keyUsage([0])] }),
    root,
  ),
  "an authority's key usage that is not critical": under(
    makeNotationAuthority('x', { issuer: root, extensions: [extension.authority(), keyUsage([5], false)] }),
    root,
  ),
  'an authority with too much below it': {
    envelope: { chain: deep },
    stores: { 'ca/acme': [narrow] },
  },
  'an authority with nothing below it': {
    envelope: { chain: [signer({}, narrow), narrow] },
    stores: { 'ca/acme': [narrow] },
    good: true,
  },
  'an authority whose basic constraints are not critical': {
    ...under(
      makeNotationAuthority('x', {
        issuer: root,
        extensions: [makeExtension('2.5.29.19', false, derSequence(derBoolean(true))), keyUsage([5])],
      }),
      root,
    ),
    theirs: { good: true, why: 'it does not ask whether they are' },
  },
  // Weak signatures on certificates.
  'SHA-1 in the chain': {
    envelope: {
      chain: [
        {
          ...makeCertificateDer({
            ...inTime,
            subject: us(),
            issuer: middle,
            keys: p256,
            extensions: [keyUsage([0])],
            signature: signatureFor(middle.keys, 'sha1'),
          }),
        },
        middle,
        root,
      ],
    },
  },
};
