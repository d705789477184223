import type { Digest } from '../oci/digest.ts';
import type { CompiledPolicy } from '../policy/compile.ts';
import type { Evidence, ResolvedSubject } from '../policy/evidence.ts';
import type { Signer } from '../policy/model.ts';
import { requirementsOf } from '../policy/requirements.ts';
import type { SignatureContext } from './context.ts';
import { gatherAttestations } from './gather-attestations.ts';
import { gatherSboms } from './gather-sboms.ts';
import { gatherSignatures } from './gather-signatures.ts';
import { Gathering } from './gathering.ts';
import { gathered } from './look.ts';

/** What is known of attached documents, which takes long to find out and is remembered apart. */
export type AttachedEvidence = Pick<Evidence, 'signatures' | 'attestations' | 'sbom'>;

/**
 * Gathers what is attached to an image and vouches for it, as far as the rules that cover it need that. Everything is verified by the
 * digests that are given; no tag of the image is asked for.
 *
 * @param digests of indexes that name the image and vouch for it too; bills of materials are looked for at the image alone
 * @throws the signal's reason
 */
export async function gatherAttached(
  context: SignatureContext,
  policy: CompiledPolicy,
  subject: ResolvedSubject,
  digests: readonly Digest[],
  signal: AbortSignal,
): Promise<AttachedEvidence> {
  const { kinds, signers, sbomSigners, attestations } = requirementsOf(policy, subject);
  if (!kinds.has('signatures') && !kinds.has('attestations') && !kinds.has('sbom')) return {};
  const gathering = new Gathering(context, signal);
  const byName = new Map(policy.policy.signers.map((signer) => [signer.name, signer]));
  const signerOf = (name: string): Signer => byName.get(name) ?? { name, keys: [], identities: [] };
  const all = [...new Set([subject.digest, ...digests])];
  // An expression may count by how many keys somebody signed.
  const complete = policy.rules.some(({ rule, covers }) => rule.kind === 'expression' && covers(subject));
  const sboms = sbomSigners.map(signerOf);
  return {
    ...(kinds.has('signatures')
      ? { signatures: await gatherSignatures(gathering, all, signers.map(signerOf), complete) }
      : {}),
    ...(kinds.has('attestations')
      ? { attestations: await gatherAttestations(gathering, all, attestations, signerOf) }
      : {}),
    ...(kinds.has('sbom')
      ? {
          sbom: await gathered(context.now, signal, async () =>
            atLeastOne(await gatherSboms(gathering, subject.digest, sboms)),
          ),
        }
      : {}),
  };
}

function atLeastOne<Value>(values: readonly Value[]): readonly Value[] | undefined {
  return values.length === 0 ? undefined : values;
}
