import { RegistryClient } from '../../oci/client/registry-client.ts';
import { syncRegistries } from '../../registry/sync/sync-registries.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import type { Host } from '../host.ts';
import { keychainOf } from '../keychain.ts';
import { loggerOf } from '../logger.ts';
import { networkOf } from '../network.ts';
import { progressOf } from '../progress.ts';
import { tellTransfer } from '../registry/tell-transfer.ts';

/** What to bring. */
export interface RegistrySyncOptions {
  readonly repository: readonly string[];
  readonly tag: readonly string[];
  readonly prefix?: string;
  readonly force: boolean;
}

/** `registry sync`: brings images with all that is attached to them from one registry to another. */
export async function registrySyncCommand(
  from: string,
  to: string,
  { repository, tag, prefix, force }: RegistrySyncOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  await using network = await networkOf(settings, host);
  const options = { keychain: await keychainOf(settings, host), logger: loggerOf(settings, host) };
  const progress = progressOf(settings, host);
  const source = new RegistryClient(network, from, options);
  const target = new RegistryClient(network, to, options);
  const { repositories, copied, unchanged, problems } = await syncRegistries(source, target, {
    repositories: repository,
    tags: tag,
    overwrite: force,
    signal: host.signal,
    ...(prefix === undefined ? {} : { prefix }),
    ...(progress === undefined ? {} : { progress }),
  });
  const done = `Copied ${copied} tags of ${repositories} repositories; ${unchanged} were there already`;
  return await tellTransfer(done, problems, settings, host);
}
