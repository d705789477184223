import { go } from '../../../version/go.ts';

/** The modules of a `go.sum` whose content was used, each with its highest version (The Go Modules Reference, "go.sum files"). */
export function modulesOfSum(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [path, version, hash, ...rest] = line.trim().split(/\s+/);
    // With `/go.mod` behind the version, only the module's own go.mod was looked at.
    if (path === undefined || version === undefined || hash === undefined || rest.length > 0) continue;
    if (version.endsWith('/go.mod') || !go.isValid(version)) continue;
    const known = found.get(path);
    if (known === undefined || go.compare(known, version) < 0) found.set(path, version);
  }
  return found;
}
