import { type Command, Option } from 'commander';
import type { CleanType } from '../../signing/cosign/clean.ts';
import type { TaggedKind } from '../../signing/cosign/tags.ts';
import { addSettings } from '../config/flags.ts';
import { type AttachedGiven, anImage, attachedSettings, prefixIn, tagPrefix } from './attached-options.ts';
import { addAttachingCommands } from './attaching.ts';
import { addCopyCommands } from './copying.ts';
import { addRegistrySwitches, withLooseRegistries } from './cosign-options.ts';
import { addDownloadCommands } from './download.ts';
import { examples, type Run } from './registrar.ts';

/** The commands about what is attached to images. */
export function addAttachmentCommands(program: Command, run: Run): void {
  addTreeCommands(program, run);
  addCopyCommands(program, run);
  addDownloadCommands(program, run);
  addAttachingCommands(program, run);
  const clean = addRegistrySwitches(program.command('clean'))
    .argument('<image>', anImage)
    .description('Remove what is attached to an image, and never the image.')
    .addOption(
      new Option('--type <type>', 'what to remove')
        .choices(['signature', 'attestation', 'sbom', 'referrer', 'all'])
        .default('all'),
    )
    .option('-f, --force', 'do not ask')
    .option('-y, --yes', 'the same')
    .option(...tagPrefix)
    .action((name: string, given: AttachedGiven & { type: CleanType; force?: true; yes?: true }, command: Command) =>
      run(command, async (resolved, at) => {
        const options = { type: given.type, yes: given.force === true || given.yes === true, ...prefixIn(given) };
        return (await import('../commands/clean.ts')).cleanCommand(
          name,
          options,
          withLooseRegistries(resolved, given, [name]),
          at,
        );
      }),
    );
  addSettings(clean, attachedSettings);
  examples(clean, [
    ['clean registry.example.com/app:1', 'everything; asks first'],
    ['clean --type signature --force registry.example.com/app:1', 'its signatures alone, in a script'],
  ]);
}

function addTreeCommands(program: Command, run: Run): void {
  const tree = addRegistrySwitches(program.command('tree'))
    .argument('<image>', anImage)
    .description('Show what is attached to an image, and to that. Nothing is verified.')
    .addOption(new Option('-o, --output <form>', 'how it is shown').choices(['text', 'json']).default('text'))
    .option(...tagPrefix)
    .action((name: string, given: AttachedGiven & { output: 'text' | 'json' }, command: Command) =>
      run(command, async (resolved, at) => {
        const options = { output: given.output, ...prefixIn(given) };
        return (await import('../commands/tree.ts')).treeCommand(
          name,
          options,
          withLooseRegistries(resolved, given, [name]),
          at,
        );
      }),
    );
  addSettings(tree, ['platform', ...attachedSettings]);
  examples(tree, [
    ['tree registry.example.com/app:1', 'signatures, attestations, SBOMs and others'],
    ['tree -o json --platform linux/arm64 registry.example.com/app:1', 'for a program, of one image of an index'],
  ]);

  const triangulate = addRegistrySwitches(program.command('triangulate'))
    .argument('<image>', anImage)
    .description('Print where the older layout keeps what belongs to an image.')
    .addOption(
      new Option('--type <type>', 'what is looked for')
        .choices(['signature', 'attestation', 'sbom', 'digest'])
        .default('signature'),
    )
    .option(...tagPrefix)
    .action((name: string, given: AttachedGiven & { type: TaggedKind | 'digest' }, command: Command) =>
      run(command, async (resolved, at) => {
        const options = { type: given.type, ...prefixIn(given) };
        return (await import('../commands/triangulate.ts')).triangulateCommand(
          name,
          options,
          withLooseRegistries(resolved, given, [name]),
          at,
        );
      }),
    );
  addSettings(triangulate, attachedSettings);
  examples(triangulate, [
    ['triangulate registry.example.com/app:1', 'the tag of its signatures'],
    ['triangulate --type digest registry.example.com/app:1', 'the digest that the tag names now'],
  ]);
}
