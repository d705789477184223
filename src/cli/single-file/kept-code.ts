import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Code that V8 made of scripts the last time, so that a start costs no compiling. */
export interface KeptCode {
  /** By the name of the script; undefined where there is none yet. */
  get(name: string): Buffer | undefined;
  /** Writes what there is now, and what was there of other scripts. */
  keep(code: ReadonlyMap<string, Buffer>): void;
}

const digestBytes = 32;
const lengthBytes = 4;

/**
 * Opens what is kept of one kind of run. All scripts of it lie in one file, with a digest of the whole: V8 does not look whether what it is
 * given was damaged, and crashes.
 *
 * @param folder that nobody else can write to: what lies there is run
 * @param build of the program: V8 knows its own version and flags in what it made, but of a script its length only
 * @param kind tells apart runs that call different functions
 */
export function openKeptCode(folder: string, build: string, kind: string): KeptCode {
  const path = join(folder, `${build}-${kind}`);
  const found = readKept(path);
  return {
    get: (name) => found.get(name),
    keep: (code) => writeKept(folder, build, path, new Map([...found, ...code])),
  };
}

/**
 * Where it is kept: in the user's own folder, since what lies in a shared temporary folder could have been put there by somebody else, as
 * what lies below the working folder could, which a relative path leads to. Undefined for those who turn Node's own cache off or elsewhere,
 * and where there is no home folder.
 */
export function keptFolder(env: Readonly<Record<string, string | undefined>>): string | undefined {
  if (env['NODE_COMPILE_CACHE'] !== undefined || env['NODE_DISABLE_COMPILE_CACHE'] !== undefined) return undefined;
  try {
    const given = env['XDG_CACHE_HOME'] ?? '';
    const cache = isAbsolute(given) ? given : join(homedir(), '.cache');
    return isAbsolute(cache) ? join(cache, 'seaworthy', 'compiled', 'single-file') : undefined;
  } catch {
    return undefined;
  }
}

type Entry = readonly [name: string, bytes: number];

/** The digest, the length of the table of entries, the table in JSON, and the code of each. */
function readKept(path: string): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  try {
    const bytes = readFileSync(path);
    const content = bytes.subarray(digestBytes);
    if (!digestOf(content).equals(bytes.subarray(0, digestBytes))) return found;
    const tableEnd = lengthBytes + content.readUInt32LE();
    let at = tableEnd;
    for (const [name, length] of JSON.parse(content.toString('utf8', lengthBytes, tableEnd)) as readonly Entry[]) {
      found.set(name, content.subarray(at, at + length));
      at += length;
    }
  } catch {
    // Nothing is there yet.
  }
  return found;
}

/** Others may be reading, so the file comes whole; what other builds left behind goes. */
function writeKept(folder: string, build: string, path: string, code: ReadonlyMap<string, Buffer>): void {
  const table = Buffer.from(JSON.stringify([...code].map(([name, { length }]): Entry => [name, length])));
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32LE(table.length);
  const content = Buffer.concat([length, table, ...code.values()]);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(folder)) if (!name.startsWith(build)) rmSync(join(folder, name), { force: true });
    const written = `${path}.${process.pid}`;
    writeFileSync(written, Buffer.concat([digestOf(content), content]), { mode: 0o600 });
    renameSync(written, path);
  } catch {
    // Where nothing can be kept, the program starts a little slower.
  }
}

function digestOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
