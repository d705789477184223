import { dockerHub } from '../../reference.ts';
import type { Credential, Keychain } from '../credential.ts';
import { type AuthFile, credentialOf, readAuthFile } from './auth-file.ts';
import { askCredentialHelper } from './credential-helper.ts';
import { dockerHubKey, hostOfKey, keysFor } from './registry-key.ts';

/** The process's environment and home folder, read by the caller. */
export interface KeychainEnvironment {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/**
 * The credentials that other tools stored, first found first taken: the file that `REGISTRY_AUTH_FILE` names, Docker's
 * `config.json` (in `DOCKER_CONFIG`, or `~/.docker`), and `containers/auth.json` in `XDG_RUNTIME_DIR`,
 * `XDG_CONFIG_HOME` and `~/.config` (containers-auth.json(5)).
 */
export function fileKeychain({ environment, home }: KeychainEnvironment): Keychain {
  return {
    async find(registry, repository, signal) {
      for (const path of authFilePaths({ environment, home })) {
        const file = await readAuthFile(path);
        if (file === undefined) continue;
        const found = await findInAuthFile(file, registry, repository, environment, signal);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}

/** Where credential files may lie, in the order in which they are asked. */
export function authFilePaths({ environment, home }: KeychainEnvironment): string[] {
  const { REGISTRY_AUTH_FILE, DOCKER_CONFIG, XDG_RUNTIME_DIR, XDG_CONFIG_HOME } = environment;
  const paths = [
    REGISTRY_AUTH_FILE ?? '',
    `${DOCKER_CONFIG === undefined || DOCKER_CONFIG === '' ? `${home}/.docker` : DOCKER_CONFIG}/config.json`,
    XDG_RUNTIME_DIR === undefined || XDG_RUNTIME_DIR === '' ? '' : `${XDG_RUNTIME_DIR}/containers/auth.json`,
    XDG_CONFIG_HOME === undefined || XDG_CONFIG_HOME === '' ? '' : `${XDG_CONFIG_HOME}/containers/auth.json`,
    `${home}/.config/containers/auth.json`,
  ];
  return [...new Set(paths.filter((path) => path !== ''))];
}

/**
 * Looks a repository up in one file: the host's helper, then the helper of all hosts, then the entries themselves, the
 * most specific first.
 *
 * @throws OciError CREDENTIALS_UNREADABLE
 */
export async function findInAuthFile(
  file: AuthFile,
  registry: string,
  repository: string,
  environment: Readonly<Record<string, string | undefined>>,
  signal?: AbortSignal,
): Promise<Credential | undefined> {
  const helper = helperFor(file, registry) ?? file.store;
  if (helper !== undefined) {
    const server = registry === dockerHub ? dockerHubKey : registry;
    const found = await askCredentialHelper(helper, server, { environment, signal });
    if (found !== undefined) return found;
  }
  for (const key of keysFor(registry, repository)) {
    const entry = file.auths.get(key);
    const credential = entry === undefined ? undefined : credentialOf(entry, file.path);
    if (credential !== undefined) return credential;
  }
  for (const [key, entry] of file.auths) {
    if (hostOfKey(key) !== registry) continue;
    const credential = credentialOf(entry, file.path);
    if (credential !== undefined) return credential;
  }
  return undefined;
}

function helperFor(file: AuthFile, registry: string): string | undefined {
  const exact = file.helpers.get(registry);
  if (exact !== undefined) return exact;
  for (const [key, helper] of file.helpers) {
    if (hostOfKey(key) === registry) return helper;
  }
  return undefined;
}
