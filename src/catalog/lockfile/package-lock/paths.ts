import { memberLines } from '../../../codec/json/member-lines.ts';
import { isJsonObject, member, members } from '../../document/json.ts';
import { cleanTexts, textLimits, textOf } from '../../document/text.ts';
import { lockId, type LockEntry } from '../entries.ts';
import { lockLimits } from '../limits.ts';
import { countSteps } from '../steps.ts';

const needed = ['dependencies', 'optionalDependencies', 'peerDependencies'] as const;
const folder = 'node_modules/';

/**
 * Makes entries of `packages` (versions 2 and 3): folders, and what lies in each. Folders outside `node_modules` are the
 * project and its workspaces, which ask for packages and are none; links lead to them.
 *
 * @param text the whole file, for the lines
 */
export function entriesOfPaths(listed: readonly (readonly [string, unknown])[], text: string): LockEntry[] {
  const folders = new Map(listed.filter(([path, entry]) => path.length <= lockLimits.path && isJsonObject(entry)));
  const step = countSteps();
  /** The folder that Node would find a package in. */
  const resolve = (from: string, name: string): string | undefined => {
    for (let at: string | undefined = from; at !== undefined; at = parentOf(at)) {
      step();
      const path = at === '' ? folder + name : `${at}/${folder}${name}`;
      if (folders.has(path)) return path;
    }
    return undefined;
  };
  const targetsOf = (path: string, entry: unknown, sections: readonly string[]): string[] =>
    sections
      .flatMap((section) => members(member(entry, section)).map(([name]) => resolve(path, name)))
      .filter((target) => target !== undefined);
  const idOf = (path: string): string => {
    const entry = folders.get(path);
    return lockId(textOf(nameOf(path, entry)), textOf(member(entry, 'version')));
  };

  const asked = new Set<string>();
  for (const [path, entry] of folders) {
    if (isInstalled(path)) continue;
    for (const target of targetsOf(path, entry, [...needed, 'devDependencies'])) asked.add(target);
  }
  const lines = memberLines(text, ['packages']);
  const found: LockEntry[] = [];
  for (const [path, entry] of listed) {
    if (!isInstalled(path) || member(entry, 'link') === true) continue;
    // An optional package that no platform so far took has no version.
    if (isJsonObject(entry) && member(entry, 'version') === undefined) continue;
    found.push({
      name: nameOf(path, entry),
      version: member(entry, 'version'),
      direct: asked.has(path),
      development: member(entry, 'dev') === true,
      dependsOn: folders.has(path) ? targetsOf(path, entry, needed).map(idOf) : [],
      licenses: cleanTexts([member(entry, 'license')].flat(), textLimits.license, textLimits.licenses),
      lines: lines.get(path),
    });
  }
  return found;
}

function isInstalled(path: string): boolean {
  return path.startsWith(folder) || path.includes(`/${folder}`);
}

/** An alias has the package's own name inside. */
function nameOf(path: string, entry: unknown): unknown {
  return member(entry, 'name') ?? path.slice(path.lastIndexOf(folder) + folder.length);
}

/** The next folder outwards that may have a `node_modules`; undefined above the top. */
function parentOf(path: string): string | undefined {
  if (path === '') return undefined;
  if (!isInstalled(path)) return path.slice(0, Math.max(0, path.lastIndexOf('/')));
  return path.slice(0, Math.max(0, path.lastIndexOf(folder) - 1));
}
