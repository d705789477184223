import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readConfig, type ReadConfig } from '../../registry/config/read-config.ts';
import { parseListenAddress } from '../../net/listen-address.ts';
import { checkConfig, type ConfigSurroundings } from '../../registry/config/check-config.ts';
import { ConfigError } from '../config/error.ts';
import { settingsFileName } from '../config/settings-file.ts';
import type { Host } from '../host.ts';

/** What the command line says about a registry. */
export interface RegistryPlace {
  /** The settings file; `seaworthy.yaml` when there is one. */
  readonly config?: string;
  /** `HOST:PORT`. */
  readonly listen?: string;
  readonly data?: string;
}

/** A registry's configuration, or its mistakes, and the file that it is from. */
export interface RegistryConfigFile extends ReadConfig {
  /** Undefined when there is none: then everything is as it is without any. */
  readonly file: string | undefined;
  readonly surroundings: () => ConfigSurroundings;
}

/**
 * Reads the configuration that a command is to use.
 *
 * @param use `stores` for a command that serves nothing: it does not want the secrets and keys of one that does
 * @throws ConfigError SETTING_INVALID for flags
 */
export async function readRegistryConfig(
  place: RegistryPlace,
  host: Host,
  use: 'serve' | 'stores' = 'serve',
): Promise<RegistryConfigFile> {
  const listen = place.listen === undefined ? undefined : parseListenAddress(place.listen);
  if (place.listen !== undefined && listen === undefined) {
    throw new ConfigError('SETTING_INVALID', `--listen is "${place.listen}"; write it as HOST:PORT`);
  }
  const overrides = {
    ...(listen === undefined ? {} : { listen }),
    ...(place.data === undefined ? {} : { data: resolve(host.cwd, place.data) }),
  };
  const surroundings = (): ConfigSurroundings => ({
    dataFolder: dataFolderOf(host),
    now: host.now().getTime(),
    env: host.env,
    use,
    overrides,
  });
  const named = place.config === undefined ? undefined : resolve(host.cwd, place.config);
  const file = named ?? join(host.cwd, settingsFileName);
  if (named === undefined && !existsSync(file)) {
    const reading = await checkConfig('', file, surroundings());
    return { reading, fingerprint: '', file: undefined, surroundings };
  }
  return { ...(await readConfig(file, surroundings())), file, surroundings };
}

/** Where a registry keeps everything when nothing is said (XDG Base Directory Specification). */
function dataFolderOf({ env, home }: Host): string {
  return join(env['XDG_DATA_HOME'] || join(home, '.local', 'share'), 'seaworthy', 'registry');
}
