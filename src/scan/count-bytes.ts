/** Bytes between two reports: often enough for a person who watches, seldom enough to cost nothing. */
const step = 2 * 2 ** 20;

/** Passes a stream on, and tells every few megabytes how many bytes went by since the last time. */
export async function* countBytes(
  source: AsyncIterable<Uint8Array>,
  report: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let passed = 0;
  for await (const chunk of source) {
    yield chunk;
    passed += chunk.length;
    if (passed < step) continue;
    report(passed);
    passed = 0;
  }
  if (passed > 0) report(passed);
}
