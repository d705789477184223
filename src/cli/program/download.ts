import type { Command } from 'commander';
import { addSettings } from '../config/flags.ts';
import { examples, type Run } from './registrar.ts';
import { everyCommand, network, registryOnly } from './setting-groups.ts';

const anImage = 'a reference, best by digest';

interface Given {
  readonly attachmentTagPrefix?: string;
  readonly predicateType?: string;
}

/** The commands that print what is attached to images. */
export function addDownloadCommands(program: Command, run: Run): void {
  const load = () => import('../commands/download.ts');
  const download = program.command('download').description('Print what is attached to an image. Nothing is verified.');
  examples(download, [
    ['download signature registry.example.com/app:1', 'one JSON document a line, bundles first'],
    ['download attestation --predicate-type spdxjson IMAGE', 'its SBOM attestations'],
  ]);

  const signature = download
    .command('signature')
    .argument('<image>', anImage)
    .description('Print signatures, one JSON document a line: bundles, then the older form.')
    .action((name: string, given: Given, command: Command) =>
      run(command, async (resolved, at) =>
        (await load()).downloadSignatureCommand(name, optionsOf(given), resolved, at),
      ),
    );
  examples(signature, [
    ['download signature registry.example.com/app:1 > signatures.jsonl', 'to attach them elsewhere'],
  ]);

  const attestation = download
    .command('attestation')
    .argument('<image>', anImage)
    .description('Print attestations, one JSON document a line: bundles, then envelopes of the older form.')
    .option('--predicate-type <type>', 'only these: a name such as spdxjson, or a URI')
    .action((name: string, given: Given, command: Command) =>
      run(command, async (resolved, at) =>
        (await load()).downloadAttestationCommand(name, optionsOf(given), resolved, at),
      ),
    );
  examples(attestation, [
    ['download attestation --predicate-type slsaprovenance1 IMAGE', 'how it was built'],
    ['download attestation --platform linux/arm64 IMAGE', 'of one image of an index'],
  ]);

  const sbom = download
    .command('sbom')
    .argument('<image>', anImage)
    .description('Print the SBOM that "attach sbom" attached.')
    .action((name: string, given: Given, command: Command) =>
      run(command, async (resolved, at) => (await load()).downloadSbomCommand(name, optionsOf(given), resolved, at)),
    );
  examples(sbom, [['download sbom registry.example.com/app:1 > sbom.json', 'byte for byte']]);

  for (const command of [signature, attestation, sbom]) {
    command.option('--attachment-tag-prefix <prefix>', 'stands before tags of the older form');
    addSettings(command, ['platform', 'signatureRepository', ...everyCommand, ...network, ...registryOnly]);
  }
}

function optionsOf({ attachmentTagPrefix, predicateType }: Given) {
  return {
    ...(attachmentTagPrefix === undefined ? {} : { tagPrefix: attachmentTagPrefix }),
    ...(predicateType === undefined ? {} : { predicateType }),
  };
}
