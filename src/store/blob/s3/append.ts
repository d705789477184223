import { StoreError } from '../../error.ts';
import type { AppendOptions, UploadState } from '../blob-store.ts';
import { uploadConflict } from '../check-upload.ts';
import { incoming } from '../incoming.ts';
import type { S3Client } from './client.ts';
import { type Keys, newToken } from './keys.ts';
import { maxParts, maxRest } from './limits.ts';
import { getWhole, putObject, sizeOfObject } from './objects.ts';
import { allPieces, type Pieces, readPieces, restBytes } from './pieces.ts';

/** Adds bytes to an upload; see `BlobStore.append`. One part is on its way while the next is gathered. */
export async function appendPieces(
  client: S3Client,
  keys: Keys,
  partBytes: number,
  upload: UploadState,
  bytes: AsyncIterable<Uint8Array>,
  options: AppendOptions,
): Promise<UploadState> {
  options.signal?.throwIfAborted();
  const before = readPieces(upload, partBytes);
  await checkKept(client, keys, upload.id, before);
  const gathering = new Gathering(client, keys, upload.id, before, options.signal);
  try {
    for await (const chunk of incoming(bytes, upload.offset, options)) await gathering.add(chunk);
    const parts = await gathering.finish();
    return { id: upload.id, offset: parts.whole.length * parts.partBytes + restBytes(parts), parts };
  } finally {
    await gathering.settle();
  }
}

/** The small pieces of an upload, joined. @throws StoreError UPLOAD_CONFLICT */
export async function getRest(client: S3Client, keys: Keys, id: string, { rest }: Pieces): Promise<Buffer[]> {
  const found: Buffer[] = [];
  for (const [token, size] of rest) {
    const bytes = await getWhole(client, keys.piece(id, token), size);
    if (bytes?.length !== size) throw uploadConflict(id);
    found.push(bytes);
  }
  return found;
}

/** An upload that is over has no pieces any more: its last one tells. */
async function checkKept(client: S3Client, keys: Keys, id: string, pieces: Pieces): Promise<void> {
  const last = allPieces(pieces).at(-1);
  if (last === undefined) return;
  if ((await sizeOfObject(client, keys.piece(id, last[0]))) !== last[1]) throw uploadConflict(id);
}

class Gathering {
  readonly #client: S3Client;
  readonly #keys: Keys;
  readonly #id: string;
  readonly #signal: AbortSignal | undefined;
  readonly #partBytes: number;
  readonly #whole: string[];
  #rest: Pieces['rest'];
  #chunks: Buffer[] = [];
  #gathered = 0;
  #sending: Promise<void> = Promise.resolve();

  constructor(client: S3Client, keys: Keys, id: string, before: Pieces, signal: AbortSignal | undefined) {
    this.#client = client;
    this.#keys = keys;
    this.#id = id;
    this.#signal = signal;
    this.#partBytes = before.partBytes;
    this.#whole = [...before.whole];
    this.#rest = before.rest;
  }

  /** Takes a copy of a chunk, whose memory may be used again, and sends a part when there is one. */
  async add(chunk: Uint8Array): Promise<void> {
    let left = chunk;
    while (left.length > 0) {
      const room = this.#partBytes - restBytes(this.#pieces()) - this.#gathered;
      const piece = Buffer.from(left.subarray(0, room));
      this.#chunks.push(piece);
      this.#gathered += piece.length;
      left = left.subarray(piece.length);
      if (piece.length === room) await this.#sendWhole();
    }
  }

  /** Sends what is left, and gives what the upload consists of. */
  async finish(): Promise<Pieces> {
    if (this.#gathered > 0) {
      const joins = this.#rest.length === maxRest;
      const body = joins ? [...(await this.#takeRest()), ...this.#chunks] : this.#chunks;
      const size = body.reduce((sum, chunk) => sum + chunk.length, 0);
      const token = newToken();
      this.#rest = [...this.#rest, [token, size]];
      await this.#send(token, body);
    }
    await this.#sending;
    return this.#pieces();
  }

  /** Waits until nothing is on its way any more; failures were or will be told elsewhere. */
  async settle(): Promise<void> {
    await this.#sending.catch(() => undefined);
  }

  #pieces(): Pieces {
    return { partBytes: this.#partBytes, whole: this.#whole, rest: this.#rest };
  }

  async #sendWhole(): Promise<void> {
    // The last part is for what may be left.
    if (this.#whole.length + 1 >= maxParts) {
      const most = maxParts * this.#partBytes;
      throw new StoreError('LIMIT_EXCEEDED', `an upload may have ${most} bytes at most; set a larger size of parts`);
    }
    const body = [...(await this.#takeRest()), ...this.#chunks];
    this.#chunks = [];
    this.#gathered = 0;
    const token = newToken();
    this.#whole.push(token);
    await this.#send(token, body);
  }

  async #takeRest(): Promise<Buffer[]> {
    const bytes = await getRest(this.#client, this.#keys, this.#id, this.#pieces());
    this.#rest = [];
    return bytes;
  }

  async #send(token: string, body: readonly Uint8Array[]): Promise<void> {
    await this.#sending;
    this.#sending = putObject(this.#client, this.#keys.piece(this.#id, token), body, this.#signal);
    // A failure is thrown where it is awaited; until then it must not count as unhandled.
    this.#sending.catch(() => undefined);
  }
}
