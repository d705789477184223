import { Bundle, HashAlgorithm as ProtoHash } from '@sigstore/protobuf-specs';
import { CodecError } from '../../codec/error.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import { errorMessage } from '../../base/error.ts';
import type { EnvelopeContent, LogEntry, MessageContent, SignedEntity, SignerMaterial } from '../entity.ts';
import type { HashAlgorithm } from '../key/key-type.ts';
import { signingLimits } from '../limits.ts';
import { decodeLogEntry } from '../log/encode-entry.ts';
import { checkProtoJson } from '../proto-json.ts';
import { VerificationError, type VerificationErrorCode } from '../verify/verification-error.ts';
import { type BundleVersion, bundleVersion } from './media-type.ts';
import { bundleShape } from './shape.ts';

/** What to take beyond the letter of the format. */
export interface ParseBundleOptions {
  /** Takes a chain in a v0.3 bundle, which private authorities need (cosign's `--allow-certificate-chain`). */
  readonly allowCertificateChain?: boolean;
}

/**
 * Reads a bundle (sigstore_bundle.proto, versions 0.1 to 0.3) without believing any of it: form, caps and what each
 * version demands (order of checks 1).
 *
 * @throws VerificationError SIGNATURE_MALFORMED, SIGNATURE_UNSUPPORTED or SIGNATURE_TOO_LARGE
 */
export function parseBundle(bytes: Uint8Array, options: ParseBundleOptions = {}): SignedEntity {
  if (bytes.length > signingLimits.attachmentBytes) {
    throw refuse('SIGNATURE_TOO_LARGE', `it has ${bytes.length} bytes, more than ${signingLimits.attachmentBytes}`);
  }
  try {
    return readBundle(bytes, options);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    const code = error.code === 'LIMIT_EXCEEDED' ? 'SIGNATURE_TOO_LARGE' : 'SIGNATURE_MALFORMED';
    throw refuse(code, errorMessage(error), error);
  }
}

function readBundle(bytes: Uint8Array, options: ParseBundleOptions): SignedEntity {
  const json = parseStrictJson(bytes, signingLimits.jsonDepth);
  const mediaType = mediaTypeOf(json);
  const version = bundleVersion(mediaType);
  if (version === undefined) {
    throw refuse('SIGNATURE_UNSUPPORTED', `it calls itself "${mediaType.slice(0, 100)}", which is no known version`);
  }
  checkProtoJson(json, bundleShape, 'the bundle', 'refuse');
  const { verificationMaterial, content } = decode(json);
  if (verificationMaterial === undefined) throw refuse('SIGNATURE_MALFORMED', 'it has no verification material');
  const logEntries = entriesIn(json).map(decodeLogEntry);
  for (const entry of logEntries) checkProofs(entry, version);
  const stamps = verificationMaterial.timestampVerificationData?.rfc3161Timestamps ?? [];
  return {
    format: 'bundle',
    mediaType,
    material: materialOf(verificationMaterial.content, version, options),
    logEntries,
    timestamps: stamps.map(({ signedTimestamp }) => signedTimestamp),
    content: contentOf(content),
  };
}

/** Enum names that the generated reader does not know end in errors of its own. */
function decode(json: unknown): Bundle {
  try {
    return Bundle.fromJSON(json);
  } catch (cause) {
    throw refuse('SIGNATURE_MALFORMED', errorMessage(cause), cause);
  }
}

/** Of a bundle whose form was checked. */
function entriesIn(json: unknown): readonly unknown[] {
  const { verificationMaterial } = json as { verificationMaterial?: { tlogEntries?: readonly unknown[] | null } };
  return verificationMaterial?.tlogEntries ?? [];
}

function mediaTypeOf(json: unknown): string {
  const value = typeof json === 'object' && json !== null ? (json as { mediaType?: unknown }).mediaType : undefined;
  return typeof value === 'string' ? value : '';
}

