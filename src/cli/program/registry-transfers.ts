import type { Command } from 'commander';
import { addSettings } from '../config/flags.ts';
import { repeated } from './collect.ts';
import { examples, type Run } from './registrar.ts';
import { type Place, placeOf, withPlace } from './registry-place.ts';
import { everyCommand, network, registryOnly } from './setting-groups.ts';

/** What brings images from elsewhere. */
export function addRegistryTransfers(registry: Command, run: Run): void {
  const take = withPlace(registry.command('import').argument('<folder>'))
    .description('Take over an OCI layout, a folder of them, or the storage of another registry.')
    .option('--repository <name>', 'the name for a single layout')
    .option('--prefix <text>', 'put before each name')
    .action((folder: string, given: Place & { repository?: string; prefix?: string }, command: Command) =>
      run(command, async (resolved, at) =>
        (await import('../commands/registry-import.ts')).registryImportCommand(
          folder,
          { ...given, ...placeOf(command) },
          resolved,
          at,
        ),
      ),
    );
  addSettings(take, [...everyCommand, ...network]);
  examples(take, [
    ['registry import /var/lib/registry', 'what docker-registry kept'],
    ['registry import ./layout --repository team/app', 'what skopeo or "seaworthy save" wrote'],
  ]);
  const sync = registry
    .command('sync')
    .argument('<from>', 'host of a registry')
    .argument('<to>', 'host of another')
    .description('Bring images with all that is attached to them from one registry to another.')
    .addOption(repeated('--repository <pattern>', 'only these', 'all'))
    .addOption(repeated('--tag <pattern>', 'only these', 'all'))
    .option('--prefix <text>', 'put before each name')
    .option('--force', 'move tags that name something else there')
    .option('--dry-run', 'tell what would be copied, and copy nothing')
    .action((from: string, to: string, given: SyncFlags, command: Command) =>
      run(command, async (resolved, at) =>
        (await import('../commands/registry-sync.ts')).registrySyncCommand(
          from,
          to,
          { ...given, force: given.force === true, dryRun: given.dryRun === true },
          resolved,
          at,
        ),
      ),
    );
  addSettings(sync, [...everyCommand, ...network, ...registryOnly]);
  examples(sync, [
    ["registry sync old.example.com new.example.com --repository 'team/**'", 'signatures come along'],
    ['registry sync old.example.com new.example.com --dry-run', 'what is missing there'],
  ]);
}

interface SyncFlags {
  readonly repository: readonly string[];
  readonly tag: readonly string[];
  readonly prefix?: string;
  readonly force?: true;
  readonly dryRun?: true;
}
