import { decodeBase64, decodeBase64Url } from '../../codec/base64/decode.ts';
import { CodecError } from '../../codec/error.ts';
import { algorithmNamed } from './algorithm.ts';
import { parseDateTime } from './date-time.ts';
import { limitChain, malformed, type NotationEnvelope, unsupported } from './envelope.ts';
import { asFields, fieldOf, type Fields, readFields, textOf } from './json.ts';
import { attribute, readSignedAttributes } from './signed-attributes.ts';

const topLevel = ['payload', 'protected', 'header', 'signature'];
const unprotectedNames = ['x5c', attribute.timestamp, attribute.agent];
const protectedNames = ['alg', 'cty', 'crit', 'b64', ...Object.values(attribute)];

/**
 * Reads an envelope in the flattened JSON serialisation of JWS (RFC 7515, 7.2.2; notaryproject, signature-envelope-jws.md).
 * What is signed are the texts as they came, so base64 is taken in its one canonical form only.
 *
 * @throws VerificationError SIGNATURE_MALFORMED, SIGNATURE_UNSUPPORTED, SIGNATURE_TOO_LARGE
 */
export function parseJws(bytes: Uint8Array): NotationEnvelope {
  const whole = readFields(bytes, 'the envelope', topLevel);
  const stray = Object.keys(whole).find((name) => !topLevel.includes(name));
  // "no additional top level fields are supported"; `signatures` would be a second list of signatures.
  if (stray !== undefined) throw malformed(`the envelope has a field "${stray.slice(0, 60)}" that it cannot have`);
  const encodedPayload = textOf(whole, 'payload');
  const encodedHeader = textOf(whole, 'protected');
  const signed = readFields(base64Url(encodedHeader, 'protected'), 'the protected header', protectedNames);
  const unsigned = asFields(fieldOf(whole, 'header'), 'the unprotected header', [
    ...unprotectedNames,
    ...protectedNames,
  ]);
  checkHeaders(signed, unsigned);
  const name = textOf(signed, 'alg');
  const algorithm = algorithmNamed(name);
  if (algorithm === undefined) throw unsupported('The signature is made in a way that is not allowed', name);
  const signature = base64Url(textOf(whole, 'signature'), 'signature');
  if (signature.length === 0) throw malformed('it is empty');
  const timestamp = fieldOf(unsigned, attribute.timestamp);
  const agent = fieldOf(unsigned, attribute.agent);
  return {
    format: 'jws',
    algorithm,
    attributes: readSignedAttributes({
      scheme: fieldOf(signed, attribute.scheme),
      contentType: fieldOf(signed, 'cty'),
      ...readTime(signed, 'signingTime'),
      ...readTime(signed, 'authenticSigningTime'),
      ...readTime(signed, 'expiry'),
      critical: readCritical(signed),
      has: (wanted) => typeof wanted === 'string' && Object.hasOwn(signed, wanted),
    }),
    payload: base64Url(encodedPayload, 'payload'),
    signedBytes: Buffer.from(`${encodedHeader}.${encodedPayload}`, 'latin1'),
    signature,
    certificates: readCertificates(unsigned),
    ...(timestamp === undefined ? {} : { timestamp: base64(timestamp, attribute.timestamp) }),
    // A diagnosis: "the verifier MUST NOT … fail validation based on the content of this claim".
    ...(typeof agent === 'string' ? { agent } : {}),
  };
}

/** RFC 7515, 7.2.1: no name in both headers, and what decides over the signature only where it is signed. */
function checkHeaders(signed: Fields, unsigned: Fields): void {
  for (const name of Object.keys(unsigned)) {
    if (unprotectedNames.includes(name)) {
      if (!Object.hasOwn(signed, name)) continue;
    } else if (!protectedNames.includes(name) && !Object.hasOwn(signed, name)) continue;
    throw malformed(`"${name.slice(0, 60)}" stands in the wrong header, or in both`);
  }
  // RFC 7797: a payload that is not base64; it would have to be critical.
  if (Object.hasOwn(signed, 'b64')) throw unsupported('The payload is written in a way that is not known', 'b64');
  for (const name of unprotectedNames) {
    if (Object.hasOwn(signed, name)) throw malformed(`"${name}" stands in the wrong header, or in both`);
  }
}

function readCritical(signed: Fields): readonly string[] {
  const critical = fieldOf(signed, 'crit');
  if (!Array.isArray(critical) || !critical.every((name) => typeof name === 'string')) {
    throw malformed('"crit" is no list of names');
  }
  return critical;
}

function readTime<Name extends 'signingTime' | 'authenticSigningTime' | 'expiry'>(
  signed: Fields,
  name: Name,
): Partial<Record<Name, Date>> {
  if (!Object.hasOwn(signed, attribute[name])) return {};
  const time = parseDateTime(textOf(signed, attribute[name]));
  if (time === undefined) throw malformed(`${attribute[name]} is no time`);
  return { [name]: time } as Partial<Record<Name, Date>>;
}

/** RFC 7515, 4.1.6: base64 and not base64url. */
function readCertificates(unsigned: Fields): readonly Buffer[] {
  const chain = fieldOf(unsigned, 'x5c');
  if (!Array.isArray(chain) || chain.length === 0) throw malformed('it has no chain of certificates');
  limitChain(chain.length);
  return chain.map((one) => base64(one, 'x5c'));
}

function base64(value: unknown, name: string): Buffer {
  if (typeof value !== 'string') throw malformed(`"${name}" is no text`);
  return decode(decodeBase64, value, name);
}

function base64Url(text: string, name: string): Buffer {
  return decode(decodeBase64Url, text, name);
}

function decode(read: (text: string) => Buffer, text: string, name: string): Buffer {
  try {
    return read(text);
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    throw malformed(`"${name}" is not base64`, cause);
  }
}