function materialOf(
  content: NonNullable<Bundle['verificationMaterial']>['content'],
  version: BundleVersion,
  { allowCertificateChain }: ParseBundleOptions,
): SignerMaterial {
  switch (content?.$case) {
    case 'publicKey': {
      const { hint } = content.publicKey;
      return hint === '' ? { kind: 'public-key' } : { kind: 'public-key', hint };
    }
    case 'certificate':
      return { kind: 'certificate', certificates: [nonEmpty(content.certificate.rawBytes, 'certificate')] };
    case 'x509CertificateChain': {
      const { certificates } = content.x509CertificateChain;
      if (certificates.length === 0) throw refuse('SIGNATURE_MALFORMED', 'its certificate chain is empty');
      // "MUST contain only the leaf": sigstore_bundle.proto on 0.3.
      if (version === '0.3' && allowCertificateChain !== true) {
        throw refuse('SIGNATURE_MALFORMED', 'version 0.3 carries one certificate, not a chain');
      }
      return {
        kind: 'certificate',
        certificates: certificates.map(({ rawBytes }) => nonEmpty(rawBytes, 'certificate')),
      };
    }
    default:
      throw refuse('SIGNATURE_MALFORMED', 'it names neither a certificate nor a key');
  }
}

/** 0.1 came with the log's promise; later versions carry a proof with its checkpoint. */
function checkProofs({ promise, proof }: LogEntry, version: BundleVersion): void {
  if (version === '0.1') {
    if (promise === undefined) throw refuse('SIGNATURE_MALFORMED', 'a log entry lacks the promise of version 0.1');
  } else if (proof?.checkpoint === undefined) {
    throw refuse('SIGNATURE_MALFORMED', `a log entry lacks the inclusion proof of version ${version}`);
  }
}

function contentOf(content: Bundle['content']): MessageContent | EnvelopeContent {
  if (content === undefined) throw refuse('SIGNATURE_MALFORMED', 'it holds no signature');
  if (content.$case === 'messageSignature') {
    const { messageDigest, signature } = content.messageSignature;
    const digest = messageDigest === undefined ? undefined : digestOf(messageDigest);
    return {
      kind: 'message',
      signature: nonEmpty(signature, 'signature'),
      ...(digest === undefined ? {} : { digest }),
    };
  }
  const { payload, payloadType, signatures } = content.dsseEnvelope;
  const [signature, ...others] = signatures;
  // A second signature would be checked by some readers and passed over by others.
  if (signature === undefined || others.length > 0) {
    throw refuse('SIGNATURE_MALFORMED', `its envelope has ${signatures.length} signatures where one belongs`);
  }
  return {
    kind: 'envelope',
    payloadType,
    payload: nonEmpty(payload, 'payload'),
    signature: nonEmpty(signature.sig, 'signature'),
    ...(signature.keyid === '' ? {} : { keyId: signature.keyid }),
  };
}

const hashes: ReadonlyMap<ProtoHash, readonly [HashAlgorithm, number]> = new Map([
  [ProtoHash.SHA2_256, ['sha256', 32]],
  [ProtoHash.SHA2_384, ['sha384', 48]],
  [ProtoHash.SHA2_512, ['sha512', 64]],
]);

function digestOf({ algorithm, digest }: { readonly algorithm: ProtoHash; readonly digest: Buffer }) {
  const [name, length] = hashes.get(algorithm) ?? [];
  if (name === undefined) throw refuse('SIGNATURE_UNSUPPORTED', 'its message digest is of no supported algorithm');
  if (digest.length !== length) throw refuse('SIGNATURE_MALFORMED', 'its message digest has the wrong length');
  return { algorithm: name, value: digest };
}

function nonEmpty(bytes: Buffer, name: string): Buffer {
  if (bytes.length === 0) throw refuse('SIGNATURE_MALFORMED', `its ${name} is empty`);
  return bytes;
}

function refuse(code: VerificationErrorCode, why: string, cause?: unknown): VerificationError {
  const options = cause === undefined ? undefined : { cause };
  return new VerificationError(code, `The bundle cannot be used: ${why}`, { check: 'shape' }, options);
}
