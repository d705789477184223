/** Java archives by extension. The content of `rar` and its like is checked, as other formats use them too. */
export const archiveExtensions: readonly string[] = [
  '.jar',
  '.war',
  '.ear',
  '.par',
  '.sar',
  '.nar',
  '.jpi',
  '.hpi',
  '.kar',
  '.lpkg',
  '.rar',
];

/** Extensions that nothing but Java archives use: what is no zip archive in such a file is damaged. */
const unmistakable: ReadonlySet<string> = new Set(['.jar', '.war', '.ear', '.jpi', '.hpi']);

const known: ReadonlySet<string> = new Set(archiveExtensions);

/** An archive's name in parts. */
export interface ArchiveName {
  /** Without folders and extension. */
  readonly stem: string;
  /** True when a file so named that is no zip archive is a damaged one. */
  readonly unmistakable: boolean;
}

/** Takes a path apart, or gives undefined when its extension is not that of a Java archive. */
export function parseArchiveName(path: string): ArchiveName | undefined {
  const dot = path.lastIndexOf('.');
  // Saves the work for the thousands of `.class` entries: no extension is longer.
  if (dot === -1 || path.length - dot > 5) return undefined;
  const extension = path.slice(dot).toLowerCase();
  if (!known.has(extension)) return undefined;
  const stem = path.slice(path.lastIndexOf('/', dot) + 1, dot);
  return stem === '' ? undefined : { stem, unmistakable: unmistakable.has(extension) };
}

/** True for archives that hold source code or documentation: nothing of them runs. */
export function holdsNoCode(stem: string): boolean {
  return /-(?:sources|javadoc|groovydoc|scaladoc)$/.test(stem);
}
