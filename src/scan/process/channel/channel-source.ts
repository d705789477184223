import type { ContentSource } from '../../../oci/content-source.ts';
import type { Descriptor } from '../../../oci/descriptor.ts';
import { OciError } from '../../../oci/error.ts';
import { verifyContent } from '../../../oci/verify-content.ts';
import type { Peer } from './peer.ts';
import { ChannelError } from './question.ts';

/** The content of the image that the other side of a channel lets this one read. */
export function channelSource(peer: Pick<Peer, 'ask'>): ContentSource {
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
  };
}

function tooLarge(digest: string, size: number): OciError {
  return new OciError('LIMIT_EXCEEDED', `${digest} has ${size} bytes, more than such a document may have`);
}
