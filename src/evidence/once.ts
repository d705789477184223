/** Something that is looked up when it is first asked for, and once: whoever asks later gets the same, or the same error. */
export function once<Value>(look: () => Promise<Value>): () => Promise<Value> {
  let found: Promise<Value> | undefined;
  return () => (found ??= look());
}
