import type { Command } from 'commander';
import type { ClusterOptions } from '../cluster/options.ts';
import { addSettings } from '../config/flags.ts';
import { repeated } from './collect.ts';
import { examples, type Run } from './registrar.ts';
import { everyCommand } from './setting-groups.ts';

/** What a cluster runs. */
export function addClusterCommands(program: Command, run: Run): void {
  const k8s = program
    .command('k8s')
    .alias('kubernetes')
    .argument('[context]', 'a context of the kubeconfig (default: its current one, or the cluster of this pod)')
    .description('Tell what a cluster runs: every image by the digest that its Pods have, and the workloads behind it.')
    .option('--list-images', 'the images that run, and what runs them: as table, or with --format json')
    .option('--show-rbac', 'the rights that it takes, as objects for kubectl; asks no cluster')
    .option('--kubeconfig <file>', 'another kubeconfig')
    .option('--context <name>', 'the same as the argument')
    .option('-n, --namespace <name>', 'one namespace alone')
    .addOption(repeated('--include-namespaces <names>', 'namespaces, separated by commas, * for any characters', 'all'))
    .addOption(repeated('--exclude-namespaces <names>', 'all but these namespaces', 'none'))
    .addOption(
      repeated('--include-kinds <kinds>', 'kinds, such as deployment,sts,rollout; others are counted', 'all that run'),
    )
    .addOption(repeated('--exclude-kinds <kinds>', 'all but these kinds', 'none'))
    .option('--exclude-owned', 'leave out workloads that somebody else controls, such as an operator')
    .option('--qps <number>', 'requests a second to the cluster (default: as many as it takes)')
    .option('--burst <number>', 'requests at once, after a rest')
    .action((context: string | undefined, given: ClusterOptions, command: Command) =>
      run(command, async (resolved, at) =>
        (await import('../commands/k8s.ts')).k8sCommand(context, given, resolved, at),
      ),
    );
  addSettings(k8s, [...everyCommand, 'format', 'output', 'timeout']);
  examples(k8s, [
    ['k8s --list-images', 'what runs in the cluster of the current context'],
    ['k8s production --list-images --exclude-namespaces kube-system --format json', 'of another context, for programs'],
    ['k8s --show-rbac --namespace shop', 'the rights to look at one namespace'],
  ]);
}
