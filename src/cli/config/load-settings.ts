import type { Command } from 'commander';
import { configPath, readFlags } from './flags.ts';
import { resolveSettings, type ResolvedSettings } from './resolve.ts';
import type { Surroundings } from './setting.ts';
import { readSettingsFile } from './settings-file.ts';

/** What settings are read from besides the command line. */
export interface SettingsEnvironment extends Surroundings {
  /** The working folder, absolute. */
  readonly cwd: string;
}

/**
 * The settings of a parsed command: its flags, the environment, the settings file, the defaults.
 *
 * @throws ConfigError
 */
export async function loadSettings(
  command: Command,
  { env, home, cwd }: SettingsEnvironment,
): Promise<ResolvedSettings> {
  const file = await readSettingsFile(configPath(command, env), cwd);
  return resolveSettings({ flags: readFlags(command), env, home, ...(file === undefined ? {} : { file }) });
}
