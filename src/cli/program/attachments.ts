import { type Command, Option } from 'commander';
import { addSettings } from '../config/flags.ts';
import type { CleanType } from '../../signing/cosign/clean.ts';
import type { TaggedKind } from '../../signing/cosign/tags.ts';
import { collect } from './collect.ts';
import { examples, type Run } from './registrar.ts';
import { everyCommand, network, registryOnly } from './setting-groups.ts';

const settings = ['signatureRepository', ...everyCommand, ...network, ...registryOnly] as const;
const anImage = 'a reference, best by digest';

/** The commands about what is attached to images. */
export function addAttachmentCommands(program: Command, run: Run): void {
  const load = () => import('../commands/attachments.ts');
  const tree = program
    .command('tree')
    .argument('<image>', anImage)
    .description('Show what is attached to an image. Nothing is verified.')
    .addOption(new Option('-o, --output <form>').choices(['text', 'json']).default('text'))
    .action((name: string, given: { output: 'text' | 'json' }, command: Command) =>
      run(command, async (resolved, at) => (await load()).treeCommand(name, given.output, resolved, at)),
    );
  addSettings(tree, settings);
  examples(tree, [['tree registry.example.com/app:1', 'signatures, attestations, SBOMs and others']]);

  const triangulate = program
    .command('triangulate')
    .argument('<image>', anImage)
    .description('Print where the older layout keeps what belongs to an image.')
    .addOption(new Option('--type <type>').choices(['signature', 'attestation', 'sbom']).default('signature'))
    .action((name: string, given: { type: TaggedKind }, command: Command) =>
      run(command, async (resolved, at) => (await load()).triangulateCommand(name, given.type, resolved, at)),
    );
  addSettings(triangulate, settings);
  examples(triangulate, [['triangulate registry.example.com/app:1', 'the tag of its signatures']]);

  const clean = program
    .command('clean')
    .argument('<image>', anImage)
    .description('Remove what is attached to an image.')
    .addOption(
      new Option('--type <type>').choices(['signature', 'attestation', 'sbom', 'referrer', 'all']).default('all'),
    )
    .option('-f, --force', 'do not ask')
    .addOption(new Option('-y, --yes').hideHelp())
    .action((name: string, given: { type: CleanType; force?: true; yes?: true }, command: Command) =>
      run(command, async (resolved, at) =>
        (await load()).cleanCommand(name, given.type, given.force === true || given.yes === true, resolved, at),
      ),
    );
  addSettings(clean, settings);
  examples(clean, [['clean --type signature --force IMAGE', 'its signatures alone']]);

  addCopyCommands(program, run);
  addDownloadCommands(program, run);
  addAttachCommands(program, run);
}

function addCopyCommands(program: Command, run: Run): void {
  const load = () => import('../commands/copy.ts');
  const copy = program
    .command('copy')
    .argument('<source>', anImage)
    .argument('<target>', 'where it goes: a repository, with or without a tag')
    .description('Copy an image with everything that is attached to it.')
    .option('--only <kinds>', 'copy only sig, att or sbom of the attachments; may be repeated', collect, [])
    .option('-f, --force', 'move the tag where it names another image')
    .action((from: string, to: string, given: { only: string[]; force?: true }, command: Command) =>
      run(command, async (resolved, at) =>
        (await load()).copyCommand(from, to, { only: given.only, force: given.force === true }, resolved, at),
      ),
    );
  addSettings(copy, ['platform', ...settings]);
  examples(copy, [['copy registry.example.com/app:1 mirror.example.com/app:1', 'signatures and all']]);

  const save = program
    .command('save')
    .argument('<image>', anImage)
    .description('Write an image with everything that is attached to it into a folder.')
    .requiredOption('--dir <folder>', 'an OCI layout; new, or empty')
    .action((name: string, given: { dir: string }, command: Command) =>
      run(command, async (resolved, at) => (await load()).saveCommand(name, given.dir, resolved, at)),
    );
  addSettings(save, settings);
  examples(save, [['save --dir ./app registry.example.com/app:1', 'for a machine without network']]);

  const loading = program
    .command('load')
    .argument('<image>', 'the reference that it gets')
    .description('Bring what "save" wrote into a registry.')
    .requiredOption('--dir <folder>', 'the folder')
    .action((name: string, given: { dir: string }, command: Command) =>
      run(command, async (resolved, at) => (await load()).loadCommand(name, given.dir, resolved, at)),
    );
  addSettings(loading, settings);
  examples(loading, [['load --dir ./app registry.internal/app:1', 'signatures and all']]);
}

