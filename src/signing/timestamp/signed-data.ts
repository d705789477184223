import { CodecError } from '../../codec/error.ts';
import { readInteger, readIntegerBytes, readOctets, readOid } from '../../codec/der/primitives.ts';
import { type DerValue, expectTag, readChildren, readSequence } from '../../codec/der/read.ts';
import { contextTag, derTag } from '../../codec/der/tag.ts';
import {
  readHashAlgorithm,
  readSignatureAlgorithm,
  type SignatureAlgorithm,
} from '../certificate/signature-algorithm.ts';
import type { HashAlgorithm } from '../key/key-type.ts';
import { timestampLimits } from './limits.ts';
import { timestampOid } from './object-identifiers.ts';

/** How a signer is named: by its certificate's issuer and serial number, or by the identifier of its key. */
export type SignerId =
  | { readonly kind: 'issuer-and-serial'; readonly issuer: Buffer; readonly serialNumber: Buffer }
  | { readonly kind: 'key-id'; readonly keyId: Buffer };

/** A signature in the Cryptographic Message Syntax over content that it carries (RFC 5652, section 5). */
export interface SignedData {
  readonly contentType: string;
  readonly content: Buffer;
  /** Certificates in DER, in the order in which they came: hints. */
  readonly certificates: readonly Buffer[];
  readonly signer: SignerInfo;
}

/** The one signature (RFC 5652, 5.3). */
export interface SignerInfo {
  readonly id: SignerId;
  readonly digest: HashAlgorithm;
  /** The values of each signed attribute; no attribute is there twice. */
  readonly attributes: ReadonlyMap<string, readonly DerValue[]>;
  /** What was signed: the attributes as a SET in DER. */
  readonly signedBytes: Buffer;
  readonly algorithm: SignatureAlgorithm;
  readonly signature: Buffer;
}

/**
 * Reads a ContentInfo that holds SignedData with content, signed attributes and exactly one signer.
 *
 * @throws CodecError
 */
export function readSignedData(contentInfo: DerValue | undefined): SignedData {
  const [type, wrapper, ...rest] = readSequence(contentInfo);
  if (readOid(type) !== timestampOid.signedData || rest.length > 0) throw malformed('it is not signed data');
  const fields = readSequence(only(readChildren(expectTag(wrapper, contextTag(0, true)))));
  const version = readInteger(fields.shift());
  if (version < 1n || version > 5n) throw malformed(`it has the version ${version}`);
  // The digests are named once more where they are used.
  readSequence(fields.shift(), derTag.set);
  const { contentType, content } = readContent(fields.shift());
  const certificates = fields[0]?.tag === contextTag(0, true) ? readCertificates(fields.shift() as DerValue) : [];
  // Lists of what was revoked are not used: a timestamp is trusted by the time at which it was made.
  if (fields[0]?.tag === contextTag(1, true)) fields.shift();
  const signers = readSequence(fields.shift(), derTag.set);
  if (fields.length > 0) throw malformed('something follows the signers');
  // RFC 3161, 2.4.2: the authority's signature and no other.
  if (signers.length !== 1) throw malformed(`it has ${signers.length} signers`);
  return { contentType, content, certificates, signer: readSignerInfo(signers[0]) };
}

function readContent(value: DerValue | undefined): Pick<SignedData, 'contentType' | 'content'> {
  const [type, wrapper, ...rest] = readSequence(value);
  if (rest.length > 0) throw malformed('something follows the content');
  return {
    contentType: readOid(type),
    content: readOctets(only(readChildren(expectTag(wrapper, contextTag(0, true))))),
  };
}

/** RFC 5652, 10.2.2; kinds of certificates other than X.509's have tags of their own and are passed over. */
function readCertificates(list: DerValue): Buffer[] {
  const certificates = readChildren(list).filter(({ tag }) => tag === derTag.sequence);
  if (certificates.length > timestampLimits.certificates) {
    throw new CodecError('LIMIT_EXCEEDED', `The timestamp has ${certificates.length} certificates`);
  }
  return certificates.map(({ raw }) => raw);
}

function readSignerInfo(value: DerValue | undefined): SignerInfo {
  const fields = readSequence(value);
  const version = readInteger(fields.shift());
  const id = readSignerId(fields.shift());
  // 5.3: the version says how the signer is named.
  if (version !== (id.kind === 'key-id' ? 3n : 1n)) throw malformed(`its signer has the version ${version}`);
  const digest = readHashAlgorithm(fields.shift());
  const attributes = expectTag(fields.shift(), contextTag(0, true));
  const algorithm = readSignatureAlgorithm(fields.shift(), digest);
  const hash = algorithm.kind === 'ed25519' ? 'sha512' : algorithm.hash;
  // RFC 5754, section 3, and RFC 8419, section 3: the attributes are hashed as the content is.
  if (hash !== digest) throw malformed('its signer names two digests');
  const signature = readOctets(fields.shift());
  // Unsigned attributes prove nothing.
  if (fields[0]?.tag === contextTag(1, true)) fields.shift();
  if (fields.length > 0) throw malformed('something follows the signature');
  return { id, digest, attributes: readAttributes(attributes), signedBytes: retag(attributes), algorithm, signature };
}

function readSignerId(value: DerValue | undefined): SignerId {
  if (value?.tag === contextTag(0, false)) return { kind: 'key-id', keyId: value.content };
  const [issuer, serial, ...rest] = readSequence(value);
  if (rest.length > 0) throw malformed('its signer is named by too much');
  return {
    kind: 'issuer-and-serial',
    issuer: expectTag(issuer, derTag.sequence).raw,
    serialNumber: readIntegerBytes(serial),
  };
}

function readAttributes(list: DerValue): ReadonlyMap<string, readonly DerValue[]> {
  const items = readChildren(list);
  if (items.length > timestampLimits.attributes) {
    throw new CodecError('LIMIT_EXCEEDED', `The timestamp has ${items.length} signed attributes`);
  }
  const attributes = new Map<string, readonly DerValue[]>();
  for (const item of items) {
    const [type, values, ...rest] = readSequence(item);
    const oid = readOid(type);
    if (rest.length > 0) throw malformed('something follows the values of an attribute');
    // 5.3: no attribute twice.
    if (attributes.has(oid)) throw malformed(`it has the attribute ${oid} twice`);
    attributes.set(oid, readSequence(values, derTag.set));
  }
  return attributes;
}

/** 5.4: what is signed has the tag of a SET, not the `[0]` under which it travels; all else is DER already. */
function retag({ raw }: DerValue): Buffer {
  const bytes = Buffer.from(raw);
  bytes[0] = derTag.set;
  return bytes;
}

function only(values: readonly DerValue[]): DerValue {
  const [value, ...rest] = values;
  if (value === undefined || rest.length > 0) throw malformed('a wrapper does not hold one value');
  return value;
}

function malformed(what: string): CodecError {
  return new CodecError('MALFORMED', `The timestamp cannot be read: ${what}`);
}
