/**
 * How the file at `path` holds core metadata: as the file itself, or inside a zipped egg; undefined when its name only
 * looks like it (sources carry a `PKG-INFO` at their root, and any program may keep a `METADATA`).
 *
 * Letters of either case are taken for the folder, as file systems that ignore case have written both.
 */
export function metadataPlace(path: string): 'metadata' | 'egg' | undefined {
  const lower = path.toLowerCase();
  if (lower.endsWith('.dist-info/metadata')) return 'metadata';
  if (/(?:\.egg-info|(?:^|\/)egg-info)\/pkg-info$/.test(lower)) return 'metadata';
  if (lower.endsWith('.egg-info')) return 'metadata';
  return lower.endsWith('.egg') ? 'egg' : undefined;
}
