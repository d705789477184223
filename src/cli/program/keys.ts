import type { Command } from 'commander';
import { addSettings } from '../config/flags.ts';
import { examples, type Run } from './registrar.ts';
import { everyCommand, network } from './setting-groups.ts';

/** The commands that make and show keys. */
export function addKeyCommands(program: Command, run: Run): void {
  const load = () => import('../commands/key.ts');
  const generate = program
    .command('generate-key-pair')
    .argument('[place]', 'k8s://NAMESPACE/NAME or gitlab://PROJECT, instead of files')
    .description('Make a key to sign with, encrypted.')
    .option('--output-key-prefix <name>', 'the files are NAME.key and NAME.pub', 'cosign')
    .option('--type <type>', 'p256, p384, p521, ed25519 or rsa', 'p256')
    .option('-y, --yes', 'replace files without asking')
    .action((place: string | undefined, options: { outputKeyPrefix: string; type: string; yes?: true }, command) =>
      run(command, async (resolved, at) =>
        (await load()).generateKeyPairCommand(
          place,
          { prefix: options.outputKeyPrefix, type: options.type, yes: options.yes === true },
          resolved,
          at,
        ),
      ),
    );
  addSettings(generate, [...everyCommand, ...network]);
  examples(generate, [
    ['generate-key-pair', 'cosign.key and cosign.pub; asks for a password'],
    ['generate-key-pair k8s://default/signing', 'in a Secret of a cluster'],
  ]);

  const importing = program
    .command('import-key-pair')
    .description('Encrypt a private key that another tool made.')
    .requiredOption('--key <file>', 'PEM: PRIVATE KEY, EC PRIVATE KEY or RSA PRIVATE KEY')
    .option('--output-key-prefix <name>', 'the files are NAME.key and NAME.pub', 'import-cosign')
    .option('-y, --yes', 'replace files without asking')
    .action((options: { key: string; outputKeyPrefix: string; yes?: true }, command) =>
      run(command, async (resolved, at) =>
        (await load()).importKeyPairCommand(
          options.key,
          { prefix: options.outputKeyPrefix, yes: options.yes === true },
          resolved,
          at,
        ),
      ),
    );
  addSettings(importing, [...everyCommand]);
  examples(importing, [['import-key-pair --key openssl.pem', 'import-cosign.key and import-cosign.pub']]);

  const show = program
    .command('public-key')
    .description('Print the public half of a key.')
    .option('--outfile <file>', 'write it there')
    .action((options: { outfile?: string }, command) =>
      run(command, async (resolved, at) => (await load()).publicKeyCommand(undefined, options.outfile, resolved, at)),
    );
  addSettings(show, ['key', ...everyCommand, ...network]);
  examples(show, [['public-key --key cosign.key', 'asks for the password']]);
}
