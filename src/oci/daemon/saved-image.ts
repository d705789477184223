import type { FileHandle } from 'node:fs/promises';
import { openArchiveHandle } from '../archive/open-archive.ts';
import type { DiffId } from '../digest.ts';
import { OciError } from '../error.ts';
import type { FileRange, Image, Layer } from '../image.ts';
import type { Platform } from '../platform.ts';

/** The archive that the daemon saves, once, when the first layer is read. */
export class SavedImage {
  readonly #spool: (signal?: AbortSignal) => Promise<FileHandle>;
  readonly #name: string;
  readonly #platform: Platform;
  readonly #closing = new AbortController();
  #image: Promise<Image> | undefined;

  constructor(spool: (signal?: AbortSignal) => Promise<FileHandle>, name: string, platform: Platform) {
    this.#spool = spool;
    this.#name = name;
    this.#platform = platform;
  }

  layer(diffId: DiffId): Layer {
    const find = async (signal?: AbortSignal): Promise<Layer> => await this.#find(diffId, signal);
    return {
      diffId,
      locate: async (signal?: AbortSignal): Promise<FileRange | undefined> => (await find(signal)).range,
      async *open(signal?: AbortSignal): AsyncGenerator<Uint8Array> {
        yield* (await find(signal)).open(signal);
      },
    };
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const image = await this.#image?.catch(() => undefined);
    await image?.[Symbol.asyncDispose]();
  }

  async #find(diffId: DiffId, signal: AbortSignal | undefined): Promise<Layer> {
    if (this.#closing.signal.aborted)
      throw new OciError('LAYER_UNREADABLE', 'The image is closed already; open it again');
    this.#image ??= this.#open(signal);
    const image = await this.#image;
    const layer = image.layers.find((candidate) => candidate.diffId === diffId);
    if (layer !== undefined) return layer;
    throw new OciError('BLOB_UNKNOWN', `The daemon saved the image without its layer ${diffId}; pull the image again`);
  }

  async #open(signal: AbortSignal | undefined): Promise<Image> {
    const options = { name: this.#name, selector: {}, defaultPlatform: this.#platform };
    const either = signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]);
    return await openArchiveHandle(await this.#spool(either), options, either);
  }
}
