import type { Digest } from '../../../oci/digest.ts';
import type { AttestationCheck, BySigner, Evidence, Gathered, VerifiedAttestation } from '../../../policy/evidence.ts';
import type { AttestationRequirement } from '../../../policy/requirements.ts';
import type { Signer } from '../../../policy/model.ts';
import type { VerifiedAttachment } from '../../../signing/image/verify-image.ts';
import { gathered } from './look.ts';
import { signedBy } from './signers.ts';
import { type SignatureContext, verifySigner } from './verify-signer.ts';

/** Looks for statements about an image, or about an index that names it. */
export async function gatherAttestations(
  context: SignatureContext,
  digests: readonly Digest[],
  wanted: readonly AttestationRequirement[],
  signerOf: (name: string) => Signer,
): Promise<NonNullable<Evidence['attestations']>> {
  const byType: Record<string, BySigner<AttestationCheck>> = {};
  for (const { predicateType, signers } of wanted) {
    const checks: Record<string, Gathered<AttestationCheck>> = {};
    for (const name of signers) {
      const look = (): Promise<AttestationCheck | undefined> => check(context, digests, signerOf(name), predicateType);
      checks[name] = await gathered(context.now, context.signal, look);
    }
    byType[predicateType] = checks;
  }
  return byType;
}

async function check(
  context: SignatureContext,
  digests: readonly Digest[],
  signer: Signer,
  predicateType: string,
): Promise<AttestationCheck | undefined> {
  const verified: VerifiedAttestation[] = [];
  let refused: string | undefined;
  for (const digest of digests) {
    const found = await verifySigner(context, digest, signer, { kind: 'attestation', predicateType });
    verified.push(...found.verified.map(statedBy));
    refused ??= found.why;
  }
  if (verified.length === 0 && refused === undefined) return undefined;
  return { verified, ...(refused === undefined ? {} : { refused }) };
}

function statedBy(one: VerifiedAttachment): VerifiedAttestation {
  const { verified } = one;
  const predicate = 'statement' in verified ? verified.statement.predicate : undefined;
  const vouched = verified.logs.length + verified.timestamps.length > 0;
  const earliest = Math.min(...verified.times.map((time) => time.getTime()));
  return {
    by: signedBy([one]).join(', '),
    predicate,
    ...(vouched && Number.isFinite(earliest) ? { signedAt: earliest } : {}),
  };
}
