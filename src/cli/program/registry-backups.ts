import type { Command } from 'commander';
import { addSettings } from '../config/flags.ts';
import { examples, type Run } from './registrar.ts';
import { type Place, placeOf, withPlace } from './registry-place.ts';
import { everyCommand, network } from './setting-groups.ts';

interface CopyFlags extends Place {
  readonly copy?: true;
}

/** Copies of a whole registry, and the way back. */
export function addRegistryBackups(registry: Command, run: Run): void {
  const load = () => import('../commands/registry-backup.ts');
  const backup = withPlace(registry.command('backup').argument('<folder>', 'where the backup is, or is to be'))
    .description('Bring a backup up to date, or begin one; the registry may be serving meanwhile.')
    .option('--copy', 'copy blobs where they could be linked: on one disk, a link costs nothing')
    .action((folder: string, given: CopyFlags, command: Command) =>
      run(command, async (resolved, at) =>
        (await load()).registryBackupCommand(folder, { copy: given.copy === true, ...placeOf(command) }, resolved, at),
      ),
    );
  const verify = registry
    .command('verify-backup')
    .argument('<folder>', 'where the backup is')
    .description('Read a backup whole, and tell whether it could be restored.')
    .action((folder: string, _given: object, command: Command) =>
      run(command, async (resolved, at) => (await load()).registryVerifyBackupCommand(folder, resolved, at)),
    );
  const restore = withPlace(registry.command('restore').argument('<folder>', 'where the backup is'))
    .description('Make a registry of a backup, where there is none yet.')
    .option('--copy', 'copy blobs where they could be linked')
    .action((folder: string, given: CopyFlags, command: Command) =>
      run(command, async (resolved, at) =>
        (await load()).registryRestoreCommand(folder, { copy: given.copy === true, ...placeOf(command) }, resolved, at),
      ),
    );
  addSettings(backup, [...everyCommand, ...network]);
  addSettings(verify, everyCommand);
  addSettings(restore, [...everyCommand, ...network]);
  examples(backup, [['registry backup /mnt/backup/registry', 'the first takes long, the next what is new']]);
  examples(verify, [['registry verify-backup /mnt/backup/registry', 'from time to time: disks fail silently']]);
  examples(restore, [['registry restore /mnt/backup/registry --data /var/lib/seaworthy', 'on a new machine']]);
}
