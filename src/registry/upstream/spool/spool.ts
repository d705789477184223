import { type FileHandle, mkdir, open, readdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from '../../../store/error.ts';
import { liveHolders } from '../../../store/metadata/upstream-leases.ts';
import {
  forgetSpoolRoom,
  releaseSpoolRoom,
  type SpoolRoom,
  spoolUse,
  takeSpoolRoom,
} from '../../../store/metadata/upstream-spool.ts';
import type { SqlQueries } from '../../../store/sql/database.ts';
import { RegistryError } from '../../error.ts';
import { upstreamLimits } from '../limits.ts';
import type { UpstreamParts } from '../surroundings.ts';
import { nameOfPlace } from './place.ts';
import { askRoom, type SpoolAnswer, type SpoolBounds } from './room.ts';

/** A file for a blob on its way. It is removed when it is disposed of; who has it open reads on. */
export interface SpoolFile extends AsyncDisposable {
  readonly path: string;
  readonly handle: FileHandle;
}

/** How often it is looked whether there is room again, in milliseconds. */
const roomLook = 200;

/** How often it is looked for what processes left that were killed since, in milliseconds. */
const sweepEvery = 600_000;

/** The folder of blobs on their way. Processes of one machine share it; each file is written by one of them. */
export class Spool {
  readonly #folder: string;
  readonly #parts: UpstreamParts;
  readonly #bounds: () => SpoolBounds;
  #reserved = 0;
  /** The folder's name among all that there are. */
  #place = '';
  #prepared: Promise<void> | undefined;
  #sweptAt = 0;

  /** @param bounds of all files together, whichever process writes them */
  constructor(folder: string, parts: UpstreamParts, bounds: () => SpoolBounds) {
    this.#folder = folder;
    this.#parts = parts;
    this.#bounds = bounds;
  }

  /** Makes the folder, and removes what killed processes left in it. */
  prepare(): Promise<void> {
    this.#prepared ??= this.#prepare();
    // Tried anew by whoever needs it next.
    this.#prepared.catch(() => (this.#prepared = undefined));
    return this.#prepared;
  }

  /** Waits until the folder is made, or could not be, where that was begun. */
  async settle(): Promise<void> {
    await this.#prepared?.catch(() => undefined);
  }

  async #prepare(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    this.#place = await nameOfPlace(`${this.#folder}.id`, this.#parts.content.newId);
    await this.#sweep();
  }

  /** Files whose writer has no lease any more. */
  async #sweep(): Promise<void> {
    const { content, clock } = this.#parts;
    this.#sweptAt = clock.monotonic();
    const live = await content.database.transaction(
      async (queries) => {
        await forgetSpoolRoom(queries, content.now());
        return liveHolders(queries, content.now());
      },
      { durable: false },
    );
    for (const name of await readdir(this.#folder)) {
      const holder = /^([0-9a-f-]{36})\.part$/.exec(name)?.[1];
      if (holder !== undefined && !live.has(holder)) await rm(join(this.#folder, name), { force: true });
    }
  }

  /**
   * Makes a file for a blob, once there is room.
   *
   * @throws RegistryError TOOMANYREQUESTS when there is none for too long, StoreError STORE_FULL
   */
  async create(wanted: Omit<SpoolRoom, 'place'>, signal: AbortSignal): Promise<SpoolFile> {
    const { holder, bytes: size } = wanted;
    await this.prepare();
    if (this.#parts.clock.monotonic() - this.#sweptAt > sweepEvery) await this.#sweep();
    await this.#reserve(wanted, signal);
    const path = this.#path(holder);
    try {
      await this.#checkDisk(size);
      const handle = await open(path, 'wx+', 0o600);
      return {
        path,
        handle,
        [Symbol.asyncDispose]: async () => {
          await rm(path, { force: true });
          await this.#release(holder, size);
        },
      };
    } catch (error) {
      await this.#release(holder, size);
      throw error;
    }
  }

  /** The file that another process of this machine writes; undefined where it is not here. */
  async find(holder: string): Promise<Pick<SpoolFile, 'path' | 'handle'> | undefined> {
    const path = this.#path(holder);
    try {
      return { path, handle: await open(path, 'r') };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  #path(holder: string): string {
    return join(this.#folder, `${holder}.part`);
  }

  async #reserve(wanted: Omit<SpoolRoom, 'place'>, signal: AbortSignal): Promise<void> {
    for (let waited = 0; ; waited += roomLook) {
      const bounds = this.#bounds();
      if (wanted.bytes > bounds.most) {
        throw new RegistryError('DENIED', 'This blob is larger than all that the registry may have on its way');
      }
      const answer = await this.#takeRoom({ ...wanted, place: this.#place }, bounds);
      if (answer === 'room') break;
      if (waited >= upstreamLimits.roomWait) {
        const whose = answer === 'full' ? 'upstreams' : 'this upstream, which must leave others some room';
        const sentence = `As many bytes as may be are on their way from ${whose}; try again soon`;
        throw new RegistryError('TOOMANYREQUESTS', sentence, { headers: { 'retry-after': '10' } });
      }
      await this.#parts.clock.sleep(roomLook, signal);
    }
    this.#count(wanted.bytes);
  }

  async #takeRoom(room: SpoolRoom, bounds: SpoolBounds): Promise<SpoolAnswer> {
    const { database, now } = this.#parts.content;
    const ask = async (queries: SqlQueries): Promise<SpoolAnswer> =>
      askRoom(await spoolUse(queries, room, now()), room.bytes, bounds);
    // Many may wait, who write nothing.
    const answer = await ask(database);
    if (answer !== 'room') return answer;
    return database.transaction(
      async (queries) => {
        const sure = await ask(queries);
        if (sure === 'room') await takeSpoolRoom(queries, room);
        return sure;
      },
      { durable: false },
    );
  }

  async #release(holder: string, size: number): Promise<void> {
    this.#count(-size);
    const { content, logger } = this.#parts;
    try {
      await content.database.transaction((queries) => releaseSpoolRoom(queries, this.#place, holder), {
        durable: false,
      });
    } catch (error) {
      // It ends with its lease.
      logger.warn('Room in the spool could not be given back', { error });
    }
  }

  #count(bytes: number): void {
    this.#reserved += bytes;
    this.#parts.metrics.set('upstreamSpoolBytes', this.#reserved);
  }

  async #checkDisk(size: number): Promise<void> {
    const { bavail, bsize } = await statfs(this.#folder);
    if (bavail * bsize - size > upstreamLimits.freeBytes) return;
    throw new StoreError('STORE_FULL', `the disk of ${this.#folder} has no room for a blob of ${size} bytes`);
  }
}
