import { evaluate } from '../../policy/evaluate.ts';
import { type PlatformVerdict, verdictOfIndex } from '../../policy/index-verdict.ts';
import type { Subject } from '../../policy/evidence.ts';
import type { Verdict } from '../../policy/verdict.ts';
import type { Digest } from '../../oci/digest.ts';
import { parsePlatform, platformDistance } from '../../oci/platform.ts';
import type { ManifestRecord } from '../../store/metadata/manifests.ts';
import { manifestBytes } from '../content/read-manifest.ts';
import { RegistryError } from '../error.ts';
import type { AskedManifest } from './asked-manifest.ts';
import { ImageJudge, type Judgement } from './judge-image.ts';
import { gateLimits } from './limits.ts';
import type { GateRules } from './model.ts';
import type { GateParts } from './parts.ts';
import { readSmallBlob } from './read-blob.ts';
import { type IndexedImage, readDocument } from './read-image.ts';
import type { Decided } from './refuse.ts';
import { RememberedUnder } from './remembered.ts';

/** What is decided of a manifest now, and the images whose scans may change that. */
export interface ManifestJudgement {
  readonly decided: Decided;
  readonly waitsFor: readonly Digest[];
}

interface Kept {
  readonly judged: ManifestJudgement;
  /** Of the scans that it rests on. */
  readonly revisions: readonly (readonly [digest: Digest, revision: string | undefined])[];
}

/**
 * Judges manifests of every kind. A decision is kept for as long as it must hold, and told again only while the scans that it rests
 * on are the same: that is asked each time, so that a new advisory counts for the next pull at every process.
 */
export class ManifestJudge {
  readonly #parts: GateParts;
  readonly #images: ImageJudge;
  readonly #kept = new RememberedUnder<GateRules, Kept>(gateLimits.remembered);

  constructor(parts: GateParts) {
    this.#parts = parts;
    this.#images = new ImageJudge(parts);
  }

  /** Forgets what was decided about a repository, to which something was attached. */
  forget(repository: string): void {
    this.#images.forget(repository);
    this.#kept.forget(`${repository}\0`);
  }

  /** @throws the signal's reason; RegistryError and StoreError when it cannot be told */
  async judge(asked: AskedManifest, rules: GateRules, signal: AbortSignal): Promise<ManifestJudgement> {
    const { repository, digest, gate, tags, mediaType } = asked;
    const memory = this.#kept.under(rules);
    const key = [repository, digest, gate, mediaType, ...tags].join('\0');
    const kept = memory.get(key, this.#parts.clock.now());
    if (kept !== undefined && (await this.#isCurrent(kept))) return kept.judged;
    const { judgements, judged } = await this.#judgeAnew(asked, rules, signal);
    const until = Math.min(...judgements.map((one) => one.until));
    // What could not be told may be known at the next look, for a rule that only warns too.
    if (judged.decided.rules.every(({ outcome }) => outcome !== 'undecided')) {
      memory.set(key, { judged, revisions: judgements.map(({ digest: of, revision }) => [of, revision]) }, until);
    }
    return judged;
  }

  async #isCurrent({ revisions }: Kept): Promise<boolean> {
    for (const [digest, revision] of revisions) {
      if (revision !== undefined && (await this.#parts.scans.revision(digest)) !== revision) return false;
    }
    return true;
  }

  async #judgeAnew(
    asked: AskedManifest,
    rules: GateRules,
    signal: AbortSignal,
  ): Promise<{
    readonly judged: ManifestJudgement;
    readonly judgements: readonly (Judgement & { readonly digest: Digest })[];
  }> {
    const { repository, digest, mediaType } = asked;
    const document = await readDocument(await asked.bytes(), mediaType, (layer) =>
      readSmallBlob(this.#parts.origin, repository, layer, gateLimits.claimedBytes, signal),
    );
    if (document.kind === 'image') {
      const judgement = await this.#images.judge(asked, document.config, rules, signal);
      const { verdict } = judgement;
      return {
        judgements: [{ ...judgement, digest }],
        judged: { decided: verdict, waitsFor: verdict.pending.length > 0 ? [digest] : [] },
      };
    }
    const own = this.#judgeBare(asked, rules);
    const images =
      document.kind === 'index' && own.decision === 'allow' ? wanted(document.images, rules.platforms) : [];
    if (images.length === 0) {
      const until = own.validUntil ?? Number.POSITIVE_INFINITY;
      return {
        judgements: [{ verdict: own, until, revision: undefined, digest }],
        judged: { decided: own, waitsFor: [] },
      };
    }
    return this.#judgeIndex(asked, images, rules, signal);
  }

  /** By what needs no look into it: where it comes from. */
  #judgeBare({ gate, repository, tags, digest }: AskedManifest, rules: GateRules): Verdict {
    const source = this.#parts.sourceOf(repository);
    const registry = this.#parts.registry();
    const subject: Subject = { gate, registry, repository, source, tags, digest, kind: 'artifact' };
    return evaluate(rules.policy, { subject, now: this.#parts.clock.now() });
  }

  /** An index may name images that are not there: nobody can pull those, and they are judged when they come. */
  async #childOf(repository: string, digest: Digest, signal: AbortSignal): Promise<ManifestRecord | undefined> {
    try {
      return (await this.#parts.origin.findManifest({ repository, digest }, () => signal)).record;
    } catch (error) {
      if (error instanceof RegistryError && error.status === 404) return undefined;
      throw error;
    }
  }

  async #judgeIndex(
    asked: AskedManifest,
    images: readonly IndexedImage[],
    rules: GateRules,
    signal: AbortSignal,
  ): Promise<{
    readonly judged: ManifestJudgement;
    readonly judgements: readonly (Judgement & { readonly digest: Digest })[];
  }> {
    const { origin, content } = this.#parts;
    const { repository } = asked;
    const judgements: (Judgement & { readonly digest: Digest })[] = [];
    const verdicts: PlatformVerdict[] = [];
    const waitsFor: Digest[] = [];
    for (const { digest, platform } of images) {
      const record = await this.#childOf(repository, digest, signal);
      if (record === undefined) continue;
      const bytes = (): Promise<Uint8Array> => manifestBytes(content, repository, digest);
      const child = { ...asked, digest, mediaType: record.mediaType, bytes, isNew: false };
      const document = await readDocument(await bytes(), record.mediaType, (layer) =>
        readSmallBlob(origin, repository, layer, gateLimits.claimedBytes, signal),
      );
      if (document.kind !== 'image') continue;
      const judgement = await this.#images.judge(child, document.config, rules, signal);
      judgements.push({ ...judgement, digest });
      verdicts.push({ digest, verdict: judgement.verdict, ...(platform === undefined ? {} : { platform }) });
      if (judgement.verdict.pending.length > 0) waitsFor.push(digest);
    }
    if (verdicts.length === 0) return { judgements, judged: { decided: this.#judgeBare(asked, rules), waitsFor } };
    const verdict = verdictOfIndex(verdicts, rules.policy.hash);
    const outcomes = verdicts.flatMap(({ verdict: each }) => each.rules);
    return { judgements, judged: { decided: { ...verdict, rules: outcomes }, waitsFor } };
  }
}

/** The images of an index for platforms that this registry's nodes are of. */
function wanted(images: readonly IndexedImage[], platforms: readonly string[]): readonly IndexedImage[] {
  const asked = platforms.map(parsePlatform);
  return images.filter(({ platform }) => {
    if (platform === undefined || platform === 'unknown/unknown') return false;
    return asked.some((one) => platformDistance(one, parsePlatform(platform)) !== undefined);
  });
}
