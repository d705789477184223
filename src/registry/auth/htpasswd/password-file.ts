import type { BigIntStats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { errorMessage } from '../../../base/error.ts';
import type { Problem } from '../../../base/problem.ts';
import { RegistryAuthError } from '../error.ts';
import { htpasswdLimits } from './limits.ts';
import { parseHtpasswd, type PasswordTable } from './parse.ts';

interface Loaded {
  readonly table: PasswordTable;
  /** Tells one state of the file from another. */
  readonly mark: string;
  /** True when the file was so young that it may change without looking different. */
  readonly young: boolean;
}

/** A password file that is read again when it was changed. */
export class PasswordFile {
  readonly path: string;
  readonly #clock: { now(): number; monotonic(): number };
  readonly #onProblems: (problems: readonly Problem[]) => void;
  #loaded: Loaded | undefined;
  #looked = Number.NEGATIVE_INFINITY;
  #underWay: Promise<PasswordTable> | undefined;

  /** @param onProblems hears of the lines that do not count, each time the file was read and has some */
  constructor(
    path: string,
    clock: { now(): number; monotonic(): number },
    onProblems: (problems: readonly Problem[]) => void = () => undefined,
  ) {
    this.path = path;
    this.#clock = clock;
    this.#onProblems = onProblems;
  }

  /**
   * The users as they are in the file now, or were some seconds ago.
   *
   * @throws RegistryAuthError AUTH_UNAVAILABLE when the file cannot be read: who was removed with it, and who not, cannot be known
   */
  async read(): Promise<PasswordTable> {
    const known = this.#loaded;
    if (known !== undefined && this.#clock.monotonic() - this.#looked < htpasswdLimits.pollAfter) return known.table;
    this.#underWay ??= this.#look().finally(() => {
      this.#underWay = undefined;
    });
    return await this.#underWay;
  }

  async #look(): Promise<PasswordTable> {
    try {
      const known = this.#loaded;
      if (known === undefined || known.young || markOf(await stat(this.path, { bigint: true })) !== known.mark)
        this.#loaded = await this.#load();
      this.#looked = this.#clock.monotonic();
      return (this.#loaded as Loaded).table;
    } catch (cause) {
      // The time of this look is not noted, so the next request looks again.
      if (cause instanceof RegistryAuthError) throw cause;
      throw new RegistryAuthError(
        'AUTH_UNAVAILABLE',
        `The password file ${this.path} cannot be read: ${errorMessage(cause)}`,
        { cause },
      );
    }
  }

  async #load(): Promise<Loaded> {
    await using file = await open(this.path, 'r');
    // Before it is read: what is written meanwhile leaves another mark than this.
    const state = await file.stat({ bigint: true });
    const size = Number(state.size);
    if (size > htpasswdLimits.fileBytes) throw new Error(`it has more than ${htpasswdLimits.fileBytes} bytes`);
    const buffer = Buffer.alloc(size);
    let filled = 0;
    while (filled < size) {
      const { bytesRead } = await file.read(buffer, filled, size - filled, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(buffer.subarray(0, filled));
    const table = parseHtpasswd(text, this.path);
    if (table.problems.length > 0) this.#onProblems(table.problems);
    // File systems count time in steps: a second change within one of them leaves the same mark.
    return {
      table,
      mark: markOf(state),
      young: Math.abs(this.#clock.now() - Number(state.mtimeMs)) < htpasswdLimits.pollAfter,
    };
  }
}

function markOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}
