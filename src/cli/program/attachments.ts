import { type Command, Option } from 'commander';
import type { CleanType } from '../../signing/cosign/clean.ts';
import type { TaggedKind } from '../../signing/cosign/tags.ts';
import { addSettings } from '../config/flags.ts';
import { addAttachingCommands } from './attaching.ts';
import { collect } from './collect.ts';
import { addDownloadCommands } from './download.ts';
import { examples, type Run } from './registrar.ts';
import { everyCommand, network, registryOnly } from './setting-groups.ts';

const settings = ['signatureRepository', ...everyCommand, ...network, ...registryOnly] as const;
const anImage = 'a reference, best by digest';
const tagPrefix = ['--attachment-tag-prefix <prefix>', 'stands before tags of the older form'] as const;

/** As commander calls it, and as commands do. */
interface Prefixed {
  readonly attachmentTagPrefix?: string;
}

/** The commands about what is attached to images. */
export function addAttachmentCommands(program: Command, run: Run): void {
  addTreeCommands(program, run);
  addCopyCommands(program, run);
  addDownloadCommands(program, run);
  addAttachingCommands(program, run);
  const clean = program
    .command('clean')
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
    .action((name: string, given: Prefixed & { type: CleanType; force?: true; yes?: true }, command: Command) =>
      run(command, async (resolved, at) => {
        const options = { type: given.type, yes: given.force === true || given.yes === true, ...prefixIn(given) };
        return (await import('../commands/clean.ts')).cleanCommand(name, options, resolved, at);
      }),
    );
  addSettings(clean, settings);
  examples(clean, [
    ['clean registry.example.com/app:1', 'everything; asks first'],
    ['clean --type signature --force registry.example.com/app:1', 'its signatures alone, in a script'],
  ]);
}

function addTreeCommands(program: Command, run: Run): void {
  const tree = program
    .command('tree')
    .argument('<image>', anImage)
    .description('Show what is attached to an image, and to that. Nothing is verified.')
    .addOption(new Option('-o, --output <form>', 'how it is shown').choices(['text', 'json']).default('text'))
    .option(...tagPrefix)
    .action((name: string, given: Prefixed & { output: 'text' | 'json' }, command: Command) =>
      run(command, async (resolved, at) => {
        const options = { output: given.output, ...prefixIn(given) };
        return (await import('../commands/tree.ts')).treeCommand(name, options, resolved, at);
      }),
    );
  addSettings(tree, ['platform', ...settings]);
  examples(tree, [
    ['tree registry.example.com/app:1', 'signatures, attestations, SBOMs and others'],
    ['tree -o json --platform linux/arm64 registry.example.com/app:1', 'for a program, of one image of an index'],
  ]);

  const triangulate = program
    .command('triangulate')
    .argument('<image>', anImage)
    .description('Print where the older layout keeps what belongs to an image.')
    .addOption(
      new Option('--type <type>', 'what is looked for')
        .choices(['signature', 'attestation', 'sbom', 'digest'])
        .default('signature'),
    )
    .option(...tagPrefix)
    .action((name: string, given: Prefixed & { type: TaggedKind | 'digest' }, command: Command) =>
      run(command, async (resolved, at) => {
        const options = { type: given.type, ...prefixIn(given) };
        return (await import('../commands/triangulate.ts')).triangulateCommand(name, options, resolved, at);
      }),
    );
  addSettings(triangulate, settings);
  examples(triangulate, [
    ['triangulate registry.example.com/app:1', 'the tag of its signatures'],
    ['triangulate --type digest registry.example.com/app:1', 'the digest that the tag names now'],
  ]);
}

function addCopyCommands(program: Command, run: Run): void {
  const load = () => import('../commands/copy.ts');
  const copy = program
    .command('copy')
    .argument('<source>', anImage)
    .argument('<target>', 'where it goes: a repository, with or without a tag')
    .description('Copy an image with everything that is attached to it.')
    .option('--only <kinds>', 'of what is attached only sig, att or sbom, and no tag; may be repeated', collect, [])
    .option('-f, --force', 'move the tag where it names another image')
    .option(...tagPrefix)
    .action((from: string, to: string, given: Prefixed & { only: string[]; force?: true }, command: Command) =>
      run(command, async (resolved, at) => {
        const options = { only: given.only, force: given.force === true, ...prefixIn(given) };
        return (await load()).copyCommand(from, to, options, resolved, at);
      }),
    );
  addSettings(copy, ['platform', ...settings]);
  examples(copy, [
    ['copy registry.example.com/app:1 mirror.example.com/app:1', 'signatures and all'],
    ['copy --only sig,att IMAGE mirror.example.com/app', 'what is attached, later'],
  ]);

  const save = program
    .command('save')
    .argument('<image>', anImage)
    .description('Write an image with everything that is attached to it into a folder.')
    .requiredOption('--dir <folder>', 'an OCI layout; new, or empty')
    .option(...tagPrefix)
    .action((name: string, given: Prefixed & { dir: string }, command: Command) =>
      run(command, async (resolved, at) =>
        (await load()).saveCommand(name, { dir: given.dir, ...prefixIn(given) }, resolved, at),
      ),
    );
  addSettings(save, settings);
  examples(save, [['save --dir ./app registry.example.com/app:1', 'for a machine without network']]);

  const loading = program
    .command('load')
    .argument('<image>', 'the reference that it gets')
    .description('Bring what "save" wrote, or "cosign save", into a registry.')
    .requiredOption('--dir <folder>', 'the folder')
    .option(...tagPrefix)
    .action((name: string, given: Prefixed & { dir: string }, command: Command) =>
      run(command, async (resolved, at) =>
        (await load()).loadCommand(name, { dir: given.dir, ...prefixIn(given) }, resolved, at),
      ),
    );
  addSettings(loading, [...everyCommand, ...network, ...registryOnly]);
  examples(loading, [['load --dir ./app registry.internal/app:1', 'signatures and all']]);
}

function prefixIn({ attachmentTagPrefix }: Prefixed): { readonly tagPrefix?: string } {
  return attachmentTagPrefix === undefined ? {} : { tagPrefix: attachmentTagPrefix };
}
