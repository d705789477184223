import type { ContentSource } from '../../../oci/content-source.ts';
import type { Descriptor } from '../../../oci/descriptor.ts';
import type { Digest } from '../../../oci/digest.ts';
import { OciError } from '../../../oci/error.ts';
import { verifyContent } from '../../../oci/verify-content.ts';
import { processLimits } from '../limits.ts';
import { GrowingFile } from './growing-file.ts';
import type { Peer } from './peer.ts';
import { ChannelError } from './question.ts';

/** The content of the image that the other side of a channel lets this one read: layers by files that it lends, where it can. */
export function channelSource(peer: Pick<Peer, 'ask'>): ContentSource & Disposable {
  const files = new Map<Digest, Promise<GrowingFile | undefined>>();
  const over = new AbortController();
  let growing = 0;

  async function* open({ digest }: Descriptor, signal?: AbortSignal): AsyncGenerator<Buffer> {
    try {
      yield* peer.ask({ kind: 'content', digest }, signal);
    } catch (error) {
      if (!(error instanceof ChannelError) || error.reason !== 'BLOB_UNKNOWN') throw error;
      throw new OciError('BLOB_UNKNOWN', error.message, { cause: error });
    }
  }
  return {
    async readContent(descriptor, maxBytes, signal) {
      const { digest, size } = descriptor;
      if (size > maxBytes) throw tooLarge(digest, size);
      const chunks: Buffer[] = [];
      let length = 0;
      for await (const chunk of open(descriptor, signal)) {
        length += chunk.length;
        if (length > maxBytes) throw tooLarge(digest, length);
        chunks.push(chunk);
      }
      const bytes = Buffer.concat(chunks);
      verifyContent(bytes, descriptor);
      return bytes;
    },
    openLayer: open,
    async locateLayer({ digest, size }) {
      const known = files.get(digest);
      if (known !== undefined) return (await known)?.range;
      // Each that still grows is a question which the other side answers.
      if (size < processLimits.fileBytes || growing >= processLimits.growingFiles) return undefined;
      growing += 1;
      const file = GrowingFile.open(peer, digest, { signal: over.signal, done: () => (growing -= 1) });
      files.set(digest, file);
      return (await file)?.range;
    },
    [Symbol.dispose]() {
      over.abort(new ChannelError('CHANNEL_CLOSED', 'The image is not read any more'));
      for (const file of files.values()) void file.then((opened) => opened?.[Symbol.dispose]());
      files.clear();
    },
  };
}

function tooLarge(digest: string, size: number): OciError {
  return new OciError('LIMIT_EXCEEDED', `${digest} has ${size} bytes, more than such a document may have`);
}