function addDownloadCommands(program: Command, run: Run): void {
  const load = () => import('../commands/attachments.ts');
  const download = program.command('download').description('Print what is attached to an image. Nothing is verified.');
  examples(download, [['download attestation --predicate-type spdxjson IMAGE', 'its SBOM attestations']]);
  const signature = download
    .command('signature')
    .argument('<image>', anImage)
    .description('Print signatures, one JSON document a line.')
    .action((name: string, _given: unknown, command: Command) =>
      run(command, async (resolved, at) => (await load()).downloadSignatureCommand(name, resolved, at)),
    );
  const attestation = download
    .command('attestation')
    .argument('<image>', anImage)
    .description('Print attestations, one JSON document a line.')
    .option('--predicate-type <type>', 'only these: a name or URI')
    .action((name: string, given: { predicateType?: string }, command: Command) =>
      run(command, async (resolved, at) =>
        (await load()).downloadAttestationCommand(name, given.predicateType, resolved, at),
      ),
    );
  const sbom = download
    .command('sbom')
    .argument('<image>', anImage)
    .description('Print the SBOM at the .sbom tag.')
    .action((name: string, _given: unknown, command: Command) =>
      run(command, async (resolved, at) => (await load()).downloadSbomCommand(name, resolved, at)),
    );
  for (const command of [signature, attestation, sbom]) addSettings(command, settings);
}

function addAttachCommands(program: Command, run: Run): void {
  const load = () => import('../commands/attach.ts');
  const attach = program.command('attach').description('Attach to an image what was made elsewhere.');
  examples(attach, [['attach attestation --attestation build.sigstore.json IMAGE', 'a bundle of a build system']]);
  const sbom = attach
    .command('sbom')
    .argument('<image>', anImage)
    .description('Attach a bill of materials, unsigned.')
    .requiredOption('--sbom <file>', 'what to attach; - is standard input')
    .option('--type <type>', 'spdx, spdx+json, cyclonedx, cyclonedx+json or syft; told by the content otherwise')
    .action((name: string, given: { sbom: string; type?: string }, command: Command) =>
      run(command, async (resolved, at) =>
        (await load()).attachSbomCommand(name, given.sbom, given.type, resolved, at),
      ),
    );
  const signature = attach
    .command('signature')
    .argument('<image>', anImage)
    .description('Attach a signature in the older form.')
    .requiredOption('--signature <file>', 'in base64')
    .requiredOption('--payload <file>', 'what was signed')
    .option('--certificate <file>', 'in PEM')
    .option('--certificate-chain <file>', 'in PEM')
    .option('--rekor-response <file>', "the log's promise, as cosign writes it")
    .option('--tsr <file>', 'a timestamp of RFC 3161')
    .action((name: string, given: { signature: string; payload: string }, command: Command) =>
      run(command, async (resolved, at) => (await load()).attachSignatureCommand(name, given, resolved, at)),
    );
  const attestation = attach
    .command('attestation')
    .argument('<image>', anImage)
    .description('Attach a bundle, or an envelope in the older form.')
    .requiredOption('--attestation <file>', 'may be repeated', collect, [])
    .action((name: string, given: { attestation: string[] }, command: Command) =>
      run(command, async (resolved, at) =>
        (await load()).attachAttestationCommand(name, given.attestation, resolved, at),
      ),
    );
  for (const command of [sbom, signature, attestation]) addSettings(command, settings);
}
