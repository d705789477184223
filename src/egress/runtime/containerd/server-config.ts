import { dirname, isAbsolute, join, normalize } from 'node:path/posix';
import { mapBounded } from '../../../base/concurrency.ts';
import { compileGlob } from '../../../base/glob.ts';
import { isTable, parseToml, type TomlDocument, type TomlTable } from '../../../codec/toml/parse-toml.ts';
import type { Finding } from '../../endpoint.ts';
import { egressLimits } from '../../limits.ts';
import type { NodeFiles } from '../../node/node-files.ts';

/** One file of containerd's configuration. */
export interface ConfigPart {
  readonly path: string;
  readonly root: TomlTable;
  readonly document: TomlDocument;
}

/** The main file and what it imports, in the order in which they count; later ones change earlier ones. */
export interface ServerConfig {
  readonly parts: readonly ConfigPart[];
  /** A file is there that cannot be read: with one that is broken, containerd does not start. */
  readonly isUnreadable: boolean;
  /** Of the main file. Absent is 1, as it was when files had none. */
  readonly version: number;
  readonly findings: readonly Finding[];
}

/**
 * Reads containerd's configuration (containerd `cmd/containerd/server/config/config.go`: `LoadConfig`, `resolveImports`): imports of
 * imports, too, each file once.
 */
export async function readServerConfig(main: string, files: NodeFiles): Promise<ServerConfig> {
  const parts: ConfigPart[] = [];
  const findings: Finding[] = [];
  const seen = new Set<string>();
  const pending = [main];
  let version = 0;
  for (let path = pending.shift(); path !== undefined; path = pending.shift()) {
    if (seen.has(path)) continue;
    seen.add(path);
    if (seen.size > egressLimits.imports) {
      findings.push({ code: 'IMPORTS_TOO_MANY', level: 'unknown', file: main, sentence: 'imports too many files' });
      break;
    }
    const part = await readPart(path, path === main, files, findings);
    if (part === undefined) continue;
    const own = Number(part.root['version'] ?? 1);
    if (path === main) version = own;
    else if (own > version) {
      const sentence = `has version ${own}, above that of ${main}; containerd does not start with it`;
      findings.push({ code: 'VERSION_MISMATCH', level: 'unknown', file: path, sentence });
    }
    parts.push(part);
    pending.push(...(await importsOf(part, files, findings)));
  }
  const isUnreadable = findings.some(({ code }) => code === 'CONFIG_BROKEN' || code === 'FILE_UNREADABLE');
  return { parts, isUnreadable, version, findings };
}

/**
 * Drop-ins beside a main file that does not import them, and what cannot be read of them. The default configuration of containerd 2.2
 * imports them (pull request 12323).
 */
export async function unimportedParts(
  main: string,
  { parts }: ServerConfig,
  files: NodeFiles,
): Promise<Pick<ServerConfig, 'parts' | 'findings'>> {
  const folder = join(dirname(main), 'conf.d');
  const listed = await files.list(folder);
  if (listed.kind === 'unreadable') return { parts: [], findings: [listed.finding] };
  const names = listed.kind === 'names' ? listed.names.filter((name) => name.endsWith('.toml')) : [];
  const paths = names.map((name) => join(folder, name)).filter((path) => !parts.some((part) => part.path === path));
  const findings: Finding[] = [];
  if (paths.length > egressLimits.imports) {
    const sentence = 'holds more drop-ins than are looked at';
    findings.push({ code: 'IMPORTS_TOO_MANY', level: 'unknown', file: folder, sentence });
  }
  const read = await mapBounded(paths.slice(0, egressLimits.imports), 1, (path) =>
    readPart(path, true, files, findings),
  );
  return { parts: read.filter((part) => part !== undefined), findings };
}

async function readPart(
  path: string,
  isMain: boolean,
  files: NodeFiles,
  findings: Finding[],
): Promise<ConfigPart | undefined> {
  const read = await files.read(path);
  if (read.kind === 'unreadable') findings.push(read.finding);
  else if (read.kind === 'absent') {
    const sentence = 'is imported and not there; containerd does not start without it';
    if (!isMain) findings.push({ code: 'IMPORT_MISSING', level: 'unknown', file: path, sentence });
  } else {
    const { document, mistake } = parseToml(read.text);
    if (document !== undefined) return { path, root: document.root, document };
    const sentence = `cannot be read, and containerd does not start with it: ${mistake.sentence}`;
    findings.push({ code: 'CONFIG_BROKEN', level: 'unknown', file: path, line: mistake.line, sentence });
  }
  return undefined;
}

async function importsOf({ path, root }: ConfigPart, files: NodeFiles, findings: Finding[]): Promise<string[]> {
  const list: unknown = root['imports'];
  if (list === undefined) return [];
  if (!Array.isArray(list) || !list.every((item) => typeof item === 'string')) {
    findings.push({ code: 'IMPORTS_INVALID', level: 'unknown', file: path, sentence: 'has imports that are no texts' });
    return [];
  }
  const found: string[] = [];
  for (const item of list) {
    const target = isAbsolute(item) ? normalize(item) : join(dirname(path), item);
    if (target.includes('*')) found.push(...(await matching(target, files, findings)));
    else found.push(target);
  }
  return found;
}

/** Go's `filepath.Glob`; stars in the last name only, which is what drop-ins are written with. */
async function matching(pattern: string, files: NodeFiles, findings: Finding[]): Promise<string[]> {
  const folder = dirname(pattern);
  const unknown = (sentence: string): string[] => {
    findings.push({ code: 'IMPORTS_UNKNOWN', level: 'unknown', file: pattern, sentence });
    return [];
  };
  if (folder.includes('*')) return unknown('is a pattern for folders, which is not followed');
  const listed = await files.list(folder);
  if (listed.kind === 'absent') return [];
  if (listed.kind === 'unreadable') {
    findings.push(listed.finding);
    return [];
  }
  const glob = compileGlob(pattern.replaceAll(/[{}!]/g, '\\$&'));
  return listed.names.map((name) => join(folder, name)).filter((path) => glob.matches(path));
}

/** Settings of one file over those of another, name by name, as containerd 2 joins them (`mergeConfig`). */
export function joinTables(below: TomlTable, above: TomlTable): TomlTable {
  const joined = Object.assign(Object.create(null) as Record<string, unknown>, below);
  for (const [name, value] of Object.entries(above)) {
    const old = joined[name];
    // An empty text changes nothing.
    if (value === '') joined[name] ??= value;
    else joined[name] = isTable(old) && isTable(value) ? joinTables(old, value) : value;
  }
  return joined;
}
