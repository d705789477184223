import type { Descriptor } from '../../oci/descriptor.ts';
import { evaluate } from '../../policy/evaluate.ts';
import type { Evidence, Gathered, Subject } from '../../policy/evidence.ts';
import { requirementsOf } from '../../policy/requirements.ts';
import type { Verdict } from '../../policy/verdict.ts';
import type { AskedManifest } from './asked-manifest.ts';
import { type AttachedEvidence, gatherAttached, gatherEvidence } from './gather/gather-evidence.ts';
import { type ConfigFacts, readConfigFacts } from './gather/image-facts.ts';
import { gathered } from './gather/look.ts';
import { gateLimits } from './limits.ts';
import type { GateRules, ScanFacts } from './model.ts';
import type { GateParts } from './parts.ts';
import { RememberedUnder } from './remembered.ts';

/** What came of judging. */
export interface Judgement {
  readonly verdict: Verdict;
  /** Milliseconds since 1970 until which it holds, as long as the scan's revision is this one. */
  readonly until: number;
  readonly revision: string | undefined;
}

/** Judges images by their evidence, and remembers what was verified of their signatures. */
export class ImageJudge {
  readonly #parts: GateParts;
  readonly #attached = new RememberedUnder<GateRules, AttachedEvidence>(gateLimits.remembered);

  constructor(parts: GateParts) {
    this.#parts = parts;
  }

  /** Forgets what was attached to images of a repository, since something else is now. */
  forget(repository: string): void {
    this.#attached.forget(`${repository}\0`);
  }

  /** @throws the signal's reason, and StoreError when the registry cannot reach its records */
  async judge(asked: AskedManifest, config: Descriptor, rules: GateRules, signal: AbortSignal): Promise<Judgement> {
    const { scans, origin, clock } = this.#parts;
    const { repository, digest } = asked;
    const now = (): number => clock.now();
    const facts = await gathered(now, signal, () => readConfigFacts(origin, repository, config, signal));
    const subject = this.#subjectOf(asked, facts);
    const needs = requirementsOf(rules.policy, subject).kinds;
    const scan: ScanFacts = needs.has('vulnerabilities') ? await scans.find(digest) : { state: 'absent' };
    if (needs.has('vulnerabilities') && scan.state !== 'known') {
      await scans.request({
        repository,
        digest,
        ...(asked.isNew ? { offered: { mediaType: asked.mediaType, content: await asked.bytes() } } : {}),
      });
    }
    const attached = await this.#attachedTo(subject, rules, signal);
    const evidence = await gatherEvidence(this.#parts, subject, facts, scan, attached.evidence);
    const verdict = evaluate(rules.policy, evidence);
    return {
      verdict,
      until: Math.min(attached.until, verdict.validUntil ?? Number.POSITIVE_INFINITY),
      revision: scan.state === 'known' ? scan.revision : undefined,
    };
  }

  #subjectOf(asked: AskedManifest, config: Gathered<ConfigFacts>): Subject {
    const { gate, repository, tags, digest } = asked;
    return {
      gate,
      registry: this.#parts.registry(),
      repository,
      source: this.#parts.sourceOf(repository),
      tags,
      digest,
      ...(config.state === 'known' ? { platform: config.value.platform } : {}),
      kind: 'image',
    };
  }

  async #attachedTo(
    subject: Subject,
    rules: GateRules,
    signal: AbortSignal,
  ): Promise<{ readonly evidence: AttachedEvidence; readonly until: number }> {
    const key = `${subject.repository}\0${subject.digest}\0${subject.gate}\0${(subject.tags ?? []).join(' ')}`;
    const memory = this.#attached.under(rules);
    const now = this.#parts.clock.now();
    const known = memory.get(key, now);
    // How long it still holds is not known any more, but it is not longer than this.
    if (known !== undefined) return { evidence: known, until: now + gateLimits.unverifiedTime };
    const evidence = await gatherAttached(this.#parts, rules, subject, signal);
    const until = now + (isGood(evidence) ? gateLimits.verifiedTime : gateLimits.unverifiedTime);
    memory.set(key, evidence, until);
    return { evidence, until: Object.keys(evidence).length === 0 ? Number.POSITIVE_INFINITY : until };
  }
}

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
