import type { Digest } from '../../../oci/digest.ts';
import { isWordOfNone } from '../../../oci/word-of-none.ts';
import type { OpenBlob } from '../../../store/blob/blob-store.ts';
import { ContentPace } from './content-pace.ts';
import { ChannelError, type Question } from './question.ts';

/** Where the content of images comes from: what is kept, or a registry that is asked. */
export interface BlobOrigin {
  /** BLOB_UNKNOWN is its word that there is none, unless its cause says that it may merely not be shown to who asks. */
  findBlob(
    repository: string,
    digest: Digest,
    signal: () => AbortSignal,
  ): Promise<{ readonly open: () => Promise<Pick<OpenBlob, 'read' | typeof Symbol.asyncDispose>> }>;
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

  /** Answers `{ kind: 'content', digest }`. A layer that is still on its way is given as it comes. */
  async *answer(question: Question, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const { repository, digest, manifest, blobs, foreign, origin } = this.#image;
    const asked = question['digest'] as Digest;
    if (question.kind !== 'content' || (asked !== digest && !blobs.has(asked))) {
      throw new ChannelError('ANSWER_FAILED', 'This is no content of the image');
    }
    if (asked === digest) {
      yield manifest;
      return;
    }
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
}
