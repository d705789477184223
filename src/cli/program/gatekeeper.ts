import type { Command } from 'commander';
import type { GatekeeperManifestsOptions } from '../commands/gatekeeper-manifests.ts';
import { addSettings } from '../config/flags.ts';
import { repeated } from './collect.ts';
import { examples, type Run } from './registrar.ts';
import { everyCommand } from './setting-groups.ts';

/** What Gatekeeper asks about images. */
export function addGatekeeperCommands(program: Command, run: Run): void {
  const gatekeeper = program.command('gatekeeper').description('Answer what Gatekeeper asks about images.');
  const written = gatekeeper
    .command('manifests')
    .description('Write what has Gatekeeper ask about every image, to be applied with kubectl.')
    .option('--namespace <name>', 'where the webhook runs (default: seaworthy-system)')
    .option('--port <number>', 'on which port of its Service Gatekeeper is answered (default: 8444)')
    .option('--url <url>', 'where that is, without a path, in the place of the Service')
    .option('--ca-bundle <file>', 'whom Gatekeeper trusts there, in PEM (default: the webhook writes it itself)')
    .option('--enforcement <action>', 'deny, dryrun or warn', 'deny')
    .addOption(repeated('--exclude-namespace <name>', 'what is left out', 'kube-system and gatekeeper-system'))
    .option('--mutate', 'have images called by their digests too')
    .option('--scan', 'a provider that tells of flaws as well, for templates of your own')
    .option('--timeout <seconds>', "how long Gatekeeper's validating webhook waits (default: 3)")
    .option('--mutate-timeout <seconds>', "how long Gatekeeper's mutating webhook waits (default: 1)")
    .action((given: GatekeeperManifestsOptions, command: Command) =>
      run(command, async (_, at) =>
        (await import('../commands/gatekeeper-manifests.ts')).gatekeeperManifestsCommand(given, at),
      ),
    );
  addSettings(written, everyCommand);
  examples(written, [
    ['gatekeeper manifests', 'for the webhook of the chart, or of "admission manifests --gatekeeper"'],
    ['gatekeeper manifests --mutate --enforcement warn', 'with digests, and warnings in the place of denials'],
    ['gatekeeper manifests --url https://images.corp:8444 --ca-bundle ca.crt', 'for one that runs elsewhere'],
  ]);
}
