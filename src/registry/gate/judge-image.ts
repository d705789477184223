import type { AttachedEvidence } from '../../evidence/gather-attached.ts';
import { gatherImageFacts } from '../../evidence/image/gather-image-facts.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { attachmentRevision } from '../../store/metadata/attachments.ts';
import { isDecidedByName } from '../../policy/by-name.ts';
import { evaluate } from '../../policy/evaluate.ts';
import type { Evidence, ResolvedSubject } from '../../policy/evidence.ts';
import { requirementsOf } from '../../policy/requirements.ts';
import type { Verdict } from '../../policy/verdict.ts';
import { type AskedManifest, tagsKey } from './asked-manifest.ts';
import { FetchAhead } from './fetch-ahead.ts';
import { gatherEvidence, gatherFromOrigin } from './gather/gather-evidence.ts';
import { gateLimits } from './limits.ts';
import type { GateRules, ScanFacts } from './model.ts';
import { originRepository } from './origin-repository.ts';
import type { GateParts } from './parts.ts';
import type { GatedDocument } from './read-image.ts';
import { RememberedUnder } from './remembered.ts';

/** What a judgement rests on: whenever any of it is another one, it is judged anew. */
export interface Basis {
  readonly digest: Digest;
  /** Of its scan; undefined where none is known. */
  readonly scan: string | undefined;
  /** Of what is attached in its repository; undefined where nothing attached was looked at. */
  readonly attached: number | undefined;
}

/** What came of judging. */
export interface Judgement {
  readonly verdict: Verdict;
  /** Milliseconds since 1970 until which it may be remembered, as long as it rests on the same. */
  readonly until: number;
  readonly basis: Basis;
}

type ImageDocument = Extract<GatedDocument, { readonly kind: 'image' }>;

interface Attached {
  readonly evidence: AttachedEvidence;
  readonly revision: number | undefined;
  readonly until: number;
}

/** Judges images by their evidence, and remembers what was verified of their signatures. */
export class ImageJudge {
  readonly #parts: GateParts;
  readonly #ahead: FetchAhead;
  readonly #attached = new RememberedUnder<GateRules, Omit<Attached, 'until'>>(gateLimits.remembered);

  constructor(parts: GateParts) {
    this.#parts = parts;
    this.#ahead = new FetchAhead(parts.origin, parts.clock, (image) => parts.scans.stalled(image));
  }

  /** @throws the signal's reason, and StoreError when the registry cannot reach its records */
  async judge(
    asked: AskedManifest,
    { config, layers }: ImageDocument,
    rules: GateRules,
    signal: AbortSignal,
  ): Promise<Judgement> {
    const { content, scans, origin, clock, isCached } = this.#parts;
    const { repository, digest } = asked;
    const bare = this.#subjectOf(asked);
    if (rules.policy.rules.every((rule) => !rule.covers(bare) || isDecidedByName(rule, rules.policy, false))) {
      const verdict = evaluate(rules.policy, { subject: bare, now: clock.now() });
      const until = verdict.validUntil ?? Number.POSITIVE_INFINITY;
      return { verdict, until, basis: { digest, scan: undefined, attached: undefined } };
    }
    const now = (): number => clock.now();
    if (isCached(repository)) await this.#fetchAhead(asked, layers, rules);
    const facts = await gatherImageFacts(originRepository(content, origin, repository), { config }, now, signal);
    const subject = {
      ...this.#subjectOf(asked),
      ...(facts.state === 'known' ? { platform: facts.value.platform } : {}),
    };
    const needs = requirementsOf(rules.policy, subject).kinds;
    let scan: ScanFacts = needs.has('vulnerabilities') ? await scans.find(digest) : { state: 'absent' };
    if (needs.has('vulnerabilities') && scan.state !== 'known') {
      await scans.request({
        repository,
        digest,
        ...(asked.isNew ? { offered: { mediaType: asked.mediaType, content: await asked.bytes() } } : {}),
      });
      // A scan that failed may be tried again now, which is worth waiting for.
      if (scan.state === 'unavailable') scan = await scans.find(digest);
    }
    const attached = await this.#attachedTo(subject, rules, signal);
    const evidence = await gatherEvidence(this.#parts, subject, facts, scan, attached.evidence);
    const verdict = evaluate(rules.policy, evidence);
    return {
      verdict,
      until: Math.min(attached.until, verdict.validUntil ?? Number.POSITIVE_INFINITY),
      basis: { digest, scan: scan.state === 'known' ? scan.revision : undefined, attached: attached.revision },
    };
  }

  /** Before the config is asked for, which only tells the platform: what is not known of an image leaves a rule about it. */
  async #fetchAhead(asked: AskedManifest, layers: readonly Descriptor[], { policy }: GateRules): Promise<void> {
    const { repository, digest } = asked;
    if (!requirementsOf(policy, this.#subjectOf(asked)).kinds.has('vulnerabilities')) return;
    const { state } = await this.#parts.scans.find(digest);
    if (state !== 'absent') return;
    this.#ahead.begin(repository, digest, layers);
    // The process that reads them takes a while to start.
    this.#parts.scans.prepare();
  }

  #subjectOf({ gate, repository, tags, digest }: AskedManifest): ResolvedSubject {
    return {
      gate,
      registry: this.#parts.registry(),
      repository,
      source: this.#parts.sourceOf(repository),
      ...(tags === undefined ? {} : { tags }),
      digest,
      kind: 'image',
    };
  }

  async #attachedTo(subject: ResolvedSubject, rules: GateRules, signal: AbortSignal): Promise<Attached> {
    const { repository, digest, gate, tags } = subject;
    const { kinds } = requirementsOf(rules.policy, subject);
    if (!attachedKinds.some((kind) => kinds.has(kind))) {
      return { evidence: {}, revision: undefined, until: Number.POSITIVE_INFINITY };
    }
    // Before the look, so that what changes during it counts as changed.
    const revision = await attachmentRevision(this.#parts.content.database, repository);
    const key = [repository, digest, gate, ...tagsKey(tags)].join('\0');
    const memory = this.#attached.under(rules);
    const now = this.#parts.clock.now();
    const known = memory.get(key, now);
    if (known !== undefined && known.value.revision === revision) return { ...known.value, until: known.until };
    const evidence = await gatherFromOrigin(this.#parts, rules, subject, signal);
    const until = now + (isGood(evidence) ? gateLimits.verifiedTime : gateLimits.unverifiedTime);
    memory.set(key, { evidence, revision }, until);
    return { evidence, revision, until };
  }
}

const attachedKinds = ['signatures', 'attestations', 'sbom'] as const;

/** Whether all that was looked for was found: what was not may come at any moment. */
function isGood({
  signatures = {},
  attestations = {},
  sbom,
}: Pick<Evidence, 'signatures' | 'attestations' | 'sbom'>): boolean {
  const all = [...Object.values(signatures), ...Object.values(attestations).flatMap((by) => Object.values(by))];
  return (
    all.every((one) => one.state === 'known') &&
    Object.values(signatures).every((one) => one.state === 'known' && one.value.verified) &&
    (sbom === undefined || sbom.state === 'known')
  );
}
