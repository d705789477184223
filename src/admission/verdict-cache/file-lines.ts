import { open } from 'node:fs/promises';

/** A line of a file, without its end. */
export interface FileLine {
  /** Bytes from the beginning of the file. */
  readonly offset: number;
  /** With its end. */
  readonly length: number;
  /** Undefined for one that is too long, which is not held. */
  readonly text: string | undefined;
}

const lineFeed = 0x0a;

/**
 * The whole lines of a file, in order. What stands after the last line feed is none: whoever wrote it was cut off.
 *
 * @param most bytes of a line
 * @returns as the last value: the bytes of the file, and where its last whole line ends
 */
export async function* readLines(
  path: string,
  most: number,
): AsyncGenerator<FileLine, { readonly size: number; readonly whole: number }, undefined> {
  await using file = await open(path, 'r');
  let pieces: Buffer[] = [];
  let held = 0;
  let offset = 0;
  let length = 0;
  for await (const read of file.createReadStream({ autoClose: false })) {
    const chunk = read as Buffer;
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      length += end - start + 1;
      const isHeld = held + end - start <= most && held >= 0;
      const text = isHeld ? Buffer.concat([...pieces, chunk.subarray(start, end)]).toString() : undefined;
      yield { offset, length, text };
      offset += length;
      [pieces, held, length] = [[], 0, 0];
      start = end + 1;
    }
    const rest = chunk.subarray(start);
    length += rest.length;
    held = held < 0 || held + rest.length > most ? -1 : held + rest.length;
    pieces = held < 0 ? [] : [...pieces, rest];
  }
  return { size: offset + length, whole: offset };
}
