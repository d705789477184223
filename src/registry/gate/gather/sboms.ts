import type { Digest } from '../../../oci/digest.ts';
import type { SbomFacts } from '../../../policy/evidence.ts';
import type { Signer } from '../../../policy/model.ts';
import { findAttachments } from '../../../signing/cosign/attachments.ts';
import { predicateTypes } from '../../../signing/statement/predicate-type.ts';
import { gatherSignatures } from './signatures.ts';
import { signedBy } from './signers.ts';
import { type SignatureContext, verifySigner } from './verify-signer.ts';

/** Predicate types of statements that hold a bill of materials. */
const statements = [
  { format: 'cyclonedx', predicateType: predicateTypes.cyclonedx },
  { format: 'spdx', predicateType: predicateTypes.spdxjson },
] as const;

/**
 * Bills of materials of an image: documents that are attached to it, which may be signed themselves, and signed statements that hold
 * one. A statement of none of the signers is no bill of anybody's.
 *
 * @throws SigningError SIGNATURES_UNAVAILABLE when it could not be told
 */
export async function gatherSboms(
  context: SignatureContext,
  digest: Digest,
  signers: readonly Signer[],
): Promise<readonly SbomFacts[]> {
  const found: SbomFacts[] = [];
  const { attachments } = await findAttachments(context.remote, digest, { signal: context.signal });
  for (const { kind, artifactType = '', descriptor } of attachments) {
    if (kind !== 'sbom') continue;
    const signatures = await gatherSignatures(context, [descriptor.digest], signers);
    found.push({ format: formatOf(artifactType), digest: descriptor.digest, signatures });
  }
  for (const { format, predicateType } of statements) {
    const by = new Map<Digest, Record<string, SbomFacts['signatures'][string]>>();
    for (const signer of signers) {
      const { verified } = await verifySigner(context, digest, signer, { kind: 'attestation', predicateType });
      for (const one of verified) {
        const held = by.get(one.manifest) ?? {};
        held[signer.name] = { state: 'known', at: context.now(), value: { verified: true, by: signedBy([one]) } };
        by.set(one.manifest, held);
      }
    }
    for (const [manifest, signatures] of by) found.push({ format, digest: manifest, signatures });
  }
  return found;
}

function formatOf(artifactType: string): string {
  return /cyclonedx|spdx|syft/.exec(artifactType)?.[0] ?? artifactType;
}
