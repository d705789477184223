import { constants, createHash, generateKeyPairSync, sign } from 'node:crypto';
import { CborTag, type CborLabel, type CborValue } from '../../../src/codec/cbor/value.ts';
import { encodeCbor } from '../../../src/codec/cbor/write.ts';
import { derOid, derSequence, derSet, derValue } from '../../../src/codec/der/write.ts';
import { derTag } from '../../../src/codec/der/tag.ts';
import {
  type CertificateParts,
  extension,
  type MadeCertificate,
  makeAuthority,
  makeCertificate,
  makeExtension,
  makeKeys,
  purposes,
  type TestKeys,
  testTime,
} from '../certificate-maker.ts';

/** The name of an algorithm in JWS. */
export type NotationKeyName = 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512';

/** The keys that Notary Project allows, and how they sign. */
export const notationKeys: Readonly<
  Record<NotationKeyName, { readonly label: bigint; readonly hash: string; readonly make: () => TestKeys }>
> = {
  PS256: { label: -37n, hash: 'sha256', make: () => generateKeyPairSync('rsa', { modulusLength: 2048 }) },
  PS384: { label: -38n, hash: 'sha384', make: () => generateKeyPairSync('rsa', { modulusLength: 3072 }) },
  PS512: { label: -39n, hash: 'sha512', make: () => generateKeyPairSync('rsa', { modulusLength: 4096 }) },
  ES256: { label: -7n, hash: 'sha256', make: () => makeKeys('P-256') },
  ES384: { label: -35n, hash: 'sha384', make: () => makeKeys('P-384') },
  ES512: { label: -36n, hash: 'sha512', make: () => makeKeys('P-521') },
};

const typeOids: Readonly<Record<string, string>> = {
  C: '2.5.4.6',
  ST: '2.5.4.8',
  L: '2.5.4.7',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  CN: '2.5.4.3',
};

/** A name of several parts, in order: `[['C', 'US'], ['ST', 'WA']]`. Types may be object identifiers. */
export function makeSubject(parts: readonly (readonly [string, string])[], tag: number = derTag.utf8String): Buffer {
  return derSequence(
    ...parts.map(([type, value]) =>
      derSet(derSequence(derOid(typeOids[type] ?? type), derValue(tag, Buffer.from(value)))),
    ),
  );
}

/** The subject of signers where nothing else is said. */
const signerSubject: Buffer = makeSubject([
  ['C', 'US'],
  ['ST', 'WA'],
  ['O', 'wabbit-networks.io'],
  ['CN', 'signer'],
]);

/** A key usage of any bits, critical or not. */
export function keyUsage(bits: readonly number[], critical = true): Buffer {
  const bytes = Buffer.alloc(bits.some((bit) => bit > 7) ? 2 : 1);
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] as number) | (0x80 >> (bit & 7));
  const unused = 7 - (Math.max(...bits) & 7);
  return makeExtension('2.5.29.15', critical, derValue(derTag.bitString, Buffer.from([unused]), bytes));
}

/** A root or intermediate authority. */
export function makeNotationAuthority(
  name: string,
  parts: CertificateParts = {},
  pathLength?: number,
): MadeCertificate {
  return makeAuthority(name, { extensions: [extension.authority(pathLength), keyUsage([5, 6])], ...parts });
}

/** A signer's certificate, valid for a day around the test time. */
export function makeNotationSigner(issuer: MadeCertificate | undefined, parts: CertificateParts = {}): MadeCertificate {
  return makeCertificate({
    subject: signerSubject,
    ...(issuer === undefined ? {} : { issuer }),
    notBefore: new Date(testTime.getTime() - 43_200_000),
    notAfter: new Date(testTime.getTime() + 43_200_000),
    extensions: [keyUsage([0]), extension.purposes([purposes.codeSigning])],
    ...parts,
  });
}

/** What an envelope is made of; all but the chain has a default, and each part can be spoilt. */
export interface EnvelopeParts {
  /** The signer first. */
  readonly chain: readonly Pick<MadeCertificate, 'der' | 'keys'>[];
  readonly key?: NotationKeyName;
  readonly payload?: unknown;
  /** Changes the signed attributes, for JWS also into a text; in COSE numbers are written as `#1`. */
  readonly edit?: (header: Record<string, unknown>) => Record<string, unknown> | string;
  /** Changes the unsigned ones. */
  readonly editUnsigned?: (header: Record<string, unknown>) => Record<string, unknown>;
  readonly scheme?: string;
  readonly signingTime?: Date;
  readonly expiry?: Date;
  /** Makes a timestamp of the signature. */
  readonly stamp?: (signature: Buffer) => Buffer;
  readonly spoil?: (signature: Buffer) => Buffer;
  /** The salt of RSASSA-PSS, where it is another than as many octets as the digest has. */
  readonly saltLength?: number;
}

