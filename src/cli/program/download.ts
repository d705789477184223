import type { Command } from 'commander';
import { addSettings } from '../config/flags.ts';
import { type AttachedGiven, anImage, attachedSettings, prefixIn, tagPrefix } from './attached-options.ts';
import { addRegistrySwitches, withLooseRegistries } from './cosign-options.ts';
import { examples, type Run } from './registrar.ts';

interface Given extends AttachedGiven {
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
        (await load()).downloadSignatureCommand(
          name,
          optionsOf(given),
          withLooseRegistries(resolved, given, [name]),
          at,
        ),
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
        (await load()).downloadAttestationCommand(
          name,
          optionsOf(given),
          withLooseRegistries(resolved, given, [name]),
          at,
        ),
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
      run(command, async (resolved, at) =>
        (await load()).downloadSbomCommand(name, optionsOf(given), withLooseRegistries(resolved, given, [name]), at),
      ),
    );
  examples(sbom, [['download sbom registry.example.com/app:1 > sbom.json', 'byte for byte']]);

  for (const command of [signature, attestation, sbom]) {
    addRegistrySwitches(command).option(...tagPrefix);
    addSettings(command, ['platform', ...attachedSettings]);
  }
}

function optionsOf(given: Given) {
  const { predicateType } = given;
  return { ...prefixIn(given), ...(predicateType === undefined ? {} : { predicateType }) };
}
