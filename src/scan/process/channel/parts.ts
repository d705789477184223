/** An answer that is one JSON value and some byte strings. */
export interface Parts {
  readonly value: unknown;
  readonly parts: readonly Buffer[];
}

/** Writes {@link Parts}: lengths, the value, the byte strings. */
export function* encodeParts(value: unknown, parts: readonly Uint8Array[] = []): Generator<Uint8Array> {
  const text = Buffer.from(JSON.stringify(value));
  const head = Buffer.alloc(4 + 4 * (parts.length + 1));
  head.writeUInt32BE(parts.length + 1, 0);
  for (const [at, { length }] of [text, ...parts].entries()) head.writeUInt32BE(length, 4 + 4 * at);
  yield head;
  yield text;
  yield* parts;
}

/**
 * Reads an answer that {@link encodeParts} wrote, whole.
 *
 * @param maxBytes of the answer
 * @throws RangeError for a longer one, or lengths that do not fit; SyntaxError for a value that is no JSON
 */
export async function readParts(answer: AsyncIterable<Buffer>, maxBytes: number): Promise<Parts> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer) {
    length += chunk.length;
    if (length > maxBytes) throw new RangeError(`The answer has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  const count = bytes.readUInt32BE(0);
  let at = 4 + 4 * count;
  const parts: Buffer[] = [];
  for (let index = 0; index < count; index += 1) {
    const size = bytes.readUInt32BE(4 + 4 * index);
    if (at + size > bytes.length) throw new RangeError('The answer ends too early');
    parts.push(bytes.subarray(at, at + size));
    at += size;
  }
  const [text, ...rest] = parts;
  if (text === undefined || at !== bytes.length) throw new RangeError('The answer is none');
  return { value: JSON.parse(text.toString('utf8')), parts: rest };
}
