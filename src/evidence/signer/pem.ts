import { createHash } from 'node:crypto';
import { errorMessage, isSeaworthyError } from '../../base/error.ts';
import { CodecError } from '../../codec/error.ts';
import { formatPem, parsePem, type PemBlock } from '../../codec/pem/pem.ts';
import type { Certificate } from '../../signing/certificate/certificate.ts';
import { parseCertificate } from '../../signing/certificate/parse.ts';
import { SigningError } from '../../signing/error.ts';
import { parsePublicKey } from '../../signing/key/parse-public-key.ts';
import type { VerificationKey } from '../../signing/key/verification-key.ts';
import type { Authority, LogInstance } from '../../signing/trust/trust-material.ts';
import { buildOwnAuthorities } from '../../signing/verify/check-certificate-chain.ts';
import { evidenceLimits } from '../limits.ts';

/**
 * The public keys of a PEM text, at least one: those of a key that was rotated stand one after the other.
 *
 * @throws SigningError KEY_INVALID
 */
export function readKeys(pem: string): readonly VerificationKey[] {
  const blocks = pem.length > evidenceLimits.pemBytes ? [] : quietly(() => parsePem(pem));
  // What is no list of blocks is read as one key, whose reader says best what is wrong with it.
  if (blocks.length < 2) return [withPaddings(parsePublicKey(pem))];
  if (blocks.length > evidenceLimits.pemBlocks) {
    throw new SigningError('KEY_INVALID', `There are ${blocks.length} keys, more than ${evidenceLimits.pemBlocks}`);
  }
  return blocks.map((block) => withPaddings(parsePublicKey(formatPem(block))));
}

/** An RSA key says nothing of how it signs, and key services sign with either padding: both are its holder's alone to make. */
function withPaddings(key: VerificationKey): VerificationKey {
  return key.type === 'rsa' ? { ...key, schemes: [{ padding: 'pkcs1' }, { padding: 'pss' }] } : key;
}

/** The certificates of a PEM text, at least one. @throws SigningError TRUSTED_ROOT_INVALID */
export function readCertificates(pem: string, what: string): readonly Certificate[] {
  try {
    if (pem.length > evidenceLimits.pemBytes) throw new CodecError('LIMIT_EXCEEDED', 'it is too long');
    const blocks = parsePem(pem);
    if (blocks.length === 0) throw new CodecError('MALFORMED', 'it holds no certificate');
    if (blocks.length > evidenceLimits.pemBlocks) throw new CodecError('LIMIT_EXCEEDED', 'it holds too many');
    return blocks.map(({ label, bytes }) => {
      if (label !== 'CERTIFICATE') throw new CodecError('MALFORMED', `it holds a ${label}`);
      return parseCertificate(bytes);
    });
  } catch (cause) {
    throw invalid(what, cause);
  }
}

/**
 * Authorities of a policy's own: each certificate that signed itself is one, and the others are hints. Where none did, the last is
 * trusted as it stands.
 *
 * @throws SigningError TRUSTED_ROOT_INVALID
 */
export function readAuthorities(pem: string, what: string): readonly Authority[] {
  const certificates = readCertificates(pem, what);
  const isRoot = ({ issuer, subject }: Certificate): boolean => issuer.equals(subject);
  const roots = certificates.filter(isRoot);
  if (roots.length > 0)
    return buildOwnAuthorities(
      what,
      roots,
      certificates.filter((one) => !isRoot(one)),
    );
  return buildOwnAuthorities(what, certificates.slice(-1), certificates.slice(0, -1));
}

/** Logs of a policy's own, each known by the hash of its key (RFC 6962, 3.2). @throws SigningError TRUSTED_ROOT_INVALID */
export function readLogs(pem: string, what: string): readonly LogInstance[] {
  let keys: readonly VerificationKey[];
  try {
    keys = readKeys(pem);
  } catch (cause) {
    throw invalid(what, cause);
  }
  return keys.map((key) => ({
    // Nobody says where it is, so it is known by its key alone.
    baseUrl: '',
    logId: createHash('sha256').update(key.spki).digest(),
    key,
    window: { start: new Date(0) },
  }));
}

function quietly(read: () => PemBlock[]): PemBlock[] {
  try {
    return read();
  } catch (error) {
    if (error instanceof CodecError) return [];
    throw error;
  }
}

function invalid(what: string, cause: unknown): SigningError {
  if (!isSeaworthyError(cause)) throw cause;
  return new SigningError('TRUSTED_ROOT_INVALID', `${what} cannot be used: ${errorMessage(cause)}`, { cause });
}
