import type { IncomingMessage } from 'node:http';
import { RegistryError } from '../error.ts';

/**
 * Reads a small body whole.
 *
 * @throws RegistryError with status 413 beyond `most` bytes, before more than that is held
 */
export async function readBody(request: IncomingMessage, most: number, what: string): Promise<Buffer> {
  const tooLarge = (): RegistryError =>
    new RegistryError('SIZE_INVALID', `The ${what} is larger than the ${most} bytes that are taken`, { status: 413 });
  const announced = contentLength(request);
  if (announced !== undefined && announced > most) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bodyOf(request)) {
    size += chunk.length;
    if (size > most) throw tooLarge();
    chunks.push(chunk);
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}

/** A body as it comes. Who stops reading it early leaves its connection open, so that they can say why. */
export function bodyOf(request: IncomingMessage): AsyncIterable<Buffer> {
  return { [Symbol.asyncIterator]: () => request.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer> };
}

/** Bytes that the body will have, when its sender says so. */
export function contentLength(request: IncomingMessage): number | undefined {
  const text = request.headers['content-length'];
  return text === undefined ? undefined : Number(text);
}
