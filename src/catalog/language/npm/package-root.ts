/**
 * True when the `package.json` at `path` describes a package rather than a part of one.
 *
 * Below a `node_modules` folder only package roots do: one folder after the last `node_modules`, or two when the first
 * is a scope (Node.js documentation, "Modules: CommonJS modules", loading from node_modules folders). Manifests deeper
 * in a package switch its module type or are test data. pnpm's `.pnpm/a@1.0.0/node_modules/a` follows the same rule;
 * folders with a leading dot are those of tools (`.bin`, `.cache`).
 */
export function isPackageManifest(path: string): boolean {
  const folders = path.split('/').slice(0, -1);
  const last = folders.lastIndexOf('node_modules');
  if (last < 0) return true;
  const [first, second, ...deeper] = folders.slice(last + 1);
  if (first === undefined || first.startsWith('.') || deeper.length > 0) return false;
  return first.startsWith('@') === (second !== undefined);
}
