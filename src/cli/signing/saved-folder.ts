import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigError } from '../config/error.ts';
import type { Host } from '../host.ts';

/**
 * The path of a folder that `save` wrote, as the user names it. One that is not there was named wrongly, unlike an image that
 * a registry does not have.
 *
 * @param option what named it, for messages
 * @throws ConfigError SETTING_INVALID
 */
export function savedFolder(name: string, option: string, { cwd }: Pick<Host, 'cwd'>): string {
  const folder = resolve(cwd, name);
  if (existsSync(folder)) return folder;
  throw new ConfigError('SETTING_INVALID', `There is no folder ${name}; check ${option}`);
}
