import { createHash } from 'node:crypto';
import type { InventoryPackage } from '../package/package.ts';

/**
 * Ids for packages, in their order: `deb-libc6-1f2e3d4c5b6a7988`. The same package at the same place has the same id in
 * every document of every format, so that documents can be compared.
 */
export function packageIds(packages: readonly InventoryPackage[]): string[] {
  const seen = new Map<string, number>();
  return packages.map((pkg) => {
    const key = [pkg.purl, pkg.locations[0]?.path ?? '', pkg.innerPath ?? ''].join('\0');
    const hash = createHash('sha256').update(key).digest('hex').slice(0, 16);
    const id = `${pkg.type}-${idWord(pkg.name)}-${hash}`;
    const count = (seen.get(id) ?? 0) + 1;
    seen.set(id, count);
    return count === 1 ? id : `${id}.${count}`;
  });
}

/** Text made of the characters that SPDX ids may have; for people, so it need not be unique. */
export function idWord(text: string): string {
  return text
    .slice(0, 64)
    .replaceAll(/[^A-Za-z0-9.]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}
