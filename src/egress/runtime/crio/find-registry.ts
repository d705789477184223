import type { RegistryTable } from './registries-conf.ts';

/** The table that decides about an image name: the one with the longest prefix (`findRegistryWithParsedConfig`). */
export function findRegistry(image: string, registries: readonly RegistryTable[]): RegistryTable | undefined {
  let best: RegistryTable | undefined;
  for (const table of registries.toSorted((a, b) => (a.prefix < b.prefix ? -1 : 1))) {
    if (matchLength(image, table.prefix) < 0) continue;
    if (best === undefined || table.prefix.length > best.prefix.length) best = table;
  }
  return best;
}

/**
 * How much of a name a prefix stands for, or -1 (`refMatchingPrefix`). A wildcard looks at the first place alone where its
 * domain stands: `*.io` is not for `a.ios.io`.
 */
function matchLength(image: string, prefix: string): number {
  let length: number;
  if (prefix.startsWith('*.')) {
    const domain = prefix.slice(1);
    const at = image.indexOf(domain);
    if (at < 0 || image.slice(0, at).includes('/')) return -1;
    length = at + domain.length;
  } else {
    if (!image.startsWith(prefix)) return -1;
    length = prefix.length;
  }
  return length === image.length || ':/@'.includes(image[length] as string) ? length : -1;
}

/** The name that is asked for at a place (`rewriteReference`). */
export function rewrite(image: string, prefix: string, location: string): string {
  return location === '' ? image : location + image.slice(matchLength(image, prefix));
}
