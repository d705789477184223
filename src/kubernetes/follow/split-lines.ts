import { KubernetesError } from '../error.ts';

const lineFeed = 0x0a;

/**
 * Splits a stream into lines, of which none is held that is longer than `most` bytes. What stands after the last line feed is not a
 * line: the stream broke off there.
 *
 * @throws KubernetesError LIMIT_EXCEEDED
 */
export async function* splitLines(
  stream: AsyncIterable<Uint8Array>,
  most: number,
): AsyncGenerator<Buffer, void, undefined> {
  let pieces: Uint8Array[] = [];
  let held = 0;
  for await (const chunk of stream) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      const length = held + end - start;
      if (length > most) throw tooLong(most);
      const rest = chunk.subarray(start, end);
      const line =
        held === 0 ? Buffer.from(rest.buffer, rest.byteOffset, rest.length) : Buffer.concat([...pieces, rest]);
      pieces = [];
      held = 0;
      start = end + 1;
      if (length > 0) yield line;
    }
    if (start === chunk.length) continue;
    pieces.push(chunk.subarray(start));
    held += chunk.length - start;
    if (held > most) throw tooLong(most);
  }
}

function tooLong(most: number): KubernetesError {
  return new KubernetesError(
    'LIMIT_EXCEEDED',
    `The cluster tells of an event in more than ${most} bytes; it is not read`,
  );
}