const payloadType = 'application/vnd.cncf.notary.payload.v1+json';
const prefix = 'io.cncf.notary.';

/** A payload about bytes that are a manifest. */
export function payloadOf(manifest: Uint8Array, annotations?: Readonly<Record<string, string>>): object {
  return {
    targetArtifact: {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest: `sha256:${createHash('sha256').update(manifest).digest('hex')}`,
      size: manifest.length,
      ...(annotations === undefined ? {} : { annotations }),
    },
  };
}

/** What both envelopes sign beside the payload; times as dates. */
function attributesOf({ scheme = 'notary.x509', signingTime = testTime, expiry }: EnvelopeParts): {
  readonly names: Record<string, unknown>;
  readonly critical: string[];
} {
  const isAuthority = scheme === 'notary.x509.signingAuthority';
  const time = `${prefix}${isAuthority ? 'authenticSigningTime' : 'signingTime'}`;
  return {
    names: {
      [`${prefix}signingScheme`]: scheme,
      [time]: signingTime,
      ...(expiry === undefined ? {} : { [`${prefix}expiry`]: expiry }),
    },
    critical: [
      `${prefix}signingScheme`,
      ...(isAuthority ? [time] : []),
      ...(expiry === undefined ? [] : [`${prefix}expiry`]),
    ],
  };
}

function signatureOf(parts: EnvelopeParts, key: NotationKeyName, message: Uint8Array): Buffer {
  const { hash } = notationKeys[key];
  const privateKey = parts.chain[0]?.keys.privateKey as TestKeys['privateKey'];
  const saltLength = parts.saltLength ?? constants.RSA_PSS_SALTLEN_DIGEST;
  const made =
    privateKey.asymmetricKeyType === 'rsa'
      ? sign(hash, message, { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength })
      : sign(hash, message, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return parts.spoil?.(made) ?? made;
}

/** An envelope in JWS (RFC 7515, 7.2.2), right or wrong. */
export function makeJws(parts: EnvelopeParts): Buffer {
  const { chain, key = 'ES256', payload = {} } = parts;
  const { names, critical } = attributesOf(parts);
  const header = { alg: key, crit: critical, cty: payloadType, ...names };
  const encode = (value: unknown): string => Buffer.from(textOf(value)).toString('base64url');
  const signed = encode(parts.edit?.(header) ?? header);
  const body = encode(payload);
  const signature = signatureOf(parts, key, Buffer.from(`${signed}.${body}`));
  const unsigned = {
    x5c: chain.map(({ der }) => der.toString('base64')),
    ...(parts.stamp === undefined
      ? {}
      : { [`${prefix}timestampSignature`]: parts.stamp(signature).toString('base64') }),
    [`${prefix}signingAgent`]: 'test/1.0',
  };
  return Buffer.from(
    JSON.stringify({
      payload: body,
      protected: signed,
      header: parts.editUnsigned?.(unsigned) ?? unsigned,
      signature: signature.toString('base64url'),
    }),
  );
}

/** Texts stand for themselves, so that JSON can be spoilt in ways that no object can. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(value, (_name, one: unknown) =>
    typeof one === 'string' && /\.\d{3}Z$/.test(one) ? `${one.slice(0, -5)}Z` : one,
  );
}

/** An envelope in COSE (RFC 9052, 4.2), right or wrong. */
export function makeCose(parts: EnvelopeParts): Buffer {
  const { chain, key = 'ES256', payload = {} } = parts;
  const { names, critical } = attributesOf(parts);
  const header = { '#1': notationKeys[key].label, '#2': critical, '#3': payloadType, ...names };
  const signed = encodeCbor(toCbor(parts.edit?.(header) ?? header));
  const body = Buffer.from(textOf(payload));
  const signature = signatureOf(parts, key, encodeCbor(['Signature1', signed, Buffer.alloc(0), body]));
  const unsigned = {
    '#33': chain.map(({ der }) => der),
    ...(parts.stamp === undefined ? {} : { [`${prefix}timestampSignature`]: parts.stamp(signature) }),
    [`${prefix}signingAgent`]: 'test/1.0',
  };
  return encodeCbor(new CborTag(18n, [signed, toCbor(parts.editUnsigned?.(unsigned) ?? unsigned), body, signature]));
}

function toCbor(value: unknown): CborValue {
  if (value instanceof Date) return new CborTag(1n, BigInt(Math.floor(value.getTime() / 1000)));
  if (Array.isArray(value)) return value.map(toCbor);
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value) || value instanceof CborTag) {
    return value as CborValue;
  }
  const entries = Object.entries(value).map(([name, one]): [CborLabel, CborValue] => [
    name.startsWith('#') ? BigInt(name.slice(1)) : name,
    toCbor(one),
  ]);
  return new Map(entries);
}
