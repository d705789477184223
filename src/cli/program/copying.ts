import type { Command } from 'commander';
import { addSettings } from '../config/flags.ts';
import { type AttachedGiven, anImage, attachedSettings, prefixIn, tagPrefix } from './attached-options.ts';
import { collect } from './collect.ts';
import { addRegistrySwitches, withLooseRegistries } from './cosign-options.ts';
import { examples, type Run } from './registrar.ts';
import { everyCommand, network, registryOnly } from './setting-groups.ts';

/** The commands that take images with what is attached to them elsewhere. */
export function addCopyCommands(program: Command, run: Run): void {
  const load = () => import('../commands/copy.ts');
  const copy = addRegistrySwitches(program.command('copy'))
    .argument('<source>', anImage)
    .argument('<target>', 'where it goes: a repository, with or without a tag')
    .description('Copy an image with everything that is attached to it.')
    .option('--only <kinds>', 'of what is attached only sig, att or sbom, and no tag; may be repeated', collect, [])
    .option('-f, --force', 'move the tag where it names another image')
    .option(...tagPrefix)
    .action((from: string, to: string, given: AttachedGiven & { only: string[]; force?: true }, command: Command) =>
      run(command, async (resolved, at) => {
        const options = { only: given.only, force: given.force === true, ...prefixIn(given) };
        return (await load()).copyCommand(from, to, options, withLooseRegistries(resolved, given, [from, to]), at);
      }),
    );
  addSettings(copy, ['platform', ...attachedSettings]);
  examples(copy, [
    ['copy registry.example.com/app:1 mirror.example.com/app:1', 'signatures and all'],
    ['copy --only sig,att IMAGE mirror.example.com/app', 'what is attached, later'],
  ]);

  const save = addRegistrySwitches(program.command('save'))
    .argument('<image>', anImage)
    .description('Write an image with everything that is attached to it into a folder.')
    .requiredOption('--dir <folder>', 'an OCI layout; new, or empty')
    .option(...tagPrefix)
    .action((name: string, given: AttachedGiven & { dir: string }, command: Command) =>
      run(command, async (resolved, at) =>
        (await load()).saveCommand(
          name,
          { dir: given.dir, ...prefixIn(given) },
          withLooseRegistries(resolved, given, [name]),
          at,
        ),
      ),
    );
  addSettings(save, attachedSettings);
  examples(save, [['save --dir ./app registry.example.com/app:1', 'for a machine without network']]);

  const loading = addRegistrySwitches(program.command('load'))
    .argument('<image>', 'the reference that it gets')
    .description('Bring what "save" wrote, or "cosign save", into a registry.')
    .requiredOption('--dir <folder>', 'the folder')
    .option(...tagPrefix)
    .action((name: string, given: AttachedGiven & { dir: string }, command: Command) =>
      run(command, async (resolved, at) =>
        (await load()).loadCommand(
          name,
          { dir: given.dir, ...prefixIn(given) },
          withLooseRegistries(resolved, given, [name]),
          at,
        ),
      ),
    );
  addSettings(loading, [...everyCommand, ...network, ...registryOnly]);
  examples(loading, [['load --dir ./app registry.internal/app:1', 'signatures and all']]);
}
