import { resolve } from 'node:path';
import { errorMessage } from '../../base/error.ts';
import { ConfigError } from '../config/error.ts';
import type { Host } from '../host.ts';
import { readBounded } from '../read-bounded.ts';

/**
 * Reads a file of at most so many bytes that the user named, or standard input for `-`.
 *
 * @param option what named it, for messages
 * @throws ConfigError SETTING_INVALID; ScanError TARGET_INVALID for too much standard input
 */
export async function readInput(path: string, maxBytes: number, option: string, host: Host): Promise<Buffer> {
  if (path === '-') return host.readStdin(maxBytes);
  let bytes: Buffer;
  try {
    bytes = await readBounded(resolve(host.cwd, path), maxBytes, host.signal);
  } catch (cause) {
    host.signal.throwIfAborted();
    const message = `The file ${path} cannot be read (${errorMessage(cause)}); check ${option}`;
    throw new ConfigError('SETTING_INVALID', message, { cause });
  }
  // Cut off, it could be another document, and a whole one.
  if (bytes.length <= maxBytes) return bytes;
  throw new ConfigError('SETTING_INVALID', `The file ${path} has more than ${maxBytes} bytes; check ${option}`);
}
