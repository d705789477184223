import { join } from 'node:path';
import type { CloudDeps } from '../cloud-deps.ts';
import { homeOf, readOptional } from '../read-files.ts';

/** The settings of one profile, from both of AWS's shared files. */
export type AwsProfile = ReadonlyMap<string, string>;

/** AWS's shared files, as they are now. */
export interface AwsProfiles {
  /** The name of the profile that is asked for. */
  readonly chosen: string;
  /** Settings of a profile; none where it is not there. */
  get(name: string): AwsProfile;
}

/**
 * Reads `~/.aws/config` and `~/.aws/credentials`; the second decides where both have a setting (AWS SDKs and Tools Reference Guide,
 * "Shared config and credentials files"). Absent files have no settings. The profile is the one that `AWS_PROFILE` names, or `default`.
 *
 * @throws CloudError CREDENTIALS_INVALID
 */
export async function readProfiles(deps: CloudDeps): Promise<AwsProfiles> {
  const { env } = deps;
  const home = homeOf(env);
  const path = (variable: string, file: string): string | undefined =>
    env[variable] ?? (home === undefined ? undefined : join(home, '.aws', file));
  const config = await readOptional(deps, path('AWS_CONFIG_FILE', 'config'));
  const credentials = await readOptional(deps, path('AWS_SHARED_CREDENTIALS_FILE', 'credentials'));
  return {
    chosen: env['AWS_PROFILE'] ?? env['AWS_DEFAULT_PROFILE'] ?? 'default',
    get(name) {
      const title = name === 'default' ? ['default', 'profile default'] : [`profile ${name}`];
      return new Map([...readSection(config, title), ...readSection(credentials, [name])]);
    },
  };
}

/** Settings below one title; nested ones, which are indented, belong to none that is asked for here. */
function readSection(text: string, titles: readonly string[]): Map<string, string> {
  const settings = new Map<string, string>();
  let inside = false;
  for (const line of text.split('\n')) {
    const title = /^\s*\[\s*(.*?)\s*\]/.exec(line)?.[1];
    if (title !== undefined) inside = titles.includes(title.replaceAll(/\s+/g, ' ').replaceAll('"', ''));
    const [, name, value] = /^([a-z0-9_]+)\s*=\s*(.*?)\s*$/i.exec(line) ?? [];
    if (inside && name !== undefined && value !== undefined && value !== '') settings.set(name.toLowerCase(), value);
  }
  return settings;
}
