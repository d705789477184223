import type { Command } from 'commander';
import type { OperatorManifestsOptions } from '../commands/operator-manifests.ts';
import { addSettings } from '../config/flags.ts';
import type { OperatorFlags } from '../operator/flags.ts';
import { youngGenerationFlag } from '../operator/young-generation.ts';
import { repeated } from './collect.ts';
import { examples, type Run } from './registrar.ts';
import { addRegistryOptions } from './registry-options.ts';
import { everyCommand, network } from './setting-groups.ts';

/** The operator of a cluster. */
export function addOperatorCommands(program: Command, run: Run): void {
  const operator = program
    .command('operator')
    .description('Keep reports about all that a cluster runs, in the form of trivy-operator.');
  const serve = operator
    .command('serve', { isDefault: true })
    .description('Keep reports about all that a cluster runs, as VulnerabilityReport and SbomReport of trivy-operator.')
    .option('--listen <host:port>', 'where health, readiness and metrics are told, without TLS', '127.0.0.1:8080')
    .option('--kubeconfig <file>', 'another kubeconfig (default: the usual one, or the cluster of this pod)')
    .option('--context <name>', 'another of its contexts')
    .option('--namespace <name>', 'where the operator runs (default: of the context, or of this pod)')
    .addOption(repeated('--include-namespaces <names>', 'namespaces, separated by commas, * for any characters', 'all'))
    .addOption(repeated('--exclude-namespaces <names>', 'all but these namespaces', 'none'))
    .option('--no-sbom-reports', 'write no SbomReports')
    .option('--report-age <duration>', 'after so long, what runs is looked up again, and reports say so', '24h')
    .option('--database-update <duration>', 'how often the vulnerability database is updated; 0 for never', '6h')
    .option('--scan-workers <number>', 'images that are looked at, at a time', '1')
    .option('--scan-memory <size>', 'memory of one scan; one that takes more is ended', '1GiB')
    .option('--scan-time <duration>', 'how long one scan may take', '10m');
  addRegistryOptions(serve, 'a registry that is not asked').action((given: OperatorFlags, command: Command) =>
    run(
      command,
      async (resolved, at) => (await import('../commands/operator-serve.ts')).operatorServeCommand(given, resolved, at),
      youngGenerationFlag,
    ),
  );
  addSettings(serve, [...everyCommand, ...network, 'cacheSize', 'dbSource']);
  examples(serve, [
    ['operator', 'about the cluster of the current context, from a desk'],
    ['operator --exclude-namespaces kube-system --scan-workers 2', 'less of it, and faster'],
  ]);
  const manifests = operator
    .command('manifests')
    .description('Write what a cluster needs to run the operator, to be applied with kubectl.')
    .requiredOption('--image <image>', 'the image of this program, best by its digest')
    .option('--namespace <name>', 'where it runs (default: seaworthy-system)')
    .option('--replicas <number>', 'how many of it run, of which one works (default: 1)')
    .addOption(repeated('--secret-namespace <name>', 'whose Secrets it may read, for registries', 'none'))
    .option('--cluster-wide-secrets', 'let it read every Secret')
    .option('--no-definitions', 'without the definitions of reports, where trivy-operator has made them')
    .action((given: OperatorManifestsOptions, command: Command) =>
      run(command, async (_, at) =>
        (await import('../commands/operator-manifests.ts')).operatorManifestsCommand(given, at),
      ),
    );
  addSettings(manifests, everyCommand);
  examples(manifests, [
    ['operator manifests --image registry.example.org/seaworthy:1', 'to look at it'],
    ['operator manifests --image … --secret-namespace team-a', 'with credentials of a team'],
  ]);
}
