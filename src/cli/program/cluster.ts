import { type Command, Option } from 'commander';
import type { ClusterOptions } from '../cluster/options.ts';
import { addSettings } from '../config/flags.ts';
import { repeated } from './collect.ts';
import { examples, type Run } from './registrar.ts';
import { addScannerOptions } from './scanner-options.ts';
import { everyCommand, findings, network, reading, storedSboms } from './setting-groups.ts';

/** What a cluster runs. */
export function addClusterCommands(program: Command, run: Run): void {
  const k8s = program
    .command('k8s')
    .alias('kubernetes')
    .argument('[context]', 'a context of the kubeconfig (default: its current one, or the cluster of this pod)')
    .description(
      'Find the known vulnerabilities of what a cluster runs: every image once, by the digest that its Pods have.',
    )
    .addOption(
      new Option('--report <kind>', 'summary, or all: each finding of each image')
        .choices(['summary', 'all'])
        .default('summary'),
    )
    .option('--list-images', 'scan nothing: the images that run, and what runs them')
    .option('--show-rbac', 'the rights that it takes, as objects for kubectl; asks no cluster')
    .option('--kubeconfig <file>', 'another kubeconfig')
    .option('--context <name>', 'the same as the argument')
    .option('-n, --namespace <name>', 'one namespace alone')
    // As kubectl and older Trivy have it, for what is so anyway.
    .addOption(new Option('-A, --all-namespaces').conflicts('namespace').hideHelp())
    .addOption(repeated('--include-namespaces <names>', 'namespaces, separated by commas, * for any characters', 'all'))
    .addOption(repeated('--exclude-namespaces <names>', 'all but these namespaces', 'none'))
    .addOption(
      repeated('--include-kinds <kinds>', 'kinds, such as deployment,sts,rollout; others are counted', 'all that run'),
    )
    .addOption(repeated('--exclude-kinds <kinds>', 'all but these kinds', 'none'))
    .option('--exclude-owned', 'leave out workloads that somebody else controls, such as an operator')
    .addOption(repeated('--skip-images <names>', 'images to leave out, by name; * for any characters', 'none'))
    .addOption(
      repeated('--registry-rate <[host=]number>', 'requests a second to a registry, or to each, at most', 'no limit'),
    )
    .addOption(repeated('--policy <file>', 'tell which workloads these policies would deny; a file or folder', 'none'))
    .option('--since <file>', 'tell what changed since an earlier JSON report, and fail on what is new')
    .option('--no-pull-secrets', 'read no Secret of the cluster: what this machine may pull is all that is read')
    .option('--qps <number>', 'requests a second to the cluster (default: as many as it takes)')
    .option('--burst <number>', 'requests at once, after a rest')
    .action((context: string | undefined, given: ClusterOptions, command: Command) =>
      run(
        command,
        async (resolved, at) => (await import('../commands/k8s.ts')).k8sCommand(context, given, resolved, at),
        // Lists of thousands of objects pass through; without it, V8 lets the youngest of them take 128 MiB.
        '--max-semi-space-size=4',
      ),
    );
  addScannerOptions(k8s);
  addSettings(k8s, [
    ...everyCommand,
    ...network,
    ...reading,
    ...storedSboms,
    ...findings.filter((key) => key !== 'listAllPkgs'),
    'trustedRoot',
    'tufMirror',
    'tufRoot',
    'insecureIgnoreTlog',
  ]);
  const format = k8s.options.find(({ long }) => long === '--format');
  // The setting knows formats of single images as well.
  if (format !== undefined) format.description = 'how the report looks: table, json or cyclonedx-json';
  examples(k8s, [
    ['k8s', 'the cluster of the current context, workload by workload'],
    ['k8s production --severity CRITICAL,HIGH --exit-code 1', 'of another context, the worst; fail on them'],
    ['k8s --report all -o json=cluster.json -o table', 'every finding for programs, and as tables'],
    ['k8s --since cluster.json --fail-on HIGH', 'what changed since then; fail on what is new and at least HIGH'],
    ['k8s --vex web.vex.json --vex base.vex.json', 'without what VEX documents clear, image by image'],
    ['k8s --policy policies/', "which workloads today's policies would deny"],
    ['k8s -f cyclonedx-json', 'what the cluster is made of, as a bill of materials'],
    ['k8s --list-images', 'what runs in the cluster of the current context'],
    ['k8s production --list-images --exclude-namespaces kube-system --format json', 'of another context, for programs'],
    ['k8s --show-rbac --namespace shop', 'the rights to look at one namespace'],
  ]);
}
