import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { CodecError } from '../../codec/error.ts';
import { formatPem, type PemBlock, parsePem } from '../../codec/pem/pem.ts';
import type { KeyType } from '../../signing/key/key-type.ts';
import { RefusedError } from '../error.ts';
import { keyTypeOf } from './key-type-of.ts';

/** A key that a client sent, bare or in a certificate. */
export interface SubmittedKey {
  readonly type: KeyType;
  readonly key: KeyObject;
  readonly spki: Buffer;
  /** The certificate that it came in. */
  readonly certificate?: X509Certificate;
  /** What was sent, as Rekor v1 writes it down: PEM of 64 columns. */
  readonly pem: string;
}

/** Reads a key or certificate in PEM. @throws RefusedError */
export function parseSubmittedPem(text: string): SubmittedKey {
  let blocks: readonly PemBlock[];
  try {
    blocks = parsePem(text);
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    throw refused('it is no PEM', cause);
  }
  const [first] = blocks;
  if (first?.label === 'CERTIFICATE') {
    return { ...readCertificate(first.bytes), pem: blocks.map(formatPem).join('') };
  }
  if (first?.label !== 'PUBLIC KEY' || blocks.length > 1) throw refused('it is neither a key nor a certificate');
  return readPublicKey(first.bytes);
}

/** Reads a SubjectPublicKeyInfo in DER. @throws RefusedError */
export function readPublicKey(der: Buffer): SubmittedKey {
  let key: KeyObject;
  try {
    key = createPublicKey({ key: der, type: 'spki', format: 'der' });
  } catch (cause) {
    throw refused('it is no SubjectPublicKeyInfo', cause);
  }
  return describeKey(key);
}

/** Reads a certificate in DER. @throws RefusedError */
export function readCertificate(der: Buffer): SubmittedKey {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(der);
  } catch (cause) {
    throw refused('it is no certificate', cause);
  }
  return { ...describeKey(certificate.publicKey), certificate, pem: formatPem({ label: 'CERTIFICATE', bytes: der }) };
}

/** Keys that are too weak are refused, as goodkey does for Fulcio. */
function describeKey(key: KeyObject): SubmittedKey {
  const type = keyTypeOf(key);
  if (type === undefined) throw refused('nothing signs with its kind');
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 2048;
  if (bits < 2048 || bits > 16_384) throw refused(`it has ${bits} bits`);
  const spki = key.export({ type: 'spki', format: 'der' });
  return { type, key, spki, pem: formatPem({ label: 'PUBLIC KEY', bytes: spki }) };
}

function refused(why: string, cause?: unknown): RefusedError {
  return new RefusedError('REQUEST_INVALID', `The public key is not taken: ${why}`, { cause });
}
