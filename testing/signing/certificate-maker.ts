import { constants, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import {
  derBitString,
  derBoolean,
  derContext,
  derInteger,
  derOid,
  derSequence,
  derSet,
  derTime,
  derValue,
} from '../../src/codec/der/write.ts';
import { contextTag, derTag } from '../../src/codec/der/tag.ts';
import type { Certificate } from '../../src/signing/certificate/certificate.ts';
import { parseCertificate } from '../../src/signing/certificate/parse.ts';
import type { FakeCtLog } from './ct-log.ts';

/** Both halves of a key. */
export interface TestKeys {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** Kinds of keys that tests sign certificates with. */
export type TestKeyType = 'P-256' | 'P-384' | 'P-521' | 'ed25519' | 'rsa';

/** Makes a key. */
export function makeKeys(type: TestKeyType = 'P-256'): TestKeys {
  if (type === 'ed25519') return generateKeyPairSync('ed25519');
  if (type === 'rsa') return generateKeyPairSync('rsa', { modulusLength: 2048 });
  return generateKeyPairSync('ec', { namedCurve: type });
}

/** SubjectPublicKeyInfo in DER. */
export function spkiOf({ publicKey }: TestKeys): Buffer {
  return publicKey.export({ type: 'spki', format: 'der' });
}

/** A name with one common name in it; none for an empty text. */
export function makeName(commonName: string): Buffer {
  if (commonName === '') return derSequence();
  const attribute = derSequence(derOid('2.5.4.3'), derValue(derTag.utf8String, Buffer.from(commonName)));
  return derSequence(derSet(attribute));
}

/** One extension. */
export function makeExtension(oid: string, critical: boolean, value: Uint8Array): Buffer {
  return derSequence(derOid(oid), ...(critical ? [derBoolean(true)] : []), derValue(derTag.octetString, value));
}

/** Extensions as authorities write them. */
export const extension = {
  authority: (pathLength?: number): Buffer =>
    makeExtension(
      '2.5.29.19',
      true,
      derSequence(derBoolean(true), ...(pathLength === undefined ? [] : [derInteger(pathLength)])),
    ),
  notAuthority: (): Buffer => makeExtension('2.5.29.19', true, derSequence()),
  keyUsage(...bits: readonly number[]): Buffer {
    const byte = bits.reduce((sum, bit) => sum | (0x80 >> bit), 0);
    const unused = 7 - Math.max(...bits);
    return makeExtension('2.5.29.15', true, derValue(derTag.bitString, Buffer.from([unused, byte])));
  },
  purposes: (oids: readonly string[], critical = false): Buffer =>
    makeExtension('2.5.29.37', critical, derSequence(...oids.map(derOid))),
  names: (...names: readonly Uint8Array[]): Buffer => makeExtension('2.5.29.17', true, derSequence(...names)),
  subjectKeyId: (id: Uint8Array): Buffer => makeExtension('2.5.29.14', false, derValue(derTag.octetString, id)),
  authorityKeyId: (id: Uint8Array): Buffer =>
    makeExtension('2.5.29.35', false, derSequence(derValue(contextTag(0, false), id))),
  /** Subtrees as general names. */
  nameConstraints(permitted: readonly Uint8Array[], excluded: readonly Uint8Array[] = [], critical = true): Buffer {
    const lists = [permitted, excluded].map((list, number) =>
      list.length === 0 ? Buffer.alloc(0) : derContext(number, ...list.map((base) => derSequence(base))),
    );
    return makeExtension('2.5.29.30', critical, derSequence(...lists));
  },
};

/** General names. */
export const generalName = {
  email: (text: string): Buffer => derValue(contextTag(1, false), Buffer.from(text)),
  dns: (text: string): Buffer => derValue(contextTag(2, false), Buffer.from(text)),
  uri: (text: string): Buffer => derValue(contextTag(6, false), Buffer.from(text)),
  ip: (...bytes: readonly number[]): Buffer => derValue(contextTag(7, false), Buffer.from(bytes)),
  directory: (name: Uint8Array): Buffer => derContext(4, name),
  other: (oid: string, text: string): Buffer =>
    derContext(0, derOid(oid), derContext(0, derValue(derTag.utf8String, Buffer.from(text)))),
};

/** The purposes that tests ask for. */
export const purposes = {
  codeSigning: '1.3.6.1.5.5.7.3.3',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  serverAuth: '1.3.6.1.5.5.7.3.1',
};

/** How a certificate is signed. */
export interface TestSignature {
  readonly algorithm: Buffer;
  readonly hash: string | null;
  readonly padding?: number;
  readonly saltLength?: number;
}

const hashOids: Readonly<Record<string, string>> = {
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
};
const ecdsaOids: Readonly<Record<string, string>> = {
  sha1: '1.2.840.10045.4.1',
  sha256: '1.2.840.10045.4.3.2',
  sha384: '1.2.840.10045.4.3.3',
  sha512: '1.2.840.10045.4.3.4',
};
const rsaOids: Readonly<Record<string, string>> = {
  md5: '1.2.840.113549.1.1.4',
  sha1: '1.2.840.113549.1.1.5',
  sha256: '1.2.840.113549.1.1.11',
  sha384: '1.2.840.113549.1.1.12',
  sha512: '1.2.840.113549.1.1.13',
};

/** AlgorithmIdentifier of a digest. */
export function hashAlgorithm(hash: string): Buffer {
  return derSequence(derOid(hashOids[hash] ?? hash));
}

/** The usual way of signing with a key. */
export function signatureFor({ privateKey }: TestKeys, hash = 'sha256'): TestSignature {
  const type = privateKey.asymmetricKeyType;
  if (type === 'ed25519') return { algorithm: derSequence(derOid('1.3.101.112')), hash: null };
  const isRsa = type === 'rsa';
  const oid = derOid((isRsa ? rsaOids : ecdsaOids)[hash] as string);
  return { algorithm: derSequence(oid, ...(isRsa ? [derValue(derTag.null)] : [])), hash };
}

/** RSASSA-PSS with its parameters written out. */
export function pssSignature(hash: string, saltLength: number, maskHash: string = hash): TestSignature {
  const mask = derSequence(derOid('1.2.840.113549.1.1.8'), hashAlgorithm(maskHash));
  const parameters = derSequence(
    derContext(0, hashAlgorithm(hash)),
    derContext(1, mask),
    derContext(2, derInteger(saltLength)),
  );
  const algorithm = derSequence(derOid('1.2.840.113549.1.1.10'), parameters);
  return { algorithm, hash, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
}

/** Signs bytes with a key, as its algorithm says. */
export function signWith(
  { privateKey }: TestKeys,
  { hash, padding, saltLength }: TestSignature,
  bytes: Uint8Array,
): Buffer {
  const options = padding === undefined ? {} : { padding, ...(saltLength === undefined ? {} : { saltLength }) };
  return sign(hash, bytes, { key: privateKey, ...options });
}

/** What a certificate is made of; all has a default. */
export interface CertificateParts {
  /** Common name, or a whole name in DER. */
  readonly subject?: string | Buffer;
  readonly keys?: TestKeys;
  readonly issuer?: MadeCertificate;
  /** Another name of the issuer than the issuer's own. */
  readonly issuerName?: Buffer;
  readonly serialNumber?: number | Uint8Array;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly extensions?: readonly Uint8Array[];
  readonly signature?: TestSignature;
  /** The algorithm outside, where it is another than that inside. */
  readonly outerAlgorithm?: Buffer;
  /** Logs whose timestamps are put into the certificate; an empty list makes an extension with none. */
  readonly logs?: readonly FakeCtLog[];
  /** Changes what is signed. */
  readonly edit?: (fields: Buffer[]) => Buffer[];
}

/** A certificate and what it takes to issue more below it. */
export interface MadeCertificate {
  readonly der: Buffer;
  readonly keys: TestKeys;
  readonly name: Buffer;
  /** As the product reads it. */
  readonly parsed: Certificate;
}

/** When all test certificates are valid if nothing is said. */
export const testTime: Date = new Date('2026-06-15T12:00:00Z');

/** Makes the DER of a certificate, right or wrong. It signs itself where it has no issuer. */
export function makeCertificateDer(parts: CertificateParts): Omit<MadeCertificate, 'parsed'> {
  const keys = parts.keys ?? makeKeys();
  const name = Buffer.isBuffer(parts.subject) ? parts.subject : makeName(parts.subject ?? 'test');
  const signer = parts.issuer?.keys ?? keys;
  const signature = parts.signature ?? signatureFor(signer);
  const extensions = parts.extensions ?? [];
  const serialNumber = parts.serialNumber ?? randomBytes(15);
  const buildTbs = (list: readonly Uint8Array[]): Buffer => {
    const fields = [
      derContext(0, derInteger(2)),
      derInteger(serialNumber),
      signature.algorithm,
      parts.issuerName ?? parts.issuer?.name ?? name,
      derSequence(
        derTime(parts.notBefore ?? new Date(testTime.getTime() - 300_000)),
        derTime(parts.notAfter ?? new Date(testTime.getTime() + 300_000)),
      ),
      name,
      spkiOf(keys),
      ...(list.length === 0 ? [] : [derContext(3, derSequence(...list))]),
    ];
    return derSequence(...(parts.edit?.(fields) ?? fields));
  };
  let tbs = buildTbs(extensions);
  if (parts.logs !== undefined) {
    const precertificate = tbs;
    const issuerSpki = spkiOf(signer);
    const timestamps = parts.logs.map((log) => log.signPrecertificate(precertificate, issuerSpki));
    const list = tlsVector(Buffer.concat(timestamps.map(tlsVector)));
    const value = derValue(derTag.octetString, list);
    tbs = buildTbs([...extensions, makeExtension('1.3.6.1.4.1.11129.2.4.2', false, value)]);
  }
  const der = derSequence(
    tbs,
    parts.outerAlgorithm ?? signature.algorithm,
    derBitString(signWith(signer, signature, tbs)),
  );
  return { der, keys, name };
}

/** Makes a certificate that the product can read. */
export function makeCertificate(parts: CertificateParts): MadeCertificate {
  const made = makeCertificateDer(parts);
  return { ...made, parsed: parseCertificate(made.der) };
}

/** An authority. Valid for ten years around the test time. */
export function makeAuthority(subject: string, parts: CertificateParts = {}, pathLength?: number): MadeCertificate {
  return makeCertificate({
    subject,
    notBefore: new Date('2020-01-01T00:00:00Z'),
    notAfter: new Date('2036-01-01T00:00:00Z'),
    extensions: [extension.authority(pathLength), extension.keyUsage(5, 6)],
    ...parts,
  });
}

/** A signer's certificate, as Fulcio makes it. */
export function makeSigner(issuer: MadeCertificate, parts: CertificateParts = {}): MadeCertificate {
  return makeCertificate({
    subject: '',
    issuer,
    extensions: [
      extension.keyUsage(0),
      extension.purposes([purposes.codeSigning]),
      extension.names(generalName.uri('https://example.com/signer')),
    ],
    ...parts,
  });
}

function tlsVector(bytes: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
