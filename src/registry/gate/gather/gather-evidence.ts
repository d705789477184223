import type { Digest } from '../../../oci/digest.ts';
import type { Evidence, Gathered, Subject, VulnerabilityFacts } from '../../../policy/evidence.ts';
import type { Signer } from '../../../policy/model.ts';
import { requirementsOf } from '../../../policy/requirements.ts';
import { firstPushed, manifestsNaming } from '../../../store/metadata/manifests.ts';
import { gateLimits } from '../limits.ts';
import type { GateRules, ScanFacts } from '../model.ts';
import { originRepository } from '../origin-repository.ts';
import type { GateParts } from '../parts.ts';
import { gatherAttestations } from './attestations.ts';
import type { ConfigFacts } from './image-facts.ts';
import { gathered } from './look.ts';
import { gatherSboms } from './sboms.ts';
import { gatherSignatures } from './signatures.ts';

/** What is known of attached documents, which takes long to find out and is remembered apart. */
export type AttachedEvidence = Pick<Evidence, 'signatures' | 'attestations' | 'sbom'>;

/** Gathers what is attached to an image and vouches for it, as far as the rules that cover it need that. */
export async function gatherAttached(
  { content, origin, clock }: GateParts,
  { policy, trust }: GateRules,
  subject: Subject,
  signal: AbortSignal,
): Promise<AttachedEvidence> {
  const { kinds, signers, sbomSigners, attestations } = requirementsOf(policy, subject);
  if (!kinds.has('signatures') && !kinds.has('attestations') && !kinds.has('sbom')) return {};
  const byName = new Map(policy.policy.signers.map((signer) => [signer.name, signer]));
  const signerOf = (name: string): Signer => byName.get(name) ?? { name, keys: [], identities: [] };
  const { repository, digest } = subject;
  const now = (): number => clock.now();
  const context = { remote: originRepository(content, origin, repository), trust, now, signal };
  const parents = await manifestsNaming(content.database, repository, digest, 'manifest', gateLimits.parents);
  const digests: readonly Digest[] = [digest, ...parents];
  const sboms = sbomSigners.map(signerOf);
  return {
    ...(kinds.has('signatures') ? { signatures: await gatherSignatures(context, digests, signers.map(signerOf)) } : {}),
    ...(kinds.has('attestations')
      ? { attestations: await gatherAttestations(context, digests, attestations, signerOf) }
      : {}),
    ...(kinds.has('sbom')
      ? { sbom: await gathered(now, signal, async () => atLeastOne(await gatherSboms(context, digest, sboms))) }
      : {}),
  };
}

/** Gathers the rest, which is at hand. */
export async function gatherEvidence(
  { content, clock }: Pick<GateParts, 'content' | 'clock'>,
  subject: Subject,
  config: Gathered<ConfigFacts>,
  scan: ScanFacts,
  attached: AttachedEvidence,
): Promise<Evidence> {
  const now = clock.now();
  const first = await firstPushed(content.database, subject.digest);
  return {
    subject,
    now,
    image: config.state === 'known' ? { state: 'known', value: config.value.facts, at: config.at } : config,
    // What is just being pushed is seen now.
    firstSeen: { state: 'known', value: first ?? now, at: now },
    vulnerabilities: vulnerabilitiesOf(scan),
    ...attached,
  };
}

function vulnerabilitiesOf(scan: ScanFacts): Gathered<VulnerabilityFacts> {
  switch (scan.state) {
    case 'known':
      return { state: 'known', value: scan.facts, at: scan.at };
    case 'unavailable':
      return { state: 'unavailable', reason: scan.reason };
    default:
      return { state: 'pending' };
  }
}

function atLeastOne<Value>(values: readonly Value[]): readonly Value[] | undefined {
  return values.length === 0 ? undefined : values;
}
