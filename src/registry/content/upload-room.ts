import { uploadedBytes } from '../../store/metadata/uploads.ts';
import type { UploadRecord } from '../../store/metadata/uploads.ts';
import type { SqlQueries } from '../../store/sql/database.ts';
import { RegistryError } from '../error.ts';

/** Bytes of one stream after which it is looked up again what others brought meanwhile. */
const lookEvery = 16_777_216;

/**
 * How much uploads that are under way may hold in a repository that has a quota: as much as the quota has in all. A quota is about
 * what was pushed, and whoever begins uploads and ends none would fill the disk beside it. What arrives at this moment is counted
 * as it comes, since its length may be unknown.
 */
export class UploadRoom {
  readonly #arriving = new Map<number, number>();

  /**
   * The bytes of an upload, as long as there is room.
   *
   * @param most bytes that all uploads of the repository may hold
   * @throws RegistryError DENIED
   */
  async *counted(
    queries: SqlQueries,
    { repository, name }: Pick<UploadRecord, 'repository' | 'name'>,
    chunks: AsyncIterable<Uint8Array>,
    most: number,
  ): AsyncGenerator<Uint8Array> {
    let own = 0;
    let held = await uploadedBytes(queries, repository);
    let lookAt = lookEvery;
    try {
      for await (const chunk of chunks) {
        own += chunk.length;
        const arriving = this.#add(repository, chunk.length);
        if (own >= lookAt) {
          held = await uploadedBytes(queries, repository);
          lookAt += lookEvery;
        }
        if (held + arriving > most) throw full(name, most);
        yield chunk;
      }
    } finally {
      this.#add(repository, -own);
    }
  }

  #add(repository: number, bytes: number): number {
    const sum = (this.#arriving.get(repository) ?? 0) + bytes;
    if (sum > 0) this.#arriving.set(repository, sum);
    else this.#arriving.delete(repository);
    return sum;
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
