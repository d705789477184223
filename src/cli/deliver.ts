import { realpath, stat, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { writeFileAtomic } from '../base/atomic-file.ts';
import { errorMessage } from '../base/error.ts';
import { ConfigError } from './config/error.ts';
import type { OutputTarget } from './config/output-target.ts';
import type { Host } from './host.ts';

/**
 * Finds out before any work is done whether the reports can go where they are wanted.
 *
 * @throws ConfigError SETTING_INVALID for a folder in place of a file, and for one file named twice
 */
export async function requireOutputs(targets: readonly OutputTarget[], host: Host): Promise<void> {
  const seen = new Set<string>();
  for (const { file } of targets) {
    if (file === undefined || streamOf(file, host) !== undefined) continue;
    const path = resolve(host.cwd, file);
    const status = await stat(path).catch(() => undefined);
    if (status?.isDirectory() === true) {
      throw new ConfigError('SETTING_INVALID', `${file} is a folder; name a file in it with -o`);
    }
    if (seen.has(path) && status?.isFile() !== false) {
      throw new ConfigError(
        'SETTING_INVALID',
        `Two reports are to go into ${file}; give each a file of its own with -o`,
      );
    }
    seen.add(path);
  }
}

/**
 * Writes texts where they are wanted: whole files, devices, or standard output. Long ones may come in pieces. One that cannot be written
 * does not keep the others back.
 *
 * @throws ConfigError SETTING_INVALID when a file cannot be written, after the others were
 */
export async function deliverAll(
  texts: AsyncIterable<{ readonly text: string | AsyncIterable<string | Uint8Array>; readonly target: OutputTarget }>,
  host: Host,
): Promise<void> {
  let failure: unknown;
  for await (const { text, target } of texts) {
    await deliver(text, target, host).catch((error: unknown) => {
      failure ??= error;
    });
  }
  if (failure !== undefined) throw failure;
}

async function deliver(
  text: string | AsyncIterable<string | Uint8Array>,
  { file }: OutputTarget,
  host: Host,
): Promise<void> {
  const stream = file === undefined ? host.stdout : streamOf(file, host);
  if (stream !== undefined && typeof text !== 'string') {
    for await (const piece of text) await stream.write(typeof piece === 'string' ? piece : decode(piece));
    return undefined;
  }
  if (file === undefined || stream !== undefined) return stream?.write(text as string);
  try {
    await writeTo(resolve(host.cwd, file), text);
  } catch (cause) {
    const message = `The report cannot be written to ${file} (${errorMessage(cause)}); name another file with -o`;
    throw new ConfigError('SETTING_INVALID', message, { cause });
  }
}

/** A file is replaced whole; a device or a pipe, such as `/dev/null`, must stay what it is; so must a link. */
async function writeTo(path: string, text: string | AsyncIterable<string | Uint8Array>): Promise<void> {
  const status = await stat(path).catch(() => undefined);
  const data = typeof text === 'string' ? text : bytesOf(text);
  if (status === undefined) return writeFileAtomic(path, data);
  return status.isFile() ? writeFileAtomic(await realpath(path), data) : writeFile(path, data);
}

/** Bytes of small pieces that are written together: each write costs a way to another thread and back. */
const gathered = 65_536;

async function* bytesOf(pieces: AsyncIterable<string | Uint8Array>): AsyncGenerator<Uint8Array> {
  let small: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    const isLarge = bytes.length >= gathered;
    if (!isLarge) {
      small.push(bytes);
      size += bytes.length;
    }
    if (size > 0 && (isLarge || size >= gathered)) {
      yield Buffer.concat(small, size);
      small = [];
      size = 0;
    }
    if (isLarge) yield bytes;
  }
  if (size > 0) yield Buffer.concat(small, size);
}

/** Pieces end between characters. */
function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** By name: what these lead to may be a file that others write to as well. */
function streamOf(file: string, { stdout, stderr }: Host): Host['stdout'] | undefined {
  const name = /^\/dev\/(std(?:out|err)|fd\/[12])$/.exec(file)?.[1];
  if (name === undefined) return undefined;
  return name === 'stdout' || name === 'fd/1' ? stdout : stderr;
}
