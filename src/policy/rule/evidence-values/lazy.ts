/** Makes a record whose members are computed when they are asked for, and remembered; they may throw for what is not known. */
export function lazyRecord(members: Readonly<Record<string, () => unknown>>): Readonly<Record<string, unknown>> {
  const record: Record<string, unknown> = {};
  for (const [name, compute] of Object.entries(members)) {
    let value: { readonly computed: unknown } | undefined;
    const get = (): unknown => (value ??= { computed: compute() }).computed;
    Object.defineProperty(record, name, { enumerable: true, get });
  }
  return record;
}
