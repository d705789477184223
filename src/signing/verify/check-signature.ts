import type { EnvelopeContent, MessageContent } from '../entity.ts';
import { defaultHash, type NamedHash } from '../key/key-type.ts';
import type { VerificationKey } from '../key/verification-key.ts';
import { verifyAnyForm, verifySignatureOfDigest } from '../key/verify-digest.ts';
import { preAuthenticationEncoding } from '../statement/pre-authentication-encoding.ts';
import { statementPayloadType } from '../statement/statement.ts';
import type { ArtifactDigests } from './artifact-digests.ts';
import type { Artifact } from './policy.ts';
import { VerificationError } from './verification-error.ts';

/** A signature, what it is of, and whose it must be. */
export interface SignatureInput {
  readonly content: MessageContent | EnvelopeContent;
  readonly key: VerificationKey;
  readonly artifact: Artifact;
  readonly digests: ArtifactDigests;
  /** The only one that counts, where the user names one. */
  readonly hash?: NamedHash | undefined;
}

/**
 * Step 8 of the order of checks, first half: the signature is the key's, over the artifact's bytes or the envelope's
 * pre-authentication encoding (DSSE v1.0, protocol.md). What the bundle says the bytes hash to must be true as well.
 *
 * @throws VerificationError SIGNATURE_WRONG, ARTIFACT_MISMATCH, SIGNATURE_UNSUPPORTED
 */
export async function checkSignature({ content, key, artifact, digests, hash: only }: SignatureInput): Promise<void> {
  if (content.kind === 'envelope') {
    const { payloadType, payload, signature } = content;
    if (payloadType !== statementPayloadType) {
      throw new VerificationError('SIGNATURE_UNSUPPORTED', 'The envelope holds something else than a statement', {
        check: 'signature',
        found: payloadType,
        wanted: statementPayloadType,
      });
    }
    const encoded = preAuthenticationEncoding(payloadType, payload);
    if (await anyOf(hashesOf(key, only), (hash) => verifyAnyForm(key, encoded, signature, { hash }))) return;
    throw wrong('envelope');
  }
  checkMessageDigest(content, digests);
  const good = await anyOf(hashesOf(key, only, content), (hash) =>
    artifact.kind === 'bytes'
      ? verifyAnyForm(key, artifact.bytes, content.signature, { hash })
      : verifyDigest(key, content.signature, digests, hash),
  );
  if (good) return;
  // Nobody can tell whether it is a good one over the bytes themselves (RFC 8032, 5.1.7).
  if (key.type === 'ed25519' && artifact.kind !== 'bytes') {
    const message =
      'The signature is not over the digest, and one over the whole file cannot be verified by its digest';
    const facts = { check: 'signature', wanted: 'the whole file, small enough to be held in memory' } as const;
    throw new VerificationError('SIGNATURE_UNSUPPORTED', message, facts);
  }
  throw wrong('artifact');
}

/**
 * The digests that a key may have signed over: what the user says, else what the bundle says and what goes with the key; cosign
 * before version 3 took SHA-256 whatever the key. A weaker digest than SHA-256 is taken from the user alone.
 */
function hashesOf(key: VerificationKey, only: NamedHash | undefined, content?: MessageContent): readonly NamedHash[] {
  const usual = defaultHash[key.type];
  if (key.type === 'ed25519') return [usual];
  if (only !== undefined) return [only];
  const said = content?.digest?.algorithm;
  return [...new Set([...(said === undefined ? [] : [said]), usual, 'sha256' as const])];
}

async function anyOf(hashes: readonly NamedHash[], holds: (hash: NamedHash) => Promise<boolean>): Promise<boolean> {
  for (const hash of hashes) if (await holds(hash)) return true;
  return false;
}

function verifyDigest(
  key: VerificationKey,
  signature: Uint8Array,
  digests: ArtifactDigests,
  algorithm: NamedHash,
): Promise<boolean> {
  // Nobody names what is signed by so short a digest.
  const hex = algorithm === 'sha224' ? undefined : digests.of(algorithm);
  if (algorithm === 'sha224' || hex === undefined) return Promise.resolve(false);
  return verifySignatureOfDigest(key, { algorithm, value: Buffer.from(hex, 'hex') }, signature, { hash: algorithm });
}

function checkMessageDigest({ digest }: MessageContent, digests: ArtifactDigests): void {
  if (digest === undefined) return;
  const real = digests.of(digest.algorithm);
  const said = digest.value.toString('hex');
  if (said === real) return;
  if (real === undefined) {
    const message = `The signature is over a ${digest.algorithm} digest, which was not given; verify the file itself`;
    throw new VerificationError('SIGNATURE_UNSUPPORTED', message, { check: 'signature', found: digest.algorithm });
  }
  throw new VerificationError('ARTIFACT_MISMATCH', 'The signature is of something else than what was verified', {
    check: 'subject',
    found: `${digest.algorithm}:${said}`,
    wanted: `${digest.algorithm}:${real}`,
  });
}

function wrong(what: string): VerificationError {
  return new VerificationError('SIGNATURE_WRONG', `The signature over the ${what} was not made with this key`, {
    check: 'signature',
  });
}
