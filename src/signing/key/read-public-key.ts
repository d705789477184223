import { createPublicKey } from 'node:crypto';
import { readBitString, readInteger, readOid } from '../../codec/der/primitives.ts';
import { type DerValue, expectTag, readDer, readSequence } from '../../codec/der/read.ts';
import { derTag } from '../../codec/der/tag.ts';
import { CodecError } from '../../codec/error.ts';
import type { KeyType } from './key-type.ts';
import { rsaBits } from './limits.ts';
import { isSmallOrder } from './small-order.ts';
import type { VerificationKey } from './verification-key.ts';

/** Named curves (RFC 5480, 2.1.1.1; SEC 2). */
const curves: Readonly<Record<string, { readonly type: KeyType; readonly bits: number }>> = {
  '1.2.840.10045.3.1.7': { type: 'ecdsa-p256', bits: 256 },
  '1.3.132.0.34': { type: 'ecdsa-p384', bits: 384 },
  '1.3.132.0.35': { type: 'ecdsa-p521', bits: 521 },
};

type Shape = Pick<VerificationKey, 'type' | 'bits'>;

/**
 * Reads a SubjectPublicKeyInfo (RFC 5280, 4.1.2.7) in DER: P-256, P-384, P-521, Ed25519, or RSA of 2,048 to 16,384 bits.
 * Curves are taken by name only and points uncompressed only, so that one key has one spelling: keys are compared by bytes.
 *
 * @throws CodecError MALFORMED when it breaks its format, UNSUPPORTED when it is a key of another kind or too weak
 */
export function readPublicKey(spkiDer: Uint8Array): VerificationKey {
  try {
    return readSpki(Buffer.from(spkiDer));
  } catch (error) {
    // What the reader of DER complains of does not say that it is about a key.
    if (!(error instanceof CodecError) || error.message.startsWith('The public key')) throw error;
    throw new CodecError(error.code, `The public key cannot be read: ${error.message}`, { cause: error.cause });
  }
}

function readSpki(spki: Buffer): VerificationKey {
  const [algorithm, bits, ...more] = readSequence(readDer(spki));
  if (more.length > 0) throw malformed('it holds more than an algorithm and a key');
  const [oidValue, parameters, ...rest] = readSequence(algorithm);
  const oid = readOid(oidValue);
  const material = readBitString(bits);
  if (rest.length > 0) throw malformed('its algorithm has more than one parameter');
  const shape = readShape(oid, parameters, material);
  try {
    return { ...shape, key: createPublicKey({ key: spki, format: 'der', type: 'spki' }), spki };
  } catch (cause) {
    // A point that is not on its curve, for one.
    throw malformed('its numbers make no key', cause);
  }
}

function readShape(oid: string, parameters: DerValue | undefined, material: Buffer): Shape {
  switch (oid) {
    case '1.2.840.10045.2.1':
      return readCurve(parameters, material);
    case '1.3.101.112':
      return readEdwards(parameters, material);
    case '1.2.840.113549.1.1.1':
      return readRsa(parameters, material);
    default:
      throw unsupported(`algorithm ${oid} is none that signatures are verified with here`);
  }
}

/** RFC 5480, 2.1.1: parameters that spell a curve out would let an attacker choose its generator (CVE-2020-0601). */
function readCurve(parameters: DerValue | undefined, material: Buffer): Shape {
  if (parameters?.tag !== derTag.oid) throw unsupported('its curve is not given by name');
  const curve = curves[readOid(parameters)];
  if (curve === undefined) throw unsupported('its curve is none of P-256, P-384 and P-521');
  const size = Math.ceil(curve.bits / 8);
  if (material[0] === 2 || material[0] === 3) throw unsupported('its point is compressed');
  if (material[0] !== 4 || material.length !== 1 + 2 * size) throw malformed('its point has an impossible length');
  return curve;
}

/** RFC 8410, 3 and 4. */
function readEdwards(parameters: DerValue | undefined, material: Buffer): Shape {
  if (parameters !== undefined) throw malformed('its algorithm has a parameter where none belongs');
  if (material.length !== 32) throw malformed('its point has an impossible length');
  if (isSmallOrder(material)) throw unsupported('its point verifies signatures that nobody made');
  return { type: 'ed25519', bits: 256 };
}

/** RFC 3279, 2.3.1. */
function readRsa(parameters: DerValue | undefined, material: Buffer): Shape {
  if (expectTag(parameters, derTag.null).content.length > 0) throw malformed('its NULL has content');
  const [modulusValue, exponentValue, ...more] = readSequence(readDer(material));
  if (more.length > 0) throw malformed('it holds more than a modulus and an exponent');
  const modulus = readInteger(modulusValue);
  const exponent = readInteger(exponentValue);
  if (modulus <= 0n || modulus % 2n === 0n) throw malformed('its modulus is no product of primes');
  const bits = modulus.toString(2).length;
  if (bits < rsaBits.least || bits > rsaBits.most) {
    throw unsupported(`its modulus has ${bits} bits; it takes ${rsaBits.least} to ${rsaBits.most}`);
  }
  if (exponent < 3n || exponent % 2n === 0n || exponent > rsaBits.largestExponent) {
    throw unsupported('its exponent is none that RSA is used with');
  }
  return { type: 'rsa', bits };
}

function malformed(what: string, cause?: unknown): CodecError {
  return new CodecError('MALFORMED', `The public key cannot be read: ${what}`, { cause });
}

function unsupported(what: string): CodecError {
  return new CodecError('UNSUPPORTED', `The public key cannot be used: ${what}`);
}
