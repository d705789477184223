import { evidenceLimits } from '../../evidence/limits.ts';
import { evaluate } from '../../policy/evaluate.ts';
import { type PlatformVerdict, verdictOfIndex } from '../../policy/index-verdict.ts';
import type { Subject } from '../../policy/evidence.ts';
import type { Verdict } from '../../policy/verdict.ts';
import type { Digest } from '../../oci/digest.ts';
import { bareMediaType } from '../../oci/media-type.ts';
import { parsePlatform, platformDistance } from '../../oci/platform.ts';
import { attachmentRevision } from '../../store/metadata/attachments.ts';
import type { ManifestRecord } from '../../store/metadata/manifests.ts';
import { manifestBytes } from '../content/read-manifest.ts';
import { RegistryError } from '../error.ts';
import { type AskedManifest, tagsKey } from './asked-manifest.ts';
import type { Looked } from './hold.ts';
import { type Basis, ImageJudge, type Judgement } from './judge-image.ts';
import { gateLimits } from './limits.ts';
import type { GateRules } from './model.ts';
import type { GateParts } from './parts.ts';
import { readSmallBlob } from './read-blob.ts';
import { type IndexedImage, readDocument } from './read-image.ts';
import { RememberedUnder } from './remembered.ts';

interface Kept {
  readonly looked: Looked;
  readonly basis: readonly Basis[];
}

/** What came of judging anew, and until when it may be remembered. */
interface Fresh extends Kept {
  readonly until: number;
}

/**
 * Judges manifests of every kind. A decision is kept for as long as it must hold, and told again only while the scans that it rests
 * on are the same, and what is attached to its images: that is asked each time, so that a new advisory and a new signature count for the
 * next pull at every process.
 */
export class ManifestJudge {
  readonly #parts: GateParts;
  readonly #images: ImageJudge;
  readonly #kept = new RememberedUnder<GateRules, Kept>(gateLimits.remembered);

  constructor(parts: GateParts) {
    this.#parts = parts;
    this.#images = new ImageJudge(parts);
  }

