import { RegistryClient } from '../../oci/client/registry-client.ts';
import { syncRegistries } from '../../registry/sync/sync-registries.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import type { Host } from '../host.ts';
import { keychainOf } from '../keychain.ts';
import { loggerOf } from '../logger.ts';
import { networkOf } from '../network.ts';
import { progressOf } from '../progress.ts';
import { countOf } from '../terminal/count-of.ts';
import { tellLeftOut } from '../tell-left-out.ts';
import { tellTransfer } from '../registry/tell-transfer.ts';

/** What to bring. */
export interface RegistrySyncOptions {
  readonly repository: readonly string[];
  readonly tag: readonly string[];
  readonly prefix?: string;
  readonly force: boolean;
  /** Copies nothing, and tells what would be. */
  readonly dryRun: boolean;
}

/** `registry sync`: brings images with all that is attached to them from one registry to another. */
export async function registrySyncCommand(
  from: string,
  to: string,
  { repository, tag, prefix, force, dryRun }: RegistrySyncOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  await using network = await networkOf(settings, host);
  const options = { keychain: await keychainOf(settings, host), logger: loggerOf(settings, host) };
  const progress = progressOf(settings, host);
  const lines: string[] = [];
  const source = new RegistryClient(network, from, options);
  const target = new RegistryClient(network, to, options);
  const { repositories, copied, unchanged, problems, leftOut } = await syncRegistries(source, target, {
    repositories: repository,
    tags: tag,
    overwrite: force,
    dryRun,
    onTag: ({ repository: name, tag: at, digest, outcome }) => {
      if (dryRun) lines.push(`${name}:${at}@${digest} ${outcome}\n`);
    },
    signal: host.signal,
    ...(prefix === undefined ? {} : { prefix }),
    ...(progress === undefined ? {} : { progress }),
  });
  await host.stdout.write(lines.join(''));
  const names = countOf(repositories, 'repository', 'repositories');
  const did = dryRun ? 'Would copy' : 'Copied';
  const done = `${did} ${countOf(copied, 'tag')} of ${names}; ${unchanged} ${unchanged === 1 ? 'was' : 'were'} there already`;
  await tellLeftOut(leftOut, settings, host);
  return await tellTransfer(done, problems, settings, host);
}
