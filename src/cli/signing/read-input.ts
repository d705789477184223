import { resolve } from 'node:path';
import { errorMessage } from '../../base/error.ts';
import { ConfigError } from '../config/error.ts';
import type { Host } from '../host.ts';
import { readBounded } from '../read-bounded.ts';

/**
 * Reads a file that the user named, or standard input for `-`.
 *
 * @param option what named it, for messages
 * @throws ConfigError SETTING_INVALID
 */
export async function readInput(path: string, maxBytes: number, option: string, host: Host): Promise<Buffer> {
  if (path === '-') return host.readStdin(maxBytes);
  try {
    return await readBounded(resolve(host.cwd, path), maxBytes, host.signal);
  } catch (cause) {
    host.signal.throwIfAborted();
    const message = `The file ${path} cannot be read (${errorMessage(cause)}); check ${option}`;
    throw new ConfigError('SETTING_INVALID', message, { cause });
  }
}