  /** @throws the signal's reason; RegistryError and StoreError when it cannot be told */
  async judge(asked: AskedManifest, rules: GateRules, signal: AbortSignal): Promise<Looked> {
    const { repository, digest, gate, tags, mediaType } = asked;
    const memory = this.#kept.under(rules);
    const key = [repository, digest, gate, mediaType, ...tagsKey(tags)].join('\0');
    const kept = memory.get(key, this.#parts.clock.now());
    if (kept !== undefined && (await this.#isCurrent(repository, kept.value.basis))) return kept.value.looked;
    for (let round = 1; ; round += 1) {
      const { looked, basis, until } = await this.#judgeAnew(asked, rules, signal);
      // What was found out meanwhile counts.
      if (round < gateLimits.rounds && !(await this.#isCurrent(repository, basis))) continue;
      // What could not be told may be known at the next look, for a rule that only warns too.
      if (looked.decided.rules.every(({ outcome }) => outcome !== 'undecided'))
        memory.set(key, { looked, basis }, until);
      return looked;
    }
  }

  async #isCurrent(repository: string, basis: readonly Basis[]): Promise<boolean> {
    const { scans, content } = this.#parts;
    const attached = basis.find((one) => one.attached !== undefined)?.attached;
    // All its images lie in one repository; one that was judged by an older state than another is not the same any more either.
    if (attached !== undefined) {
      const now = await attachmentRevision(content.database, repository);
      if (basis.some((one) => one.attached !== undefined && one.attached !== now)) return false;
    }
    for (const { digest, scan } of basis) {
      if (scan !== undefined && (await scans.revision(digest)) !== scan) return false;
    }
    return true;
  }

  async #judgeAnew(asked: AskedManifest, rules: GateRules, signal: AbortSignal): Promise<Fresh> {
    const { repository, digest, mediaType } = asked;
    const document = await readDocument(await asked.bytes(), mediaType, (layer) =>
      readSmallBlob(this.#parts.origin, repository, layer, gateLimits.claimedBytes, signal),
    );
    if (document.kind === 'image') {
      const { verdict, until, basis } = await this.#images.judge(asked, document, rules, signal);
      const waitsFor = verdict.pending.length > 0 ? [digest] : [];
      return { looked: { decided: verdict, digest, waitsFor, until: endOf(verdict) }, basis: [basis], until };
    }
    const own = this.#judgeBare(asked, rules);
    const images =
      document.kind === 'index' && own.decision === 'allow' ? wanted(document.images, rules.platforms) : [];
    return images.length === 0 ? bare(own, digest) : this.#judgeIndex(asked, own, images, rules, signal);
  }

  /** By what needs no look into it: where it comes from. */
  #judgeBare({ gate, repository, tags, digest }: AskedManifest, rules: GateRules): Verdict {
    const source = this.#parts.sourceOf(repository);
    const registry = this.#parts.registry();
    const known = tags === undefined ? {} : { tags };
    const subject: Subject = { gate, registry, repository, source, ...known, digest, kind: 'artifact' };
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
    own: Verdict,
    images: readonly IndexedImage[],
    rules: GateRules,
    signal: AbortSignal,
  ): Promise<Fresh> {
    const { origin, content } = this.#parts;
    const { repository } = asked;
    const judgements: Judgement[] = [];
    const verdicts: PlatformVerdict[] = [];
    const judged = new Set<string>();
    let isWhole = true;
    for (const { digest, platform, mediaType: listed, carried } of images) {
      const record = await this.#childOf(repository, digest, signal);
      if (record === undefined) isWhole = false;
      // What is carried is to its client what the index says, and what is asked for what this registry answers.
      const mediaType = carried === undefined ? record?.mediaType : bareMediaType(listed);
      if (mediaType === undefined || judged.has(`${digest} ${mediaType}`)) continue;
      judged.add(`${digest} ${mediaType}`);
      const bytes = async (): Promise<Uint8Array> => carried ?? (await manifestBytes(content, repository, digest));
      const child = { ...asked, digest, mediaType, bytes, isNew: record === undefined };
      const document = await readDocument(await bytes(), child.mediaType, (layer) =>
        readSmallBlob(origin, repository, layer, gateLimits.claimedBytes, signal),
      );
      if (document.kind !== 'image') continue;
      const judgement = await this.#images.judge(child, document, rules, signal);
      judgements.push(judgement);
      verdicts.push({ digest, verdict: judgement.verdict, ...(platform === undefined ? {} : { platform }) });
    }
    // An image that comes later must count, and no revision tells of it.
    const remembered = isWhole ? Number.POSITIVE_INFINITY : this.#parts.clock.now();
    if (verdicts.length === 0) {
      const fresh = bare(own, asked.digest);
      return { ...fresh, until: Math.min(remembered, fresh.until) };
    }
    const verdict = verdictOfIndex(verdicts, rules.policy.hash);
    const outcomes = verdicts.flatMap(({ verdict: each }) => each.rules);
    const waitsFor = verdicts.filter((one) => one.verdict.pending.length > 0).map(({ digest }) => digest);
    const ends = verdicts.map((one) => endOf(one.verdict));
    return {
      looked: {
        decided: { ...verdict, rules: outcomes },
        digest: asked.digest,
        waitsFor,
        until: Math.min(endOf(own), ...ends),
        // Its images were looked at, and not what else it lists: that is in none of them.
        isBare: true,
      },
      basis: judgements.map(({ basis }) => basis),
      until: Math.min(remembered, endOf(own), ...judgements.map(({ until }) => until)),
    };
  }
}

function endOf({ validUntil }: Verdict): number {
  return validUntil ?? Number.POSITIVE_INFINITY;
}

/** By what needs no look into it. */
function bare(verdict: Verdict, digest: Digest): Fresh {
  return {
    looked: { decided: verdict, digest, waitsFor: [], until: endOf(verdict), isBare: true },
    basis: [],
    until: endOf(verdict),
  };
}

/**
 * The images of an index for platforms that this registry's nodes are of, and those that come with it, which nobody asks for by
 * themselves; each once, and once more as each thing that it is carried as.
 *
 * @throws RegistryError DENIED for more than anybody looks through
 */
function wanted(images: readonly IndexedImage[], platforms: readonly string[]): readonly IndexedImage[] {
  const asked = platforms.map(parsePlatform);
  const found = images.filter(({ platform, carried }) => {
    if (carried !== undefined) return true;
    if (platform === undefined || platform === 'unknown/unknown') return false;
    return asked.some((one) => platformDistance(one, parsePlatform(platform)) !== undefined);
  });
  // The same digest may stand there as several things, of which a client takes the one that it likes.
  const distinct = [...new Map(found.map((one) => [placeOf(one), one])).values()];
  if (distinct.length <= evidenceLimits.images) return distinct;
  const sentence = `The index has ${distinct.length} images that would be judged with it, more than ${evidenceLimits.images}`;
  throw new RegistryError('DENIED', `${sentence}; pull the one that you want by its digest`);
}

function placeOf({ digest, mediaType, carried }: IndexedImage): string {
  return carried === undefined ? digest : `${digest} ${bareMediaType(mediaType)}`;
}
