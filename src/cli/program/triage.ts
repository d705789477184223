import { type Command, Option } from 'commander';
import { addSettings } from '../config/flags.ts';
import { ConfigError } from '../config/error.ts';
import { repeated } from './collect.ts';
import { examples, type Run } from './registrar.ts';
import { everyCommand, network, registryOnly } from './setting-groups.ts';

interface TriageFlags {
  readonly registry?: string;
  readonly format?: 'table' | 'json';
  readonly cluster?: true;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly registryRate?: readonly string[];
  readonly pullSecrets?: boolean;
}

/** Which stored images are hit, or what runs. */
export function addTriageCommand(program: Command, run: Run): void {
  const triage = program
    .command('triage')
    .argument('<query>', 'an id such as CVE-2021-44228, or PACKAGE@RANGE')
    .description(
      'Tell which images of a registry, or which workloads of a cluster, have a flaw, or versions of a package.',
    )
    .option('--registry <host>', 'a registry that scans its images')
    .option('--cluster', 'what runs in a cluster, by what "seaworthy k8s" kept of its images')
    .option('--kubeconfig <file>', 'with --cluster: another kubeconfig')
    .option('--context <name>', 'with --cluster: another context than the current one')
    .addOption(
      repeated(
        '--registry-rate <[host=]number>',
        'with --cluster and --sbom-key: requests a second to a registry, or to each, at most',
        'no limit',
      ),
    )
    .addOption(
      new Option('-f, --format <form>', 'table, or json (default: table on a terminal, else json)').choices([
        'table',
        'json',
      ]),
    )
    .option('--no-pull-secrets', 'with --cluster and --sbom-key: read no Secret of the cluster')
    .action((query: string, given: TriageFlags, command: Command) =>
      run(command, async (resolved, at) => {
        const { registry, cluster, ...rest } = given;
        if ((registry === undefined) === (cluster === undefined)) {
          throw new ConfigError('SETTING_INVALID', 'Say where to look: either --registry HOST or --cluster');
        }
        if (registry !== undefined)
          return (await import('../commands/triage.ts')).triageCommand(query, { ...rest, registry }, resolved, at);
        return (await import('../commands/triage-cluster.ts')).triageClusterCommand(query, rest, resolved, at);
      }),
    );
  addSettings(triage, [...everyCommand, ...network, ...registryOnly, 'dbMaxAge', 'skipDirs', 'skipFiles', 'sbomKey']);
  examples(triage, [
    ['triage CVE-2021-44228 --registry registry.example.org', 'who runs log4j?'],
    ['triage CVE-2021-44228 --cluster', 'which workloads run it?'],
    ['triage CVE-2021-44228 --cluster --sbom-key registry.pub', 'also by SBOMs that registries keep'],
    ["triage 'lodash@<4.17.21' --registry registry.example.org", 'by name'],
    ["triage 'pkg:deb/debian/openssl@<3.0.15-1~deb12u1' --registry registry.example.org", 'by purl'],
  ]);
}
