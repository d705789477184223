import { errorMessage } from '../../base/error.ts';
import { OciError } from '../../oci/error.ts';
import { AbsentNames } from './absent-names.ts';
import { blobKey, type BlobWanted } from './blob-wanted.ts';
import { upstreamLimits } from './limits.ts';
import { BrokenBlob } from './spool/download.ts';
import type { UpstreamParts } from './surroundings.ts';
import { answerOf, troubleOf } from './trouble.ts';

/** What clients are told when an upstream did not give a blob, and what is remembered of that for the next ones. */
export class BlobTroubles {
  readonly #parts: UpstreamParts;
  readonly #absent: AbsentNames;

  constructor(parts: UpstreamParts) {
    this.#parts = parts;
    this.#absent = new AbsentNames(parts.clock);
  }

  /** @throws RegistryError what was said of the blob a moment ago */
  throwKnown(wanted: BlobWanted): void {
    const known = this.#absent.recall(blobKey(wanted));
    if (known !== undefined) throw known;
  }

  /** What is to be thrown for something that was thrown. */
  answer(wanted: BlobWanted, thrown: unknown): unknown {
    const { upstream, repository, digest } = wanted;
    const { host, notFoundMs } = upstream.config;
    const error = thrown instanceof BrokenBlob ? thrown.cause : thrown;
    const kind = troubleOf(error);
    const retryAfter = upstream.circuit.pause('blob');
    const answer = answerOf(error, { code: 'BLOB_UNKNOWN', upstream: host, retryAfter });
    const key = blobKey(wanted);
    if (kind === 'absent' || kind === 'hidden') this.#absent.note(key, answer, notFoundMs);
    // Asked for at once again, it would be fetched whole again. One that broke off may go on.
    if (kind === 'invalid') this.#absent.note(key, answer, Math.min(notFoundMs, upstreamLimits.failurePause));
    if (thrown instanceof BrokenBlob || kind === 'invalid') {
      const reason = errorMessage(error);
      this.#parts.metrics.add('upstreamBroken', { reason: brokenReason(error) });
      this.#parts.logger.warn('A blob of an upstream was thrown away', { repository, digest, reason });
      this.#parts.observe({ kind: 'broken', repository, reference: digest, reason });
    }
    return answer;
  }
}

function brokenReason(error: unknown): string {
  const code = error instanceof OciError ? error.code : '';
  return code === 'DIGEST_MISMATCH' ? 'digest' : code === 'SIZE_MISMATCH' ? 'size' : 'cut';
}
