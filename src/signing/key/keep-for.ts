/**
 * Hands out what `get` gave for a while before it asks again: credentials that serve several signatures in a row. A
 * failure is not kept.
 */
export function keepFor<Value>(
  milliseconds: number,
  clock: { now(): Date },
  get: () => Promise<Value>,
): () => Promise<Value> {
  let kept: { readonly value: Value; readonly until: number } | undefined;
  return async () => {
    const asked = clock.now().getTime();
    if (kept !== undefined && asked < kept.until) return kept.value;
    const value = await get();
    kept = { value, until: asked + milliseconds };
    return value;
  };
}
