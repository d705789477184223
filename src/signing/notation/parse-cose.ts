import { readCbor } from '../../codec/cbor/read.ts';
import { type CborMap, CborTag, type CborValue } from '../../codec/cbor/value.ts';
import { encodeCbor } from '../../codec/cbor/write.ts';
import { CodecError } from '../../codec/error.ts';
import { algorithmNamed } from './algorithm.ts';
import { limitChain, malformed, type NotationEnvelope, unsupported } from './envelope.ts';
import { attribute, readSignedAttributes } from './signed-attributes.ts';

/** Labels of headers (RFC 9052, 3.1; RFC 9360, 2). */
const label = { algorithm: 1n, critical: 2n, contentType: 3n, chain: 33n } as const;

/** `COSE_Sign1_Tagged`, and a time in seconds since 1970 (RFC 9052, 2; RFC 8949, 3.4.2). */
const sign1Tag = 18n;
const epochTag = 1n;

/** The last second of the year 9999, beyond which nobody means a time. */
const lastSecond = 253_402_300_799n;

/**
 * Reads an envelope in COSE (RFC 9052, 4.2; notaryproject, signature-envelope-cose.md): a tagged COSE_Sign1 that carries its
 * payload. The protected header is signed as it came.
 *
 * @throws VerificationError SIGNATURE_MALFORMED, SIGNATURE_UNSUPPORTED, SIGNATURE_TOO_LARGE
 */
export function parseCose(bytes: Uint8Array): NotationEnvelope {
  const document = read(bytes, 'the envelope');
  if (!(document instanceof CborTag) || document.number !== sign1Tag || !Array.isArray(document.value)) {
    throw malformed('it is no COSE_Sign1');
  }
  const [rawHeader, unsigned, payload, signature, ...rest] = document.value as readonly CborValue[];
  if (!Buffer.isBuffer(rawHeader) || !isMap(unsigned) || !Buffer.isBuffer(payload) || !Buffer.isBuffer(signature)) {
    throw malformed('it is no COSE_Sign1 with a payload');
  }
  if (rest.length > 0) throw malformed('something follows the signature');
  if (signature.length === 0) throw malformed('it is empty');
  const signed = read(rawHeader, 'the protected header');
  if (!isMap(signed)) throw malformed('the protected header is no map');
  checkHeaders(signed, unsigned);
  const named = signed.get(label.algorithm);
  const algorithm = typeof named === 'bigint' ? algorithmNamed(named) : undefined;
  if (algorithm === undefined) {
    throw unsupported(
      'The signature is made in a way that is not allowed',
      typeof named === 'bigint' ? `${named}` : '',
    );
  }
  const timestamp = unsigned.get(attribute.timestamp);
  if (timestamp !== undefined && !Buffer.isBuffer(timestamp)) throw malformed('its timestamp is no bytes');
  const agent = unsigned.get(attribute.agent);
  return {
    format: 'cose',
    algorithm,
    attributes: readSignedAttributes({
      scheme: signed.get(attribute.scheme),
      contentType: signed.get(label.contentType),
      ...readTime(signed, 'signingTime'),
      ...readTime(signed, 'authenticSigningTime'),
      ...readTime(signed, 'expiry'),
      critical: readCritical(signed),
      has: (name) => signed.has(name),
    }),
    payload,
    // RFC 9052, 4.4: Sig_structure, with nothing from outside.
    signedBytes: encodeCbor(['Signature1', rawHeader, Buffer.alloc(0), payload]),
    signature,
    certificates: readCertificates(unsigned),
    ...(timestamp === undefined ? {} : { timestamp }),
    // A diagnosis: "the verifier MUST NOT … fail validation based on the content of this claim".
    ...(typeof agent === 'string' ? { agent } : {}),
  };
}

/** RFC 9052, 3: no label in both, and what decides over the signature only where it is signed. */
function checkHeaders(signed: CborMap, unsigned: CborMap): void {
  const onlySigned: ReadonlySet<unknown> = new Set([
    label.algorithm,
    label.critical,
    label.contentType,
    attribute.scheme,
    attribute.signingTime,
    attribute.authenticSigningTime,
    attribute.expiry,
    attribute.plugin,
    attribute.pluginVersion,
  ]);
  for (const name of unsigned.keys()) {
    if (signed.has(name) || onlySigned.has(name)) {
      throw malformed(`"${String(name).slice(0, 60)}" stands in the wrong header, or in both`);
    }
  }
}

function readCritical(signed: CborMap): readonly (string | bigint)[] {
  const critical = signed.get(label.critical);
  const isName = (name: CborValue): name is string | bigint => typeof name === 'string' || typeof name === 'bigint';
  if (!Array.isArray(critical) || !critical.every(isName)) throw malformed('its list of critical headers is none');
  return critical;
}

/** Whole seconds: "The optional fractional seconds SHOULD NOT be used", and nobody does. */
function readTime<Name extends 'signingTime' | 'authenticSigningTime' | 'expiry'>(
  signed: CborMap,
  name: Name,
): Partial<Record<Name, Date>> {
  const value = signed.get(attribute[name]);
  if (value === undefined) return {};
  const seconds = value instanceof CborTag && value.number === epochTag ? value.value : undefined;
  if (typeof seconds !== 'bigint' || seconds < 0n || seconds > lastSecond) {
    throw malformed(`${attribute[name]} is no time`);
  }
  return { [name]: new Date(Number(seconds) * 1000) } as Partial<Record<Name, Date>>;
}

function readCertificates(unsigned: CborMap): readonly Buffer[] {
  const chain = unsigned.get(label.chain);
  const isBytes = (one: CborValue): one is Buffer => Buffer.isBuffer(one);
  if (!Array.isArray(chain) || chain.length === 0 || !chain.every(isBytes)) {
    throw malformed('it has no chain of certificates');
  }
  limitChain(chain.length);
  return chain;
}

function read(bytes: Uint8Array, what: string): CborValue {
  try {
    return readCbor(bytes);
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    throw malformed(`${what}: ${cause.message}`, cause);
  }
}

function isMap(value: CborValue | undefined): value is CborMap {
  return value instanceof Map;
}
