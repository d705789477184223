import { type Command, Option } from 'commander';
import { ConfigError } from '../config/error.ts';
import { addSettings } from '../config/flags.ts';
import { collect } from './collect.ts';
import { examples, type Run } from './registrar.ts';
import { everyCommand, network, registryOnly } from './setting-groups.ts';

/** The options of `verify-notation`, as commander gives them. */
interface Given {
  readonly trustPolicy?: string;
  readonly trustStore?: string;
  readonly annotations: readonly string[];
  readonly userMetadata: readonly string[];
  readonly output: 'json' | 'text' | 'report';
  readonly maxSignatures: string;
  readonly signatureRepository?: string;
}

/** The command that verifies signatures of Notary Project, as notation makes them. */
export function addNotationCommand(program: Command, run: Run): void {
  const load = () => import('../commands/verify-notation.ts');
  const command = program
    .command('verify-notation')
    .description('Say whether images are signed as a trust policy of notation wants it (Notary Project).')
    .argument('<image...>', 'references, best by digest')
    .option('--trust-policy <file>', "whom to trust for which images (default: notation's own trustpolicy.json)")
    .option('--trust-store <folder>', "the folder of trust stores, with x509/ca in it (default: notation's own)")
    .option('-a, --annotations <name=value>', 'must be signed too; may be repeated', collect, [])
    .addOption(new Option('-m, --user-metadata <name=value>').argParser(collect).default([]).hideHelp())
    .option('--max-signatures <number>', 'how many signatures of an image are looked at', '100')
    .addOption(
      new Option('-o, --output <form>', 'json as cosign prints it, text, or report with all that was checked')
        .choices(['json', 'text', 'report'])
        .default('json'),
    )
    // Told apart from a slip of the pen: other commands that verify have it.
    .addOption(new Option('--signature-repository <repository>').hideHelp())
    .action((names: string[], given: Given, at: Command) =>
      run(at, async (resolved, host) => {
        const { annotations, userMetadata, output, maxSignatures, signatureRepository, ...trust } = given;
        if (signatureRepository !== undefined) {
          const message = 'Signatures of Notary Project lie beside the image; leave --signature-repository out';
          throw new ConfigError('SETTING_INVALID', message);
        }
        const all = [...annotations, ...userMetadata];
        const options = { ...trust, annotations: all, output, maxSignatures: countOf(maxSignatures) };
        return (await load()).verifyNotationCommand(names, options, resolved, host);
      }),
    );
  addSettings(command, [...everyCommand, ...network, ...registryOnly]);
  examples(command, [
    ['verify-notation registry.example.com/app:1', "by notation's own trust policy"],
    ['verify-notation --trust-policy trustpolicy.json --trust-store truststore IMAGE', 'by another'],
  ]);
}

function countOf(text: string): number {
  if (/^(?:[1-9]\d{0,2}|1000)$/.test(text)) return Number(text);
  throw new ConfigError('SETTING_INVALID', '--max-signatures is a whole number from 1 to 1000');
}
