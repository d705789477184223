import type { Digest } from '../../../oci/digest.ts';
import { isWordOfNone } from '../../../oci/word-of-none.ts';
import type { OpenBlob } from '../../../store/blob/blob-store.ts';
import type { LentFiles } from '../pool/lent-files.ts';
import { ContentPace } from './content-pace.ts';
import { encodeLine } from './lines.ts';
import { ChannelError, type Question } from './question.ts';

/** Where the content of images comes from: what is kept, or a registry that is asked. */
export interface BlobOrigin {
  /** BLOB_UNKNOWN is its word that there is none, unless its cause says that it may merely not be shown to who asks. */
  findBlob(
    repository: string,
    digest: Digest,
    signal: () => AbortSignal,
  ): Promise<{ readonly open: () => Promise<Pick<OpenBlob, 'size' | 'read' | 'file' | typeof Symbol.asyncDispose>> }>;
}

/** The one image that a worker may read. */
export interface ServedImage {
  readonly repository: string;
  readonly digest: Digest;
  /** The manifest's bytes, which are known already. */
  readonly manifest: Uint8Array;
  /** Its config and layers. Nothing else is given. */
  readonly blobs: ReadonlySet<Digest>;
  /** Those of them that the origin may lack, since their publisher keeps them: that it does is no failure of it. */
  readonly foreign: ReadonlySet<Digest>;
  readonly origin: BlobOrigin;
}

/** Gives a worker the content of one image, and remembers what could not be read. */
export class ContentService {
  readonly #image: ServedImage;
  readonly #pace: ContentPace;
  /** The first failure of a source: what was made of the image then lacks something that it has. */
  failure: unknown;
  /** Blobs of which not all was taken, so that nobody knows whether they are what their digests say. */
  readonly unfinished: Set<Digest> = new Set<Digest>();

  /** @param pace hears how fast the content comes */
  constructor(image: ServedImage, pace: ContentPace = new ContentPace()) {
    this.#image = image;
    this.#pace = pace;
  }

  /**
   * Answers what a worker asks:
   *
   * - `{ kind: 'content', digest }`: the bytes. A layer that is still on its way is given as it comes.
   * - `{ kind: 'file', digest }`: lines of JSON, `{ "path", "size", "isChecked" }` of a file that has them, then `{ "arrived" }` bytes, as they come.
   *   Where there is no such file, or what is in it cannot be had, it fails, and the bytes are asked for.
   * - `{ kind: 'read', bytes }`: nothing; so many bytes more were read of files.
   *
   * @param files that the worker can be lent
   */
  async *answer(question: Question, signal: AbortSignal, files?: LentFiles): AsyncGenerator<Uint8Array> {
    if (question.kind === 'read') {
      this.#pace.read(Number(question['bytes']));
      return;
    }
    const { digest, manifest, blobs } = this.#image;
    const asked = question['digest'] as Digest;
    if (asked === digest && question.kind === 'content') {
      yield manifest;
    } else if (!blobs.has(asked)) throw new ChannelError('ANSWER_FAILED', 'This is no content of the image');
    else if (question.kind === 'content') yield* this.#give(asked, signal);
    else if (question.kind === 'file' && files !== undefined) yield* this.#lend(asked, files, signal);
    else throw new ChannelError('ANSWER_FAILED', 'There is no file of this');
  }

  async *#give(asked: Digest, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const { repository, foreign, origin } = this.#image;
    // Until all of it was taken: nobody hears at once that a reader has stopped.
    this.unfinished.add(asked);
    try {
      const found = await this.#pace.wait(origin.findBlob(repository, asked, () => signal));
      await using blob = await this.#pace.wait(found.open());
      yield* this.#pace.follow(blob.read(undefined, signal));
      this.unfinished.delete(asked);
    } catch (error) {
      if (foreign.has(asked) && isWordOfNone(error)) this.unfinished.delete(asked);
      else if (!signal.aborted) this.failure ??= error;
      throw error;
    }
  }

  async *#lend(asked: Digest, files: LentFiles, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const { repository, origin } = this.#image;
    const found = await this.#pace.wait(origin.findBlob(repository, asked, () => signal));
    await using blob = await this.#pace.wait(found.open());
    const { file, size } = blob;
    const path = file && (await files.lend(file));
    if (file === undefined || path === undefined) throw new ChannelError('ANSWER_FAILED', 'There is no file of this');
    this.unfinished.add(asked);
    try {
      yield encodeLine({ path, size, isChecked: file.isChecked });
      for await (const arrived of this.#pace.waitEach(file.arrivals(signal))) yield encodeLine({ arrived });
      this.unfinished.delete(asked);
    } catch (error) {
      if (!signal.aborted) this.failure ??= error;
      throw error;
    }
  }
}
