import type { ConfigPath, Finding } from '../../../codec/yaml/mistake.ts';

/** Says of each entry whose name another entry before it has. */
export function findRepeated(entries: readonly { readonly name: string }[], path: ConfigPath): Finding[] {
  const first = new Map<string, number>();
  return entries.flatMap(({ name }, index): Finding[] => {
    const before = first.get(name);
    if (before === undefined) {
      first.set(name, index);
      return [];
    }
    const sentence = `is the name of entry ${before + 1} too; give each its own`;
    return [{ path: [...path, index, 'name'], sentence }];
  });
}
