import { resolve } from 'node:path';
import { importContent } from '../../registry/import/import-content.ts';
import { openImportSource } from '../../registry/import/open-source.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import type { Host } from '../host.ts';
import { progressOf } from '../progress.ts';
import { openCommandTrail } from '../registry/command-trail.ts';
import { type OpenedRegistry, withRegistry } from '../registry/offline-registry.ts';
import type { RegistryPlace } from '../registry/read-registry-config.ts';
import { countOf } from '../terminal/count-of.ts';
import { tellLeftOut } from '../tell-left-out.ts';
import { tellTransfer } from '../registry/tell-transfer.ts';

/** How to take a folder over. */
export interface RegistryImportOptions extends RegistryPlace {
  readonly repository?: string;
  readonly prefix?: string;
}

/** `registry import`: takes over an OCI layout, a folder of them, or the storage of another registry. */
export async function registryImportCommand(
  folder: string,
  { repository, prefix, ...place }: RegistryImportOptions,
  resolved: ResolvedSettings,
  host: Host,
): Promise<number> {
  const { settings } = resolved;
  const source = await openImportSource(resolve(host.cwd, folder), repository);
  const take = async ({ content, database }: OpenedRegistry): Promise<number> => {
    const progress = progressOf(settings, host);
    await using trail = openCommandTrail(database, { name: 'registry import', action: 'import' }, settings, host);
    const { repositories, manifests, tags, problems, leftOut } = await importContent(content, source, {
      journal: trail.journal,
      signal: host.signal,
      ...(prefix === undefined ? {} : { prefix }),
      ...(progress === undefined ? {} : { progress }),
    });
    const brought = `${countOf(manifests, 'manifest')} and ${countOf(tags, 'tag')}`;
    const done = `Imported ${brought} of ${countOf(repositories, 'repository', 'repositories')}`;
    await tellLeftOut([...leftOut], settings, host);
    return await tellTransfer(done, problems, settings, host);
  };
  return withRegistry(place, resolved, host, take, 'make');
}
