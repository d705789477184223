import type { Digest } from '../../oci/digest.ts';
import { type EvidenceRow, findEvidence, readEvidence } from '../../store/metadata/scans.ts';
import type { SqlQueries } from '../../store/sql/database.ts';
import type { EvidenceContent } from '../../scan/process/evidence-content.ts';
import type { ScanEvidence } from './evidence.ts';
import { withKnownSince } from './known-since.ts';
import { scanningLimits } from './limits.ts';
import { unpack } from '../../scan/process/worker/pack.ts';

interface Entry {
  readonly evidence: ScanEvidence;
  readonly revision: string;
  readonly bytes: number;
}

/** Evidence of images, of which those asked for last are at hand. Whether it is still true is looked up each time. */
export class EvidenceCache {
  readonly #queries: SqlQueries;
  readonly #entries = new Map<Digest, Entry>();
  #bytes = 0;

  constructor(queries: SqlQueries) {
    this.#queries = queries;
  }

  /** What is known of an image; undefined when it was not scanned. */
  async find(digest: Digest): Promise<ScanEvidence | undefined> {
    const known = this.#entries.get(digest);
    if (known !== undefined) {
      const row = await findEvidence(this.#queries, digest);
      if (row !== undefined && revisionOf(row) === known.revision) {
        this.#entries.delete(digest);
        this.#entries.set(digest, known);
        return known.evidence;
      }
      this.#drop(digest);
    }
    const row = await readEvidence(this.#queries, digest);
    if (row === undefined) return undefined;
    const text = await unpack(row.content);
    const content = JSON.parse(text.toString('utf8')) as EvidenceContent;
    const findings = await withKnownSince(this.#queries, digest, content.findings, row.scannedAt);
    const evidence = evidenceOf(digest, row, { ...content, findings });
    // Objects take some times as much as their text.
    this.#keep(digest, { evidence, revision: revisionOf(row), bytes: text.length * 3 });
    return evidence;
  }

  #keep(digest: Digest, entry: Entry): void {
    this.#drop(digest);
    if (entry.bytes > scanningLimits.cachedBytes / 4) return;
    this.#entries.set(digest, entry);
    this.#bytes += entry.bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= scanningLimits.cachedImages && this.#bytes <= scanningLimits.cachedBytes) return;
      this.#drop(oldest);
    }
  }

  #drop(digest: Digest): void {
    this.#bytes -= this.#entries.get(digest)?.bytes ?? 0;
    this.#entries.delete(digest);
  }
}

function evidenceOf(digest: Digest, row: EvidenceRow, content: EvidenceContent): ScanEvidence {
  return {
    ...content,
    digest,
    isIncomplete: row.incomplete === 1,
    packages: row.packages,
    scannedAt: row.scannedAt,
    judgedAt: row.judgedAt ?? undefined,
    databaseBuiltAt: row.builtAt ?? undefined,
  };
}

function revisionOf({ id, scannedAt, judgedAt, builtAt, signature }: EvidenceRow): string {
  return JSON.stringify([id, scannedAt, judgedAt, builtAt, signature]);
}
