import type { FileIdentity, FoundEntry } from './read-source.ts';
import type { AddStep, DirectoryStep, EntryRules } from './model.ts';
import { invalidBuild } from './error.ts';
import { checkName, checkPath, parseTargetPath } from './target-path.ts';

/** Something at its place in the image. */
export interface PlacedEntry {
  /** As {@link parseTargetPath} gives it; never empty. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of a file. */
  readonly size: number;
  readonly linkName: string;
  /** Where the bytes of a file are. */
  readonly file?: FileIdentity;
  /** True for a folder that is what it is by default, and so need not be written where one may be there already. */
  readonly isPlain: boolean;
}

const usualDirectoryMode = 0o755;

/** What was found of a source, at the places where its step puts it. @throws BuildError BUILD_INVALID */
export function placeFound(step: AddStep, found: readonly FoundEntry[], name: string): readonly PlacedEntry[] {
  const [root] = found;
  const into = root?.type === 'directory' || !isFolderName(step.target) ? step.target : `${step.target}/${name}`;
  const target = parseTargetPath(into);
  if (target === '' && root?.type !== 'directory') {
    throw invalidBuild(`"${step.target}" is the root; name the file that is to be there, such as /${name}`);
  }
  return found.flatMap((entry) => {
    const path = [target, entry.path].filter((part) => part !== '').join('/');
    if (path === '') return [];
    checkPath(path);
    return [placeOne(step, entry, path)];
  });
}

function placeOne(rules: EntryRules, entry: FoundEntry, path: string): PlacedEntry {
  const owner = { uid: rules.uid ?? 0, gid: rules.gid ?? 0 };
  const { type, size, linkName, file } = entry;
  if (type === 'symlink') return { path, type, mode: 0o777, ...owner, size: 0, linkName, isPlain: false };
  if (type === 'file')
    return { path, type, mode: fileMode(rules, entry), ...owner, size, linkName, file, isPlain: false };
  const mode = rules.directoryMode ?? (rules.mode === 'keep' ? entry.mode : usualDirectoryMode);
  return directoryAt(path, mode, owner, entry.isEmpty);
}

/** A folder, where a step makes one. @throws BuildError BUILD_INVALID */
export function placeDirectory(step: DirectoryStep): PlacedEntry {
  const owner = { uid: step.uid ?? 0, gid: step.gid ?? 0 };
  return directoryAt(parseTargetPath(step.target), step.directoryMode ?? usualDirectoryMode, owner, true);
}

/** A folder that is needed for what lies in it. */
export function impliedDirectory(path: string): PlacedEntry {
  return directoryAt(path, usualDirectoryMode, { uid: 0, gid: 0 }, false);
}

function directoryAt(
  path: string,
  mode: number,
  owner: { readonly uid: number; readonly gid: number },
  isEmpty: boolean,
): PlacedEntry {
  const isUsual = mode === usualDirectoryMode && owner.uid === 0 && owner.gid === 0;
  return { path, type: 'directory', mode, ...owner, size: 0, linkName: '', isPlain: isUsual && !isEmpty };
}

/** The bit that lets the owner run it is all that matters by default: the others come of the umask of whoever made the file. */
function fileMode(rules: EntryRules, { mode }: FoundEntry): number {
  if (rules.mode === 'keep') return mode;
  return rules.mode ?? ((mode & 0o100) === 0 ? 0o644 : 0o755);
}

function isFolderName(target: string): boolean {
  return target.endsWith('/');
}

/** The last name of a source, which a file has in the image too. @throws BuildError BUILD_INVALID */
export function nameOfSource(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  checkName(name);
  return name;
}
