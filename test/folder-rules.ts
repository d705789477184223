import { posix } from 'node:path';

/** One file of the checkout. */
export interface SourceFile {
  /** From the checkout's root, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** A reason for each path that a rule does not hold for. */
export type Exceptions = Readonly<Record<string, string>>;

/** What the folders of one kind have in common. */
export interface FolderKind {
  /** Matches the path of every such folder. */
  readonly folder: RegExp;
  /** Files that each must have. */
  readonly parts: readonly string[];
  /** By `folder/part`. */
  readonly exceptions: Exceptions;
}

/** The parts that folders of one kind lack, a test among them; also exceptions that are not needed. */
export function missingParts(files: readonly SourceFile[], { folder, parts, exceptions }: FolderKind): string[] {
  const byFolder = Map.groupBy(files, ({ path }) => folderOf(path));
  const missing: string[] = [];
  for (const [name, members] of byFolder) {
    if (!folder.test(name)) continue;
    const names = members.map(({ path }) => baseName(path));
    for (const part of parts) if (!names.includes(part)) missing.push(`${name}/${part}`);
    if (!names.some((one) => one.endsWith('.test.ts'))) missing.push(`${name}/*.test.ts`);
  }
  return difference(missing, exceptions, 'is missing');
}

/** Members that a list file does not import exactly once. */
export function unlisted(
  files: readonly SourceFile[],
  list: string,
  isMember: (file: SourceFile) => boolean,
): string[] {
  const members = files.filter(isMember);
  const text = files.find(({ path }) => path === list)?.text;
  if (text === undefined) return members.length === 0 ? [] : [`${list} is missing`];
  const folder = folderOf(list);
  const imported = [...text.matchAll(/from '\.\/([^']+)'/g)].map(([, name]) => `${folder}/${name}`);
  return members.flatMap(({ path }) => {
    const times = imported.filter((one) => one === path).length;
    return times === 1 ? [] : [`${path} is imported ${times} times by ${list}`];
  });
}

/**
 * Members that a program does not load only when they are needed: those that none of its files imports with `import()`, and
 * those that one imports at its start. The program is a file, or a folder of files.
 */
export function notLazy(
  files: readonly SourceFile[],
  program: string,
  isMember: (file: SourceFile) => boolean,
): string[] {
  const parts = files.filter(({ path }) => path === program || folderOf(path) === program);
  return files.filter(isMember).flatMap((member) => {
    const never = parts.some((part) => loads(part, member)) ? [] : [`${member.path} is never loaded`];
    const early = parts.some((part) => importsAtStart(part, member));
    return early ? [...never, `${member.path} is loaded at the start`] : never;
  });
}

function loads(part: SourceFile, member: SourceFile): boolean {
  const name = specifier(part, member);
  return part.text.includes(`(await import(${name}))`) || part.text.includes(`=> import(${name})`);
}

function importsAtStart(part: SourceFile, member: SourceFile): boolean {
  const name = specifier(part, member).replaceAll('.', '\\.');
  return new RegExp(`^(?:import(?! type)[^;]*|\\} )from ${name}`, 'm').test(part.text);
}

/** How one file names another in an import. */
function specifier(from: SourceFile, to: SourceFile): string {
  const path = posix.relative(folderOf(from.path), to.path);
  return `'${path.startsWith('.') ? path : `./${path}`}'`;
}

/** Names that break the house's rules: kebab-case, and no `index.ts`, since importing one would load its neighbours. */
export function badNames(paths: readonly string[]): string[] {
  return paths.filter((path) => {
    const name = baseName(path);
    return (
      name === 'index.ts' || !/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test)?\.ts$/.test(name) || /[A-Z_]/.test(folderOf(path))
    );
  });
}

/** Files with more lines than a reader wants to meet, and exceptions that are not needed. */
export function longFiles(files: readonly SourceFile[], maxLines: number, exceptions: Exceptions): string[] {
  const long = files.filter(({ text }) => text.trimEnd().split('\n').length > maxLines).map(({ path }) => path);
  return difference(long, exceptions, `has more than ${maxLines} lines`);
}

const declaration =
  /^export (?:default )?(?:declare )?(?:async )?(?:abstract )?(?:function\*?|class|interface|type|const|let|enum) +(\w+)/;

/**
 * Exports without a docstring right above. Of an overloaded function only the first needs one, and one above
 * constants of one line each serves them all.
 */
export function undocumentedExports(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    const lines = text.split('\n');
    const seen = new Set<string>();
    return lines.flatMap((line, at) => {
      const name = declaration.exec(line)?.[1];
      if (name === undefined || seen.has(name)) return [];
      seen.add(name);
      return hasDocstring(lines, at) ? [] : [`${path}:${at + 1} ${name}`];
    });
  });
}

/** Values that occur more than once. */
export function repeated(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, at) => values.indexOf(value) !== at))];
}

function hasDocstring(lines: readonly string[], at: number): boolean {
  let line = at - 1;
  const isConstant = (text: string | undefined): boolean => /^export const .*;$/.test(text ?? '');
  if (isConstant(lines[at])) while (isConstant(lines[line])) line -= 1;
  if (!/\*\/\s*$/.test(lines[line] ?? '')) return false;
  while (line >= 0 && !/^\s*\/\*/.test(lines[line] as string)) line -= 1;
  return /^\s*\/\*\*/.test(lines[line] ?? '');
}

/** What was found and is no exception, and each exception that nothing was found for. */
function difference(found: readonly string[], exceptions: Exceptions, what: string): string[] {
  const stale = Object.keys(exceptions).filter((path) => !found.includes(path));
  return [
    ...found.filter((path) => !Object.hasOwn(exceptions, path)).map((path) => `${path} ${what}`),
    ...stale.map((path) => `${path} needs no exception`),
  ];
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
