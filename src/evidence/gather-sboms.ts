import type { Digest } from '../oci/digest.ts';
import type { SbomFacts } from '../policy/evidence.ts';
import type { Signer } from '../policy/model.ts';
import { predicateTypes } from '../signing/statement/predicate-type.ts';
import { findStatements } from './gather-attestations.ts';
import { gatherSignatures } from './gather-signatures.ts';
import type { Gathering } from './gathering.ts';

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
  gathering: Gathering,
  digest: Digest,
  signers: readonly Signer[],
): Promise<readonly SbomFacts[]> {
  const found: SbomFacts[] = [];
  const documents = await gathering.attachments.to(digest, undefined).sboms();
  for (const { artifactType = '', descriptor } of documents) {
    const signatures = await gatherSignatures(gathering, [descriptor.digest], signers, false);
    found.push({ format: formatOf(artifactType), digest: descriptor.digest, signatures });
  }
  for (const { format, predicateType } of statements) {
    const by = new Map<Digest, Record<string, SbomFacts['signatures'][string]>>();
    for (const signer of signers) {
      const { counted } = await findStatements(gathering, digest, signer, predicateType);
      for (const one of counted) {
        const held = by.get(one.manifest) ?? {};
        held[signer.name] = { state: 'known', at: gathering.now(), value: { verified: true, by: [one.by] } };
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
