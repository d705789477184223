import type { Keychain } from '../oci/client/credential.ts';
import { fileKeychain } from '../oci/client/keychain/file-keychain.ts';
import { firstOf, fixedKeychain } from '../oci/client/keychain/keychain.ts';
import { ConfigError } from './config/error.ts';
import { cloudKeychain } from './cloud-keychain.ts';
import type { Settings } from './config/settings.ts';
import type { Host } from './host.ts';

/** More than any password has; less than a file that was piped in by mistake. */
const maxPasswordBytes = 65_536;

/**
 * The credentials that the user typed for this command, then those that other tools stored, and at last what this machine or user is at
 * the cloud whose registry it is.
 *
 * @throws ConfigError when name and password do not come together
 */
export async function keychainOf(settings: Settings, host: Host): Promise<Keychain> {
  return firstOf(await storedKeychainOf(settings, host), cloudKeychain(settings, host));
}

/**
 * The credentials that the user typed for this command, then those that other tools stored.
 *
 * @throws ConfigError when name and password do not come together
 */
export async function storedKeychainOf(settings: Settings, host: Host): Promise<Keychain> {
  const stored = fileKeychain({ environment: host.env, home: host.home });
  if (settings.registryToken !== undefined) {
    return firstOf(fixedKeychain({ kind: 'registry-token', token: settings.registryToken }), stored);
  }
  const { username } = settings;
  const password = settings.passwordStdin
    ? (await host.readStdin(maxPasswordBytes)).toString('utf8').replace(/\r?\n$/, '')
    : host.env['SEAWORTHY_PASSWORD'];
  if (username === undefined && !settings.passwordStdin) return stored;
  if (username === undefined) {
    throw new ConfigError('SETTING_INVALID', '--password-stdin needs a name; add --username NAME');
  }
  if (password === undefined || password === '') {
    throw new ConfigError('SETTING_INVALID', '--username needs a password; add --password-stdin and pipe it in');
  }
  return firstOf(fixedKeychain({ kind: 'password', username, password }), stored);
}
