import { type FileHandle, mkdir, open, readdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from '../../../store/error.ts';
import { liveHolders } from '../../../store/metadata/upstream-leases.ts';
import {
  forgetSpoolRoom,
  releaseSpoolRoom,
  spooledBytes,
  takeSpoolRoom,
} from '../../../store/metadata/upstream-spool.ts';
import { RegistryError } from '../../error.ts';
import { upstreamLimits } from '../limits.ts';
import type { UpstreamParts } from '../surroundings.ts';
import { nameOfPlace } from './place.ts';

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
  readonly #maxBytes: () => number;
  #reserved = 0;
  /** The folder's name among all that there are. */
  #place = '';
  #prepared: Promise<void> | undefined;
  #sweptAt = 0;

  /** @param maxBytes of all files together, whichever process writes them */
  constructor(folder: string, parts: UpstreamParts, maxBytes: () => number) {
    this.#folder = folder;
    this.#parts = parts;
    this.#maxBytes = maxBytes;
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
   * Makes a file for so many bytes, once there is room.
   *
   * @throws RegistryError TOOMANYREQUESTS when there is none for too long, StoreError STORE_FULL
   */
  async create(holder: string, size: number, signal: AbortSignal): Promise<SpoolFile> {
    await this.prepare();
    if (this.#parts.clock.monotonic() - this.#sweptAt > sweepEvery) await this.#sweep();
    await this.#reserve(holder, size, signal);
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
  async find(holder: string): Promise<FileHandle | undefined> {
    try {
      return await open(this.#path(holder), 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  #path(holder: string): string {
    return join(this.#folder, `${holder}.part`);
  }

  async #reserve(holder: string, size: number, signal: AbortSignal): Promise<void> {
    for (let waited = 0; ; waited += roomLook) {
      const most = this.#maxBytes();
      if (size > most) {
        throw new RegistryError('DENIED', 'This blob is larger than all that the registry may have on its way');
      }
      if (await this.#takeRoom(holder, size, most)) break;
      if (waited >= upstreamLimits.roomWait) {
        const sentence = 'As many bytes as may be are on their way from upstreams; try again soon';
        throw new RegistryError('TOOMANYREQUESTS', sentence, { headers: { 'retry-after': '10' } });
      }
      await this.#parts.clock.sleep(roomLook, signal);
    }
    this.#count(size);
  }

  async #takeRoom(holder: string, bytes: number, most: number): Promise<boolean> {
    const { database, now } = this.#parts.content;
    const place = this.#place;
    // Many may wait, who write nothing.
    if ((await spooledBytes(database, place, now())) + bytes > most) return false;
    return database.transaction((queries) => takeSpoolRoom(queries, { place, holder, bytes }, most, now()), {
      durable: false,
    });
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
