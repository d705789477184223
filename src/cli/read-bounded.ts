import { createReadStream } from 'node:fs';

/**
 * Reads a file whole, up to one byte more than `maxBytes`: whoever parses it then says that it is too large. A device such
 * as `/dev/zero` never ends by itself.
 *
 * @throws the file system's own errors, the signal's reason
 */
export async function readBounded(path: string, maxBytes: number, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(path, { end: maxBytes, signal })) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
