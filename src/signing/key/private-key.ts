import { createPrivateKey, createPublicKey, generateKeyPair as generate, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { isSeaworthyError } from '../../base/error.ts';
import { expectTag, readDer, readSequence } from '../../codec/der/read.ts';
import { derTag } from '../../codec/der/tag.ts';
import { parsePem } from '../../codec/pem/pem.ts';
import { SigningError } from '../error.ts';
import { signingLimits } from '../limits.ts';
import { isEncryptedLabel } from './encrypted-key.ts';
import type { KeyType } from './key-type.ts';
import { readPublicKey } from './read-public-key.ts';
import type { VerificationKey } from './verification-key.ts';
import { weaknessOf } from './weak-key.ts';

/** A private key and its public half. */
export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: VerificationKey;
}

/** PEM labels of private keys that are not encrypted, with the structure that is inside (RFC 5958, RFC 5915, RFC 8017). */
const structures: Readonly<Record<string, 'pkcs8' | 'sec1' | 'pkcs1'>> = {
  'PRIVATE KEY': 'pkcs8',
  'EC PRIVATE KEY': 'sec1',
  'RSA PRIVATE KEY': 'pkcs1',
};

/** What follows the version in each: an algorithm, the key's octets, the modulus. */
const secondTags = { pkcs8: derTag.sequence, sec1: derTag.octetString, pkcs1: derTag.integer } as const;

/** Bits of RSA keys that are made here: NIST SP 800-57 takes them for good until 2030 and after. */
const rsaModulusBits = 3072;

const curveNames = { 'ecdsa-p256': 'P-256', 'ecdsa-p384': 'P-384', 'ecdsa-p521': 'P-521' } as const;

const generateAsync = promisify(generate);

/** Makes a key pair; cosign makes P-256 ones. */
export async function generateKeyPair(type: KeyType = 'ecdsa-p256'): Promise<KeyPair> {
  const { privateKey } = await generateOf(type);
  return pairOf(privateKey);
}

function generateOf(type: KeyType): Promise<{ readonly privateKey: KeyObject }> {
  if (type === 'rsa') return generateAsync('rsa', { modulusLength: rsaModulusBits });
  if (type === 'ed25519') return generateAsync('ed25519');
  return generateAsync('ec', { namedCurve: curveNames[type] });
}

/**
 * Reads a private key that is not encrypted: PEM `PRIVATE KEY`, `EC PRIVATE KEY` or `RSA PRIVATE KEY`. Weak keys are
 * refused.
 *
 * @throws SigningError KEY_INVALID, without any of the key's bytes in it
 */
export function importPrivateKey(pem: string | Uint8Array): KeyPair {
  if (pem.length > signingLimits.keyBytes) throw refused(`it has more than ${signingLimits.keyBytes} bytes`);
  const text = typeof pem === 'string' ? pem : Buffer.from(pem).toString('latin1');
  const { label, bytes } = privateBlock(text);
  try {
    const structure = structures[label];
    if (structure === undefined) throw refused(labelHint(label));
    return readPrivateKey(bytes, structure);
  } finally {
    bytes.fill(0);
  }
}

function readPrivateKey(der: Buffer, structure: 'pkcs8' | 'sec1' | 'pkcs1'): KeyPair {
  let privateKey: KeyObject;
  try {
    // OpenSSL takes any structure under any name.
    expectTag(readSequence(readDer(der))[1], secondTags[structure]);
    privateKey = createPrivateKey({ key: der, format: 'der', type: structure });
  } catch {
    // OpenSSL's own words may quote what it read.
    throw refused('its bytes are no key');
  }
  const pair = pairOf(privateKey);
  if (pair.publicKey.type === 'rsa') refuseWeak(pair.publicKey);
  return pair;
}

/**
 * The private key with its public half, when it is of a kind that signs here.
 *
 * @throws SigningError KEY_INVALID
 */
export function pairOf(privateKey: KeyObject): KeyPair {
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  try {
    return { privateKey, publicKey: readPublicKey(spki) };
  } catch (cause) {
    throw new SigningError('KEY_INVALID', 'The private key is of a kind or size that is not signed with here', {
      cause,
    });
  }
}

function refuseWeak({ key, bits }: VerificationKey): void {
  const { n = '', e = '' } = key.export({ format: 'jwk' });
  if (bits % 8 !== 0) throw refused(`its modulus has ${bits} bits, which is no multiple of 8`);
  if (numberOf(e) < 65_537n) throw refused('its exponent is below 65537');
  const weakness = weaknessOf(numberOf(n));
  if (weakness !== undefined) throw refused(weakness);
}

function numberOf(base64Url: string): bigint {
  return BigInt(`0x${Buffer.from(base64Url, 'base64url').toString('hex')}`);
}

function privateBlock(text: string): { readonly label: string; readonly bytes: Buffer } {
  // OpenSSL's own encryption has headers between the label and the base64, which no reader here takes.
  if (/^Proc-Type:/m.test(text)) throw refused(labelHint('ENCRYPTED PRIVATE KEY'));
  try {
    // `openssl ecparam -genkey` writes the curve before the key.
    const blocks = parsePem(text).filter(({ label }) => label !== 'EC PARAMETERS');
    const [block, ...more] = blocks;
    if (block === undefined) throw refused('it holds no PEM block');
    if (more.length > 0) throw refused('it holds more than one PEM block');
    return block;
  } catch (error) {
    // What a codec complains of may quote the key.
    if (error instanceof SigningError || !isSeaworthyError(error)) throw error;
    throw refused('it is no PEM text');
  }
}

function labelHint(label: string): string {
  if (isEncryptedLabel(label)) return 'it is encrypted as cosign does already: use it as it is';
  if (label === 'ENCRYPTED PRIVATE KEY') return "it has OpenSSL's own encryption: decrypt it with `openssl pkey` first";
  if (label === 'OPENSSH PRIVATE KEY') return 'it is an OpenSSH key: convert it with `ssh-keygen -p -m pkcs8` first';
  return `"${label}" is none of PRIVATE KEY, EC PRIVATE KEY and RSA PRIVATE KEY`;
}

function refused(why: string): SigningError {
  return new SigningError('KEY_INVALID', `The private key cannot be used: ${why}`);
}
