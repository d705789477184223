function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Puts a patch into a document (RFC 7396): null takes away, lists are replaced whole. */
export function mergePatch(document: unknown, patch: unknown): unknown {
  return merge(document, patch, () => undefined);
}

/**
 * As {@link mergePatch}, with lists of things that have names merged by these: what the types of Kubernetes ask for in most of their lists, and
 * all of strategic merge patches that is done here.
 */
export function strategicMergePatch(document: unknown, patch: unknown): unknown {
  return merge(document, patch, (before, after) => {
    if (!Array.isArray(before) || !Array.isArray(after) || ![...before, ...after].every(hasName)) return undefined;
    const merged = new Map((before as Named[]).map((item) => [item.name, item as unknown]));
    for (const item of after as Named[]) {
      if (item.$patch === 'delete') merged.delete(item.name);
      else merged.set(item.name, strategicMergePatch(merged.get(item.name), item));
    }
    return [...merged.values()];
  });
}

interface Named {
  readonly name: string;
  readonly $patch?: unknown;
}

function hasName(value: unknown): boolean {
  return isObject(value) && typeof value['name'] === 'string';
}

function merge(document: unknown, patch: unknown, lists: (before: unknown, after: unknown) => unknown): unknown {
  if (!isObject(patch)) return lists(document, patch) ?? structuredClone(patch);
  const merged: Record<string, unknown> = isObject(document) ? { ...structuredClone(document) } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = merge(merged[name], value, lists);
  }
  return merged;
}
