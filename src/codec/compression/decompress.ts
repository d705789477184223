import { constants, createGunzip, createZstdDecompress } from 'node:zlib';
import { freeMemory } from '../../base/free-memory.ts';
import { CodecError } from '../error.ts';
import { compressionMagicSize, detectCompression } from './format.ts';
import type { InflateLimits } from './limits.ts';
import { zstdFrames } from './zstd-frames.ts';

/** Bytes that come out of zlib at once: the default of 16 KiB costs half the speed; with half of this, threads wait more for each other. */
const outputChunk = 512 * 1024;
/** Pieces that wait to go into zlib, so that it never waits for the source. */
const inFlight = 4;

/**
 * Unpacks gzip (all members), zstd (all frames) or plain bytes, told apart by their first bytes.
 *
 * @param source stored bytes, in chunks of any size, each with memory of its own: several are under way at once
 * @param sink gets the unpacked bytes; a piece is only valid during the call
 * @param taken is told of each piece of packed bytes that is not read any more
 * @throws CodecError TRUNCATED, MALFORMED, UNSUPPORTED (bzip2, xz) or LIMIT_EXCEEDED; whatever `source` or `sink` throw
 */
export async function decompress(
  source: AsyncIterable<Uint8Array>,
  sink: (chunk: Buffer) => void,
  limits: InflateLimits,
  taken?: (chunk: Uint8Array) => void,
): Promise<void> {
  const iterator = source[Symbol.asyncIterator]();
  try {
    const head = await readHead(iterator);
    const compression = detectCompression(head);
    const meter = new Meter(limits, sink);
    if (compression === 'none') {
      for await (const chunk of rest(head, iterator)) meter.pass(chunk, chunk.length);
      return;
    }
    if (compression === 'bzip2' || compression === 'xz') {
      throw new CodecError(
        'UNSUPPORTED',
        `Layers packed with ${compression} are not part of the OCI format; repack as gzip`,
      );
    }
    const packed = rest(head, iterator);
    await inflate(compression, compression === 'zstd' ? zstdFrames(packed) : packed, meter, taken);
  } finally {
    await iterator.return?.();
  }
}

/** Counts what goes in and out, and stops bombs. */
class Meter {
  #in = 0;
  #out = 0;
  readonly #limits: InflateLimits;
  readonly #sink: (chunk: Buffer) => void;

  constructor(limits: InflateLimits, sink: (chunk: Buffer) => void) {
    this.#limits = limits;
    this.#sink = sink;
  }

  took(bytes: number): void {
    this.#in += bytes;
  }

  pass(chunk: Buffer, taken = 0): void {
    this.#in += taken;
    this.#out += chunk.length;
    const { maxBytes, maxRatio, ratioFloor } = this.#limits;
    if (this.#out > maxBytes)
      throw new CodecError('LIMIT_EXCEEDED', `Packed bytes unfold to more than ${maxBytes} bytes`);
    if (this.#out > ratioFloor && this.#out > this.#in * maxRatio) {
      throw new CodecError('LIMIT_EXCEEDED', `Packed bytes unfold more than ${maxRatio}-fold, which only bombs do`);
    }
    this.#sink(chunk);
  }
}

/**
 * Runs zlib, which works on a thread of its own, beside the sink: a piece that came out is handed on only after zlib was
 * sent off to make the next one, and up to `inFlight` pieces wait to go in. Whole scans took a seventh less time so.
 */
async function inflate(
  format: 'gzip' | 'zstd',
  source: AsyncIterable<Buffer>,
  meter: Meter,
  taken: ((chunk: Uint8Array) => void) | undefined,
): Promise<void> {
  const stream =
    format === 'gzip'
      ? createGunzip({ chunkSize: outputChunk })
      : createZstdDecompress({ chunkSize: outputChunk, params: { [constants.ZSTD_d_windowLogMax]: 27 } });
  const out: Buffer[] = [];
  let failure: unknown;
  let isOver = false;
  let wake = (): void => undefined;
  const fail = (error: unknown): void => {
    failure ??= error;
    stream.destroy();
  };
  const deliver = (): void => {
    for (const chunk of out.splice(0)) {
      if (failure !== undefined) return;
      try {
        meter.pass(chunk);
        freeIfLast(chunk);
      } catch (error) {
        fail(error);
      }
    }
  };
  const done = new Promise<void>((resolve) => {
    stream.on('data', (chunk: Buffer) => {
      // The tick comes once zlib's own callback has sent it off again.
      if (out.push(chunk) === 1) process.nextTick(deliver);
    });
    stream.once('error', (error) => {
      failure ??= isOver ? junk(error) : translate(error, format);
    });
    stream.once('close', () => {
      resolve();
      wake();
    });
  });
  let pending = 0;
  let used = 0;
  const note = (chunk: Buffer): void => {
    pending -= 1;
    // What zlib did not use of this piece. Should it take up a later one again, then what comes of it is an error.
    used += chunk.length;
    const left = used - stream.bytesWritten;
    if (left > 0 && !stream.destroyed) {
      isOver = true;
      used -= left;
      if (!isPadding(chunk.subarray(chunk.length - left))) fail(junk());
    }
    wake();
  };
  try {
    for await (const chunk of source) {
      meter.took(chunk.length);
      pending += 1;
      stream.write(chunk, () => {
        note(chunk);
        taken?.(chunk);
      });
      while (pending >= inFlight && !stream.destroyed) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (stream.destroyed) break;
    }
    stream.end();
  } catch (error) {
    fail(error);
  }
  await done;
  deliver();
  if (failure !== undefined) throw failure;
}

/** zlib fills one buffer after the other, in pieces: with the last of it, nobody reads it any more. */
function freeIfLast({ buffer, byteOffset, byteLength }: Buffer): void {
  if (byteOffset + byteLength === buffer.byteLength) freeMemory(new Uint8Array(buffer));
}

/**
 * zlib stops for good at a zero after a gzip member, and would drop whatever follows. Writers of tapes pad with zeros;
 * anything else there is damage or somebody's hiding place.
 */
function isPadding(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}

function junk(cause?: unknown): CodecError {
  const message = 'The gzip data is followed by bytes that belong to no member; fetch it again';
  return new CodecError('MALFORMED', message, { cause });
}

function translate(error: unknown, format: string): unknown {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'Z_BUF_ERROR' || code === 'ZSTD_error_srcSize_wrong') {
    return new CodecError('TRUNCATED', `The ${format} data ends too early; fetch or export it again`, { cause: error });
  }
  if (code.startsWith('Z_') || code.startsWith('ZSTD_') || code === 'ERR_BUFFER_TOO_LARGE') {
    return new CodecError('MALFORMED', `The ${format} data is damaged; fetch or export it again`, { cause: error });
  }
  return error;
}

/** Chunks may be shorter than the magic. */
async function readHead(iterator: AsyncIterator<Uint8Array>): Promise<Buffer> {
  let head = Buffer.alloc(0);
  while (head.length < compressionMagicSize) {
    const next = await iterator.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  return head;
}

async function* rest(head: Buffer, iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
    const { value } = next;
    yield Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
}
