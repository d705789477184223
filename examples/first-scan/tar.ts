/** A file to be written; folders above it are made. */
export interface ImageFile {
  /** Relative, with forward slashes. */
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  readonly bytes: Uint8Array;
}

const blockSize = 512;

/**
 * Writes files as a tar (POSIX pax, "ustar Interchange Format"), sorted, folders first, all of root's and of no date:
 * the same files give the same bytes.
 *
 * @throws RangeError when a path is too long for the format
 */
export function writeTar(files: readonly ImageFile[]): Buffer {
  const parts: Uint8Array[] = [];
  const made = new Set<string>();
  for (const { path, mode, bytes } of files.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    for (const folder of foldersOf(path)) {
      if (!made.has(folder)) parts.push(header(`${folder}/`, 0o755, 0, '5'));
      made.add(folder);
    }
    parts.push(header(path, mode, bytes.length, '0'), bytes);
    parts.push(Buffer.alloc((blockSize - (bytes.length % blockSize)) % blockSize));
  }
  parts.push(Buffer.alloc(2 * blockSize));
  return Buffer.concat(parts);
}

/** The folders above a path, outermost first. */
function foldersOf(path: string): string[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, at) => names.slice(0, at + 1).join('/'));
}

function header(path: string, mode: number, size: number, type: '0' | '5'): Buffer {
  const block = Buffer.alloc(blockSize);
  const { name, prefix } = splitPath(path);
  block.write(name, 0);
  block.write(octal(mode, 8) + octal(0, 8) + octal(0, 8) + octal(size, 12) + octal(0, 12), 100, 'latin1');
  // The checksum counts its own field as spaces.
  block.fill(' ', 148, 156);
  block.write(type, 156, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  block.write(prefix, 345);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 7)} `, 148, 'latin1');
  return block;
}

/** A name of more than 100 bytes goes into two fields, parted at a slash. */
function splitPath(path: string): { readonly name: string; readonly prefix: string } {
  if (Buffer.byteLength(path) <= 100) return { name: path, prefix: '' };
  for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
    const prefix = path.slice(0, at);
    const name = path.slice(at + 1);
    if (Buffer.byteLength(prefix) <= 155 && name !== '' && Buffer.byteLength(name) <= 100) return { name, prefix };
  }
  throw new RangeError(`The path ${path} is too long for a tar of this format`);
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, '0')}\0`;
}
