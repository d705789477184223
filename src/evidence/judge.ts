import { createHash } from 'node:crypto';
import type { Digest } from '../oci/digest.ts';
import { formatName } from '../signing/certificate/distinguished-name.ts';
import type { Certificate } from '../signing/certificate/certificate.ts';
import { mayBe, type VerifiedAttachment, verifyCandidate, type WantedAttachment } from '../signing/image/candidate.ts';
import { parseEnvelope } from '../signing/notation/parse-envelope.ts';
import { verifyEnvelope } from '../signing/notation/verify-envelope.ts';
import { checks, VerificationError } from '../signing/verify/verification-error.ts';
import type { AttachedTo } from './attached/attached-to.ts';
import type { Found } from './attached/part.ts';
import type { CompiledSigner } from './signer/compile-signer.ts';

/** A signature or statement that counts for a signer. */
export interface Counted {
  readonly manifest: Digest;
  /** The key or identity that made it: a key's fingerprint, or who signed and who vouches for that. */
  readonly by: string;
  /** Absent where it states nothing, or is one of Notary Project's. */
  readonly verified?: VerifiedAttachment['verified'];
}

/** What came of judging: it counts, or it does not for some reason. Undefined for what is no matter of this signer. */
export type Judged = Counted | VerificationError | undefined;

/**
 * Judges one thing that is attached to a digest, for one signer, from memory. It counts when it does so in any of the signer's ways;
 * else the reason is told that it failed by last, which says most.
 *
 * @param digest of the image, by which alone anything is verified
 */
export async function judge(
  found: Found,
  attached: AttachedTo,
  digest: Digest,
  signer: CompiledSigner,
  wanted: WantedAttachment,
  now: Date,
): Promise<Judged> {
  if (!signer.layouts.has(found.layout)) return undefined;
  if (found.layout === 'notation') {
    return wanted.kind === 'signature' ? await judgeNotation(found, attached, signer, now) : undefined;
  }
  const elsewhere = found.tagPrefix !== undefined && found.tagPrefix !== signer.tagPrefix;
  if (elsewhere || !mayBe(found, wanted)) return undefined;
  return await firstThatCounts(signer.sigstore, async (way) => {
    const { manifest, verified } = await verifyCandidate(found, digest, { ...way, wanted }, now);
    return { manifest, by: signedBy(verified), verified };
  });
}

async function judgeNotation(
  { manifest, envelope: { bytes, mediaType } }: Extract<Found, { readonly layout: 'notation' }>,
  attached: AttachedTo,
  { notation }: CompiledSigner,
  now: Date,
): Promise<Judged> {
  const artifact = await attached.describe();
  return await firstThatCounts(notation, async ({ policy, check }) => {
    const verified = await verifyEnvelope(parseEnvelope(bytes, mediaType), artifact, policy, now);
    check(verified);
    const [leaf] = verified.chain as readonly [Certificate];
    return { manifest, by: `${formatName(leaf.subject)} of ${formatName(leaf.issuer)}` };
  });
}

async function firstThatCounts<Way>(ways: readonly Way[], verify: (way: Way) => Promise<Counted>): Promise<Judged> {
  let failure: VerificationError | undefined;
  for (const way of ways) {
    try {
      return await verify(way);
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      if (failure === undefined || progressOf(error) > progressOf(failure)) failure = error;
    }
  }
  return failure;
}

/** How far a verification came: what fails late is nearly right. */
export function progressOf({ code, facts: { check } }: VerificationError): number {
  // A key where a certificate is wanted, or the reverse, is not even of the kind.
  return code === 'SIGNER_KIND' ? -1 : checks.indexOf(check);
}

function signedBy({ signer }: VerifiedAttachment['verified']): string {
  return signer.kind === 'key'
    ? `key sha256:${createHash('sha256').update(signer.key.key.spki).digest('hex')}`
    : `${signer.identity.subject} of ${signer.identity.issuer ?? 'an authority of its own'}`;
}
