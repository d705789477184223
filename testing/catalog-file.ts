import type { CatalogFile } from '../src/catalog/cataloger.ts';

/** A file as a cataloger gets it, that is no program. @param neighbours other files of its folder, by name */
export function catalogFile(
  path: string,
  content: string | Buffer,
  neighbours: Readonly<Record<string, string>> = {},
): CatalogFile {
  return {
    path,
    mode: 0o644,
    bytes: Buffer.from(content),
    sibling: () => undefined,
    neighbour: (name) => (Object.hasOwn(neighbours, name) ? Buffer.from(neighbours[name] as string) : undefined),
    executable: () => undefined,
  };
}
