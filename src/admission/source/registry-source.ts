import { type AttachedEvidence, gatherAttached } from '../../evidence/gather-attached.ts';
import { gatherImageFacts } from '../../evidence/image/gather-image-facts.ts';
import { type ResolvedVariant, resolveImage } from '../../evidence/image/resolve-image.ts';
import { gathered } from '../../evidence/look.ts';
import type { SignatureContext, SignatureTrust } from '../../evidence/context.ts';
import type { Clock } from '../../net/clock.ts';
import { headManifest } from '../../oci/client/head-manifest.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import type { Digest } from '../../oci/digest.ts';
import { formatPlatform, type Platform } from '../../oci/platform.ts';
import type { Reference } from '../../oci/reference.ts';
import type { Evidence, EvidenceKind, Gathered, ResolvedSubject, VulnerabilityFacts } from '../../policy/evidence.ts';
import { requirementsOf } from '../../policy/requirements.ts';
import type { PullAccess } from '../../workload/credentials/pull-access.ts';
import type { ImageQuestion, ImageSource, PlatformEvidence } from '../image/model.ts';
import type { Repositories } from '../../evidence/reach/repositories.ts';

/** Finds out what is wrong with images. */
export interface FindingSource {
  /** Another text whenever it may find something else. */
  readonly revision: () => string;
  find(remote: RemoteRepository, image: ResolvedVariant, signal: AbortSignal): Promise<Gathered<VulnerabilityFacts>>;
}

/** What images are looked at with. */
export interface RegistrySourceParts {
  readonly repositories: Repositories;
  readonly clock: Clock;
  /** Whom to trust, and another text whenever that is somebody else. */
  readonly trust: () => { readonly trust: SignatureTrust; readonly revision: string };
  /** Platforms that the cluster's nodes have: those of an index that are judged. All where none is named. */
  readonly platforms: readonly Platform[];
  /** Absent where nobody scans. */
  readonly findings?: FindingSource;
  /** Is told what was looked at for signers. */
  readonly observe?: SignatureContext['observe'];
}

/** Kinds of evidence that differ between the platforms of an index. */
const perPlatform: readonly EvidenceKind[] = ['image', 'vulnerabilities'];

type Gather = Pick<ImageQuestion, 'policy' | 'image' | 'gate' | 'access'>;

/** Looks at images in their registries. */
export class RegistrySource implements ImageSource {
  readonly #parts: RegistrySourceParts;

  constructor(parts: RegistrySourceParts) {
    this.#parts = parts;
  }

  readonly revision = (): string => {
    return this.#revisionOf(this.#parts.findings?.revision() ?? '');
  };

  readonly trusted = (): string => this.#revisionOf('any');

  /** Verdicts outlive this process: whatever it goes by must be the same where they are to count. */
  #revisionOf(findings: string): string {
    const { trust, platforms } = this.#parts;
    return JSON.stringify([trust().revision, findings, platforms.map(formatPlatform)]);
  }

  async resolve(reference: Reference, access: PullAccess, signal: AbortSignal): Promise<Gathered<Digest>> {
    const { repositories, clock } = this.#parts;
    const { tag = 'latest' } = reference;
    const now = (): number => clock.now();
    return await gathered(now, signal, async () => {
      const { client, repository } = repositories.of(reference, access);
      return (await headManifest(client, repository, tag, signal))?.digest;
    });
  }

  async gather(question: Gather, signal: AbortSignal): Promise<readonly PlatformEvidence[]> {
    const { policy, image } = question;
    // Without tags and platform, rules about some of them are about it: what is gathered is enough however it is judged.
    const subject = subjectOf(question, image.digest);
    const { kinds } = requirementsOf(policy, subject);
    const remote = this.#parts.repositories.of(image.reference, question.access);
    if (!perPlatform.some((kind) => kinds.has(kind))) {
      return [{ evidence: await this.#evidence(question, subject, remote, undefined, signal) }];
    }
    const { platforms } = this.#parts;
    const now = (): number => this.#parts.clock.now();
    const resolved = await gathered(now, signal, () => resolveImage(remote, image, platforms, signal));
    if (resolved.state !== 'known') return [{ evidence: unseen(subject, now(), resolved) }];
    const found: PlatformEvidence[] = [];
    for (const variant of resolved.value.images) {
      const { platform } = variant;
      const of = { ...subjectOf(question, variant.descriptor.digest), ...(platform === undefined ? {} : { platform }) };
      const evidence = await this.#evidence(question, of, remote, variant, signal);
      found.push({ ...(platform === undefined ? {} : { platform: formatPlatform(platform) }), evidence });
    }
    return found;
  }

  async #evidence(
    { policy, image, access }: Gather,
    subject: ResolvedSubject,
    remote: RemoteRepository,
    variant: ResolvedVariant | undefined,
    signal: AbortSignal,
  ): Promise<Evidence> {
    const { repositories, clock, trust, findings, observe } = this.#parts;
    const now = (): number => clock.now();
    const context: SignatureContext = {
      remote,
      remoteFor: (repository) => repositories.named(repository, access),
      trust: trust().trust,
      now,
      ...(observe === undefined ? {} : { observe }),
    };
    const attached: AttachedEvidence = await gatherAttached(context, policy, subject, [image.digest], signal);
    const firstSeen: Gathered<number> = {
      state: 'unavailable',
      reason: 'this gate does not keep when it first saw images',
    };
    if (variant === undefined) return { subject, now: now(), firstSeen, ...attached };
    const { kinds } = requirementsOf(policy, subject);
    const manifest = await gathered(now, signal, variant.manifest);
    const facts = manifest.state === 'known' ? await gatherImageFacts(remote, manifest.value, now, signal) : manifest;
    const platform = facts.state === 'known' ? { platform: facts.value.platform } : {};
    return {
      subject: { ...subject, ...platform },
      now: now(),
      firstSeen,
      image: facts.state === 'known' ? { ...facts, value: facts.value.facts } : facts,
      ...(kinds.has('vulnerabilities')
        ? { vulnerabilities: findings === undefined ? nobodyScans : await findings.find(remote, variant, signal) }
        : {}),
      ...attached,
    };
  }
}

const nobodyScans: Gathered<VulnerabilityFacts> = {
  state: 'unavailable',
  reason: 'this gate has no vulnerability database; set one to judge by findings',
};

function subjectOf({ image, gate }: Gather, digest: Digest): ResolvedSubject {
  const { registry, repository } = image.reference;
  return { gate, registry, repository, source: `${registry}/${repository}`, digest, kind: 'image' };
}

/** An image that its registry does not show: what is not there is absent, and what could not be looked at is not known. */
function unseen(
  subject: ResolvedSubject,
  now: number,
  state: Exclude<Gathered<unknown>, { readonly state: 'known' }>,
): Evidence {
  return { subject, now, image: state, vulnerabilities: state, firstSeen: state };
}
