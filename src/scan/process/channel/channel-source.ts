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
  const opened = new Set<GrowingFile>();
  const over = new AbortController();
  let growing = 0;
  let telling: NodeJS.Timeout | undefined;

  /** In one question for all files: of many at once, the other side answers few. */
  function tellRead(): void {
    let bytes = 0;
    for (const file of opened) bytes += file.takeRead();
    if (bytes > 0) void drain(peer.ask({ kind: 'read', bytes }, over.signal));
  }

  async function openFile(digest: Digest): Promise<GrowingFile | undefined> {
    growing += 1;
    const file = await GrowingFile.open(peer, digest, { signal: over.signal, done: () => (growing -= 1) });
    if (file === undefined) return undefined;
    if (over.signal.aborted) {
      file[Symbol.dispose]();
      return undefined;
    }
    opened.add(file);
    telling ??= setInterval(tellRead, processLimits.readTime).unref();
    return file;
  }

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
      if (size < processLimits.fileBytes || files.size >= processLimits.lentFiles) return undefined;
      // Each that still grows is a question which the other side answers.
      if (growing >= processLimits.growingFiles) return undefined;
      const file = openFile(digest);
      files.set(digest, file);
      return (await file)?.range;
    },
    [Symbol.dispose]() {
      over.abort(new ChannelError('CHANNEL_CLOSED', 'The image is not read any more'));
      clearInterval(telling);
      for (const file of opened) file[Symbol.dispose]();
      opened.clear();
      files.clear();
    },
  };
}

async function drain(answer: AsyncIterable<Buffer>): Promise<void> {
  try {
    for await (const _ of answer);
  } catch {
    // Nothing depends on it.
  }
}

function tooLarge(digest: string, size: number): OciError {
  return new OciError('LIMIT_EXCEEDED', `${digest} has ${size} bytes, more than such a document may have`);
}
