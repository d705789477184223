import { uploadedBytes } from '../../store/metadata/uploads.ts';
import type { UploadRecord } from '../../store/metadata/uploads.ts';
import type { SqlQueries } from '../../store/sql/database.ts';
import { RegistryError } from '../error.ts';

/** Bytes of one stream after which it is looked up again what others brought meanwhile. */
const lookEvery = 16_777_216;

/** What arrives in a repository at this moment. */
interface Arrivals {
  /** Of all requests that bring bytes of uploads, those included that came and are not recorded yet. */
  bytes: number;
  requests: number;
  /** How often a request was over, so that what it brought is to be found in the records from then on. */
  ended: number;
}

/**
 * How much uploads that are under way may hold in a repository that has a quota: as much as the quota has in all. A quota is about
 * what was pushed, and whoever begins uploads and ends none would fill the disk beside it. What arrives at this moment is counted
 * as it comes, since its length may be unknown, and until it is recorded.
 */
export class UploadRoom {
  readonly #arrivals = new Map<number, Arrivals>();
  readonly #requests = new Map<string, { readonly repository: number; bytes: number }>();

  /**
   * The bytes of an upload, as long as there is room. They count until `release`, which whoever asked calls when they are recorded, or thrown
   * away.
   *
   * @param most bytes that all uploads of the repository may hold
   * @throws RegistryError DENIED
   */
  async *counted(
    queries: SqlQueries,
    { id, repository, name }: Pick<UploadRecord, 'id' | 'repository' | 'name'>,
    chunks: AsyncIterable<Uint8Array>,
    most: number,
  ): AsyncGenerator<Uint8Array> {
    const arrivals = this.#begin(id, repository);
    const own = this.#requests.get(id) as { bytes: number };
    let held = 0;
    let ended = -1;
    let lookAt = 0;
    for await (const chunk of chunks) {
      own.bytes += chunk.length;
      arrivals.bytes += chunk.length;
      while (ended !== arrivals.ended || own.bytes >= lookAt) {
        ended = arrivals.ended;
        lookAt = own.bytes + lookEvery;
        held = await uploadedBytes(queries, repository);
      }
      if (held + arrivals.bytes > most) throw full(name, most);
      yield chunk;
    }
  }

  /** Says that a request for an upload is over. */
  release(id: string): void {
    const request = this.#requests.get(id);
    if (request === undefined) return;
    this.#requests.delete(id);
    const arrivals = this.#arrivals.get(request.repository) as Arrivals;
    arrivals.bytes -= request.bytes;
    arrivals.ended += 1;
    arrivals.requests -= 1;
    if (arrivals.requests === 0) this.#arrivals.delete(request.repository);
  }

  #begin(id: string, repository: number): Arrivals {
    this.release(id);
    let arrivals = this.#arrivals.get(repository);
    if (arrivals === undefined) this.#arrivals.set(repository, (arrivals = { bytes: 0, requests: 0, ended: 0 }));
    arrivals.requests += 1;
    this.#requests.set(id, { repository, bytes: 0 });
    return arrivals;
  }
}

function full(name: string, most: number): RegistryError {
  const advice = 'end or cancel some, or ask for a larger quota';
  return new RegistryError(
    'DENIED',
    `Uploads that are under way in ${name} may hold ${most} bytes together; ${advice}`,
    {
      detail: { measure: 'bytes', limit: most },
    },
  );
}
