import { processLimits } from '../limits.ts';

/** Writes one value of an answer that is a line of JSON for each. */
export function encodeLine(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}

/** Reads such an answer. @throws SyntaxError for what is no JSON, RangeError for a line without end, and what the answer throws */
export async function* readLines(answer: AsyncIterable<Buffer>): AsyncGenerator {
  let rest = '';
  for await (const chunk of answer) {
    const lines = `${rest}${chunk.toString('utf8')}`.split('\n');
    rest = lines.pop() as string;
    for (const line of lines) yield JSON.parse(line);
    if (rest.length > processLimits.lineLength) throw new RangeError('A line of an answer does not end');
  }
}
