import { type Command, Option } from 'commander';
import { addSettings } from '../config/flags.ts';
import { examples, type Run } from './registrar.ts';
import { type Place, placeOf, withPlace } from './registry-place.ts';
import { everyCommand, network } from './setting-groups.ts';

interface ScrubFlags extends Place {
  readonly repair?: true;
  readonly fast?: true;
  readonly rate?: string;
  readonly after?: string;
  readonly format?: string;
}

/** What keeps the stores of a registry in order; it may be serving meanwhile. */
export function addRegistryUpkeep(registry: Command, run: Run): void {
  const gc = withPlace(registry.command('gc'))
    .description('Remove what nothing names any more; the registry may be serving meanwhile.')
    .option('--dry-run', 'tell what would go, and change nothing')
    .action((given: Place & { dryRun?: true }, command: Command) =>
      run(command, async (resolved, at) =>
        (await import('../commands/registry-gc.ts')).registryGcCommand(
          { ...placeOf(command), dryRun: given.dryRun === true },
          resolved,
          at,
        ),
      ),
    );
  addSettings(gc, [...everyCommand, ...network]);
  examples(gc, [['registry gc --dry-run', 'how much would be freed']]);
  const scrub = withPlace(registry.command('scrub'))
    .description(
      'Compare records and bytes, both ways, and tell what is damaged; the registry may be serving meanwhile.',
    )
    .option('--repair', 'hide damaged blobs until they are pushed again, and mend what can be mended')
    .option('--fast', 'look at sizes alone, and read no blob')
    .option('--rate <size>', 'read at most so much each second (default: 64MiB)')
    .option('--after <digest>', 'go on where an earlier one was stopped')
    .addOption(new Option('-f, --format <form>', 'how to tell it').choices(['table', 'json']))
    .action((given: ScrubFlags, command: Command) =>
      run(command, async (resolved, at) =>
        (await import('../commands/registry-scrub.ts')).registryScrubCommand(
          { ...given, ...placeOf(command), repair: given.repair === true, fast: given.fast === true },
          resolved,
          at,
        ),
      ),
    );
  addSettings(scrub, [...everyCommand, ...network]);
  examples(scrub, [
    ['registry scrub', 'read everything once; ends with 20 where something is damaged'],
    ['registry scrub --fast --format json', 'quickly, for a script'],
    ['registry scrub --repair', 'so that clients push again what is damaged'],
  ]);
}
