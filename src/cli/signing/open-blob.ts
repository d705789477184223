import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { errorMessage } from '../../base/error.ts';
import { ConfigError } from '../config/error.ts';
import type { Host } from '../host.ts';
import { readInput } from './read-input.ts';

/** Bytes of the largest file that is held in memory: node:crypto signs and hashes no more in one call. */
const mostInMemory = 2_147_483_647;

/** Bytes that are read at once: for hashing, smaller ones cost time and larger ones gain none. */
const chunkBytes = 1_048_576;

/**
 * Opens a file that is signed or verified, or standard input for `-`: whole, or as chunks where it is too large for memory.
 * Chunks are read once.
 *
 * @param most bytes that are held in memory
 * @throws ConfigError SETTING_INVALID, also while chunks are read; ScanError TARGET_INVALID for too much standard input
 */
export async function openBlob(
  path: string,
  host: Host,
  most: number = mostInMemory,
): Promise<Buffer | AsyncIterable<Uint8Array>> {
  const file = resolve(host.cwd, path);
  // What is not there is for the reader to say. Devices and pipes have no size, and are read up to the cap.
  const found = path === '-' ? undefined : await stat(file).catch(() => undefined);
  if (found?.isFile() === true && found.size > most) return chunksOf(file, path, host);
  return readInput(path, most, 'the file', host);
}

async function* chunksOf(file: string, shown: string, { signal }: Host): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: chunkBytes, signal })) yield chunk as Buffer;
  } catch (cause) {
    signal.throwIfAborted();
    const message = `The file ${shown} cannot be read to its end (${errorMessage(cause)})`;
    throw new ConfigError('SETTING_INVALID', message, { cause });
  }
}
