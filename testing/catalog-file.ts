import type { CatalogFile } from '../src/catalog/cataloger.ts';

/** A file as a cataloger gets it, without neighbours and no program. */
export function catalogFile(path: string, content: string | Buffer): CatalogFile {
  return {
    path,
    mode: 0o644,
    bytes: Buffer.from(content),
    sibling: () => undefined,
    executable: () => undefined,
  };
}
