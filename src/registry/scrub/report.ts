import { advices, type Finding, type FindingKind, isMended } from './finding.ts';
import { scrubLimits } from './limits.ts';

/** What a scrub saw. Plain data. */
export interface ScrubReport {
  readonly repair: boolean;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** False when it was stopped; see `lastBlob`. */
  readonly finished: boolean;
  readonly lookedAtBlobs: number;
  readonly lookedAtManifests: number;
  /** Blobs that lie in the blob store. */
  readonly listedBlobs: number;
  /** Bytes that were read and hashed. */
  readonly readBytes: number;
  /** The last blob whose bytes were looked at, after which a further scrub can go on. */
  readonly lastBlob: string;
  /** All that was found, by kind. */
  readonly counts: Readonly<Partial<Record<FindingKind, number>>>;
  /** How many of these need somebody to do something, since they were not mended. */
  readonly open: number;
  /** The first of it. */
  readonly findings: readonly Finding[];
}

/** A report while it is written. */
export class ScrubTally {
  readonly repair: boolean;
  readonly startedAt: number;
  finished = false;
  lookedAtBlobs = 0;
  lookedAtManifests = 0;
  listedBlobs = 0;
  readBytes = 0;
  lastBlob: string;
  #open = 0;
  readonly #counts: Partial<Record<FindingKind, number>> = {};
  readonly #findings: Finding[] = [];
  readonly #onFinding: (finding: Finding) => void;

  constructor(repair: boolean, startedAt: number, lastBlob: string, onFinding: (finding: Finding) => void) {
    this.repair = repair;
    this.startedAt = startedAt;
    this.lastBlob = lastBlob;
    this.#onFinding = onFinding;
  }

  /** Notes what was found, with what to do about it. */
  add(found: Omit<Finding, 'advice'>): void {
    const finding: Finding = { ...found, advice: advices[found.kind][found.repaired ? 1 : 0] };
    this.#counts[found.kind] = (this.#counts[found.kind] ?? 0) + 1;
    if (!isMended(finding)) this.#open += 1;
    if (this.#findings.length < scrubLimits.findings) this.#findings.push(finding);
    this.#onFinding(finding);
  }

  report(endedAt: number): ScrubReport {
    return {
      repair: this.repair,
      startedAt: this.startedAt,
      endedAt,
      finished: this.finished,
      lookedAtBlobs: this.lookedAtBlobs,
      lookedAtManifests: this.lookedAtManifests,
      listedBlobs: this.listedBlobs,
      readBytes: this.readBytes,
      lastBlob: this.lastBlob,
      counts: { ...this.#counts },
      open: this.#open,
      findings: [...this.#findings],
    };
  }
}
