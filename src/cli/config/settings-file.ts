import { stat } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { promisify } from 'node:util';
import { ConfigError } from './error.ts';
import { parseSettingsFile } from './parse-settings-file.ts';
import type { GivenValues } from './resolve.ts';

/** The settings file that is read when none is named. */
export const settingsFileName = 'seaworthy.yaml';

const mostBytes = 1 << 20;

/**
 * Reads the settings file.
 *
 * @param path as the user named it; absent: `seaworthy.yaml` in `folder`, when there is one
 * @returns undefined when none was named and none is there
 * @throws ConfigError SETTINGS_FILE_UNREADABLE, SETTINGS_FILE_MALFORMED, SETTING_UNKNOWN
 */
export async function readSettingsFile(path: string | undefined, folder: string): Promise<GivenValues | undefined> {
  const file = resolve(folder, path ?? settingsFileName);
  const shown = path ?? basename(file);
  const text = await readText(file, shown);
  if (text !== undefined) return parseSettingsFile(text, shown);
  if (path === undefined) return undefined;
  throw new ConfigError('SETTINGS_FILE_UNREADABLE', `The settings file ${shown} does not exist; check --config`);
}

async function readText(file: string, shown: string): Promise<string | undefined> {
  try {
    const { size } = await promisify(stat)(file);
    if (size > mostBytes) {
      throw new ConfigError('SETTINGS_FILE_MALFORMED', `${shown} is larger than 1 MiB; it is no settings file`);
    }
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new ConfigError('SETTINGS_FILE_UNREADABLE', `${shown} cannot be read (${code ?? message}); check --config`, {
      cause: error,
    });
  }
}
