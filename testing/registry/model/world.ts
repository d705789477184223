import type { Content } from '../../../src/registry/content/content.ts';
import type { BlobStore } from '../../../src/store/blob/blob-store.ts';
import type { SqlDatabase } from '../../../src/store/sql/database.ts';
import { instantly, openTestContent, type TestClock, type TestContent } from '../test-content.ts';
import type { Digest } from '../../../src/oci/digest.ts';
import { blobDigests } from './universe.ts';
import { Dice } from './dice.ts';
import { blobsInTurns, databaseInTurns, type Process, Turns } from './turns.ts';

/** Where a world lies, and how it goes on. */
export interface WorldOptions {
  readonly folder: string;
  readonly seed: number;
  /** Processes over the same stores. */
  readonly processes: number;
  /** Calls of the stores one at a time, in a random order that the seed repeats; else as they come. */
  readonly inTurns: boolean;
  readonly openDatabase?: (folder: string) => Promise<SqlDatabase>;
  readonly openBlobs?: (folder: string) => Promise<BlobStore>;
}

interface Running {
  readonly process: Process;
  readonly opened: TestContent;
  /** Without turns, for looking at it from outside. */
  readonly outside: Content;
}

/** Some processes of one registry, its clock, and the way to kill and start them. */
export class World implements AsyncDisposable {
  readonly dice: Dice;
  readonly turns: Turns;
  /** The blobs that it is about at the moment. */
  digests: readonly Digest[] = [];
  readonly clock: TestClock;
  readonly #options: WorldOptions;
  #running: Running[] = [];
  #removing = 0;
  #ids = 0;

  private constructor(options: WorldOptions) {
    this.#options = options;
    this.dice = new Dice(options.seed);
    this.turns = new Turns(this.dice);
    // Well before what the file system says, so that nothing counts as left behind for long while it is just being written.
    this.clock = { now: Date.UTC(2025, 0, 1) };
  }

  static async open(options: WorldOptions): Promise<World> {
    const world = new World(options);
    for (let at = 0; at < options.processes; at += 1) world.#running.push(await world.#start());
    return world;
  }

  /** Begins a new scene: other blobs, and another way to choose who goes on. */
  turn(): void {
    this.digests = Array.from({ length: 1 + this.dice.below(4) }, () => this.dice.pick(blobDigests));
    this.turns.burst = this.dice.pick([0, 0.5, 0.9, 0.97]);
  }

  /** The process that a request comes to. */
  node(): Content {
    return this.dice.pick(this.#running).opened.content;
  }

  /** For looking at what is stored; of a process that is not just being killed, which has its stores closed. */
  get outside(): Content {
    const alive = this.#running.find(({ process }) => !process.isKilled);
    if (alive !== undefined) return alive.outside;
    return (this.#running[0] as Running).outside;
  }

  /**
   * Lets time pass. A removal that was decided on is made soon: that is what two collectors rely on (see
   * src/registry/garbage/remove-marked.ts).
   */
  pass(milliseconds: number): void {
    if (this.#removing === 0 && !this.turns.has('remove')) this.clock.now += milliseconds;
  }

  /** Kills a process in the middle of whatever it does, and starts it anew. */
  async kill(): Promise<void> {
    const at = this.dice.below(this.#running.length);
    const { process, opened } = this.#running[at] as Running;
    await this.turns.kill(process);
    await opened[Symbol.asyncDispose]();
    this.#running[at] = await this.#start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { opened } of this.#running) await opened[Symbol.asyncDispose]();
  }

  async #start(): Promise<Running> {
    const process: Process = { isKilled: false };
    const { inTurns, folder, openDatabase, openBlobs } = this.#options;
    let outside: Pick<Content, 'database' | 'blobs'> | undefined;
    const opened = await openTestContent({
      folder,
      clock: this.clock,
      ...(openDatabase === undefined ? {} : { openDatabase }),
      ...(openBlobs === undefined ? {} : { openBlobs }),
      wrapBlobs: (blobs) => (inTurns ? blobsInTurns(blobs, this.turns, process) : this.#delayed(blobs)),
      wrapDatabase: (database) => (inTurns ? databaseInTurns(database, this.turns, process) : database),
      wait: (time, signal) =>
        inTurns && time < 10_000
          ? this.turns.take(process, 'wait', () => instantly(time, signal))
          : instantly(time, signal),
      newId: () => `upload-${(this.#ids += 1)}`,
      seeStores: (stores) => {
        outside = stores;
      },
    });
    return { process, opened, outside: { ...opened.content, ...outside, wait: instantly } };
  }

  /** Real calls, some of them late. */
  #delayed(blobs: BlobStore): BlobStore {
    const late = <Result>(call: () => Promise<Result>): Promise<Result> =>
      this.dice.chance(0.5) ? call() : new Promise((resolve) => setTimeout(resolve, this.dice.below(4))).then(call);
    return {
      append: (upload, bytes, options) => late(() => blobs.append(upload, bytes, options)),
      readUpload: (upload, signal) => blobs.readUpload(upload, signal),
      commit: (upload, digest, options) => late(() => blobs.commit(upload, digest, options)).then(() => late(nothing)),
      abort: (upload) => late(() => blobs.abort(upload)),
      put: (digest, bytes, options) => late(() => blobs.put(digest, bytes, options)).then(() => late(nothing)),
      putFile: (digest, path, size, options) => late(() => blobs.putFile(digest, path, size, options)),
      stat: (digest) => late(() => blobs.stat(digest)),
      open: (digest) => late(() => blobs.open(digest)),
      list: (signal) => blobs.list(signal),
      removeStaleUploads: (before, known) => late(() => blobs.removeStaleUploads(before, known)),
      remove: async (digest) => {
        this.#removing += 1;
        try {
          return await late(() => blobs.remove(digest));
        } finally {
          this.#removing -= 1;
        }
      },
      [Symbol.asyncDispose]: () => blobs[Symbol.asyncDispose](),
    };
  }
}

function nothing(): Promise<void> {
  return Promise.resolve();
}
