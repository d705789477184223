import { type AttachedEvidence, gatherAttached } from '../../../evidence/gather-attached.ts';
import type { ConfigFacts } from '../../../evidence/image/gather-image-facts.ts';
import type { RemoteRepository } from '../../../oci/client/remote-repository.ts';
import { parseReference } from '../../../oci/reference.ts';
import type { Evidence, Gathered, ResolvedSubject, VulnerabilityFacts } from '../../../policy/evidence.ts';
import { SigningError } from '../../../signing/error.ts';
import { firstPushed, manifestsNaming } from '../../../store/metadata/manifests.ts';
import { gateLimits } from '../limits.ts';
import type { GateRules, ScanFacts } from '../model.ts';
import { originRepository } from '../origin-repository.ts';
import type { GateParts } from '../parts.ts';

/** Gathers what is attached to an image, or to an index of its repository that names it, and vouches for it. */
export async function gatherFromOrigin(
  parts: GateParts,
  { policy, trust }: GateRules,
  subject: ResolvedSubject,
  signal: AbortSignal,
): Promise<AttachedEvidence> {
  const { content, origin, clock } = parts;
  const { repository, digest } = subject;
  const parents = await manifestsNaming(content.database, repository, digest, 'manifest', gateLimits.parents);
  const context = {
    remote: originRepository(content, origin, repository),
    remoteFor: (name: string) => otherRepository(parts, name),
    trust,
    now: () => clock.now(),
  };
  return await gatherAttached(context, policy, subject, parents, signal);
}

/** A repository of this registry, or of an upstream: no other host is asked for anything. @throws SigningError, OciError */
function otherRepository({ content, origin, registry, repositoryOf }: GateParts, name: string): RemoteRepository {
  const { registry: host, repository } = parseReference(name);
  if (host === registry()) return originRepository(content, origin, repository);
  const source = `${host}/${repository}`;
  const cached = repositoryOf(source);
  if (cached !== undefined) return originRepository(content, origin, cached);
  throw new SigningError(
    'SIGNATURES_UNAVAILABLE',
    `Signatures in ${source} are not looked for, since this registry keeps none of it`,
  );
}

/** Gathers the rest, which is at hand. */
export async function gatherEvidence(
  { content, clock }: Pick<GateParts, 'content' | 'clock'>,
  subject: ResolvedSubject,
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
