import { decodeBase64 } from '../../codec/base64/decode.ts';
import { CodecError } from '../../codec/error.ts';
import { parsePem } from '../../codec/pem/pem.ts';
import type { LogEntry, SignedEntity, SignerMaterial } from '../entity.ts';
import { signingLimits } from '../limits.ts';
import { VerificationError, type VerificationErrorCode } from '../verify/verification-error.ts';
import { layerAnnotations } from './annotations.ts';
import { parseEnvelope } from './envelope.ts';
import { parseLogBundle, parseTimestampAnnotation } from './log-bundle.ts';

/**
 * Puts together what a layer of a `.sig` or `.att` image and its annotations prove (cosign, SIGNATURE_SPEC.md), so that
 * it is verified by the same steps as a bundle (research of the formats, section 2.1; order of checks 1).
 *
 * @throws VerificationError SIGNATURE_MALFORMED, SIGNER_KIND, SIGNATURE_TOO_LARGE
 */
export function legacyEntity(
  kind: 'signature' | 'attestation',
  payload: Buffer,
  annotations: Readonly<Record<string, string>>,
): SignedEntity {
  const content =
    kind === 'attestation'
      ? read('envelope', () => parseEnvelope(payload))
      : ({ kind: 'message', signature: readSignature(annotations) } as const);
  const bundle = annotations[layerAnnotations.bundle];
  const timestamp = annotations[layerAnnotations.timestamp];
  const logEntries: readonly LogEntry[] = bundle ? [read('log bundle', () => parseLogBundle(bundle))] : [];
  const timestamps = timestamp ? [read('timestamp', () => parseTimestampAnnotation(timestamp))] : [];
  const layer = kind === 'attestation' ? { layer: payload } : {};
  return { format: 'legacy', material: readMaterial(annotations), logEntries, timestamps, ...layer, content };
}

function readSignature(annotations: Readonly<Record<string, string>>): Buffer {
  const text = annotations[layerAnnotations.signature];
  if (text) return read('signature', () => decodeBase64(text));
  throw wrong('SIGNATURE_MALFORMED', 'The layer has no signature', 'none', layerAnnotations.signature);
}

function readMaterial(annotations: Readonly<Record<string, string>>): SignerMaterial {
  const leaf = annotations[layerAnnotations.certificate];
  // Written as "" where there is none.
  const chain = annotations[layerAnnotations.chain];
  if (!leaf) {
    if (!chain) return { kind: 'public-key' };
    throw wrong(
      'SIGNATURE_MALFORMED',
      'There is a chain of certificates to no certificate',
      'a chain',
      'a certificate',
    );
  }
  const leaves = certificatesOf(leaf);
  if (leaves.length !== 1) {
    throw wrong('SIGNATURE_MALFORMED', 'The certificate is not exactly one', `${leaves.length} certificates`, '1');
  }
  const certificates = [...leaves, ...(chain ? certificatesOf(chain) : [])];
  if (certificates.length <= signingLimits.chain) return { kind: 'certificate', certificates };
  const found = `${certificates.length} certificates`;
  throw wrong('SIGNATURE_TOO_LARGE', 'The chain of certificates is too long', found, `${signingLimits.chain}`);
}

/** A bare key in a certificate's place would need no authority and have no identity (GHSA-fx35-mq7g-6g98). */
function certificatesOf(text: string): Buffer[] {
  return read('certificate', () => parsePem(text)).map(({ label, bytes }) => {
    if (label === 'CERTIFICATE') return bytes;
    throw wrong('SIGNER_KIND', `There is a ${label} in the place of a certificate`, label, 'CERTIFICATE');
  });
}

function read<Result>(name: string, parse: () => Result): Result {
  try {
    return parse();
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    const facts = { check: 'shape', found: cause.message, wanted: `a readable ${name}` } as const;
    throw new VerificationError('SIGNATURE_MALFORMED', `The ${name} cannot be read`, facts, { cause });
  }
}

function wrong(code: VerificationErrorCode, message: string, found: string, wanted: string): VerificationError {
  return new VerificationError(code, message, { check: 'shape', found, wanted });
}
