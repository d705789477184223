import { type Command, Option } from 'commander';
import type { AdmissionFlags } from '../admission/flags.ts';
import type { AdmissionCleanupOptions } from '../commands/admission-cleanup.ts';
import type { AdmissionManifestsOptions } from '../commands/admission-manifests.ts';
import { addSettings } from '../config/flags.ts';
import { repeated } from './collect.ts';
import { examples, type Run } from './registrar.ts';
import { addRegistryOptions } from './registry-options.ts';
import { everyCommand, network } from './setting-groups.ts';

/** The webhook of a cluster. */
export function addAdmissionCommands(program: Command, run: Run): void {
  const admission = program.command('admission').description('Let a cluster run only what passes its policies.');
  const serve = admission
    .command('serve')
    .description('Judge what is created and changed in a cluster, by policies of files or of the cluster itself.')
    .option('--listen <host:port>', 'where reviews are answered, with TLS', '127.0.0.1:8443')
    .option('--metrics-listen <host:port>', 'where metrics and health are told without TLS (default: beside reviews)')
    .addOption(repeated('--policy <file>', 'a file with policies, or a folder with such files', 'those of the cluster'))
    .option('--cluster', 'connect to the cluster of the kubeconfig, or that this pod runs in')
    .option('--kubeconfig <file>', 'another kubeconfig')
    .option('--context <name>', 'another of its contexts')
    .option('--namespace <name>', 'where the webhook runs (default: of the context, or of this pod)')
    .option('--service <name>', 'the Service by which API servers reach the webhook, which then registers itself')
    .option('--url <url>', 'the address by which they do, where that is no Service')
    .option('--cert-dir <folder>', 'certificates of others: tls.crt, tls.key, ca.crt (default: it makes its own)')
    .option('--inject-ca-from <namespace/name>', 'the Certificate whose authority cert-manager registers')
    .addOption(
      repeated('--except-namespace <name>', 'a namespace in which nothing is judged', 'kube-system and its own'),
    );
  addRegistryOptions(serve, 'a registry that is not asked about images of objects')
    .addOption(repeated('--platform <os/arch>', 'a platform that indexes are judged by', 'all that they have'))
    .option('--log-keys', 'signatures by keys must be in a transparency log, where a policy does not say')
    .option('--kyverno-exact', 'read policies of Kyverno exactly as it does, where we are stricter otherwise')
    .option(
      '--opt-in-namespaces',
      'ClusterImagePolicies are about namespaces with policy.sigstore.dev/include: "true" alone',
    )
    .addOption(
      new Option('--unmatched <action>', 'images that no ClusterImagePolicy is about (default: allow)').choices([
        'deny',
        'warn',
        'allow',
      ]),
    )
    .option('--kyverno-namespace <name>', 'where Secrets are that its policies name without a namespace', 'kyverno')
    .option('--default-registry <host>', 'what its policies take for the registry of names without one', 'docker.io')
    .option('--allow-unsupported', 'leave out rules of its policies that do what is not done here, and say so')
    .option('--exception-namespace <name>', 'the one namespace whose PolicyExceptions count (default: none)')
    .option('--verdict-age <duration>', 'how long what was verified counts before it is verified anew', '1h')
    .option('--stale-age <duration>', 'how old it may be where its registry cannot be asked; 0 for no older', '24h')
    .option('--verdict-file <file>', 'where verdicts are kept for the next start (with --cluster: in the cluster)')
    .option('--no-reports', 'write no reports about objects that policies are about')
    .option('--no-events', 'tell of objects that break policies by no events')
    .option('--background-interval <duration>', 'how often what runs is looked over; 0 for never', '1h')
    .option(
      '--scan-workers <number>',
      'images that are scanned at a time where a policy asks for flaws; 0 for none',
      '1',
    )
    .option('--scan-memory <size>', 'memory of one scan; one that takes more is ended', '1GiB')
    .option('--scan-time <duration>', 'how long one scan may take', '10m')
    .option('--gatekeeper-listen <host:port>', 'where Gatekeeper is answered, with TLS 1.3 (default: nowhere)')
    .option(
      '--gatekeeper-client-ca <file>',
      'whose certificates count there, in PEM: ca.crt of its Secret (default: anybody)',
    )
    .addOption(
      repeated('--gatekeeper-provider <name>', 'a Provider of the cluster that is kept trusting this webhook', 'none'),
    )
    .option('--gatekeeper-timeout <seconds>', "how long Gatekeeper's validating webhook waits (default: 3)")
    .option('--gatekeeper-mutate-timeout <seconds>', "how long Gatekeeper's mutating webhook waits (default: 1)")
    .action((given: AdmissionFlags, command: Command) =>
      run(
        command,
        async (resolved, at) =>
          (await import('../commands/admission-serve.ts')).admissionServeCommand(given, resolved, at),
        '--max-semi-space-size=8',
      ),
    );
  addSettings(serve, [
    ...everyCommand,
    ...network,
    'cacheSize',
    'noCache',
    'sbomKey',
    'trustedRoot',
    'tufMirror',
    'tufRoot',
  ]);
  examples(serve, [
    ['admission serve --policy policies/ --cert-dir tls/', 'by files, and somebody else registers it'],
    [
      'admission serve --cluster --service seaworthy-admission --listen :8443',
      'in a pod: by the policies of the cluster',
    ],
    [
      "admission serve --cluster --deny-registry '*' --allow-registry ghcr.io --allow-registry registry.corp:5000",
      'no registries but these',
    ],
  ]);
  const manifests = admission
    .command('manifests')
    .description('Write what a cluster needs to run the webhook, to be applied with kubectl.')
    .requiredOption('--image <image>', 'the image of this program, best by its digest')
    .option('--namespace <name>', 'where it runs (default: seaworthy-system)')
    .option('--replicas <number>', 'how many of it run (default: 2)')
    .addOption(repeated('--secret-namespace <name>', 'whose Secrets it may read, for registries', 'none'))
    .option('--cluster-wide-secrets', 'let it read every Secret')
    .option('--priority-class <name>', 'such as system-cluster-critical')
    .option('--gatekeeper', 'let Gatekeeper ask it too, on a port of its own')
    .option('--gatekeeper-port <number>', 'which (default: 8444)')
    .option('--gatekeeper-namespace <name>', 'whose Pods may reach that port (default: gatekeeper-system)')
    .addOption(
      repeated(
        '--gatekeeper-provider <name>',
        'a Provider that is kept trusting it',
        'those of "seaworthy gatekeeper manifests"',
      ),
    )
    .option(
      '--gatekeeper-client-ca <name>',
      "a ConfigMap with ca.crt of Gatekeeper's Secret (default: any certificate, or none)",
    )
    .option('--gatekeeper-timeout <seconds>', "how long Gatekeeper's validating webhook waits (default: 3)")
    .option('--gatekeeper-mutate-timeout <seconds>', "how long Gatekeeper's mutating webhook waits (default: 1)")
    .action((given: AdmissionManifestsOptions, command: Command) =>
      run(command, async (_, at) =>
        (await import('../commands/admission-manifests.ts')).admissionManifestsCommand(given, at),
      ),
    );
  addSettings(manifests, everyCommand);
  examples(manifests, [
    ['admission manifests --image registry.example.org/seaworthy:1', 'to look at it'],
    ['admission manifests --image … --secret-namespace team-a', 'with credentials of a team'],
    ['admission manifests --image … --gatekeeper --gatekeeper-client-ca gatekeeper-ca', 'where Gatekeeper asks too'],
  ]);
  const cleanup = admission
    .command('cleanup')
    .description('Take out of a cluster what the webhook made there: what has API servers ask it, and its lease.')
    .option('--kubeconfig <file>', 'another kubeconfig')
    .option('--context <name>', 'another of its contexts')
    .option('--namespace <name>', 'where the webhook ran (default: as registered, else of the context, or of this pod)')
    .option('--all', 'remove its Secrets and its verdicts too; policies and reports stay')
    .option('--stop', 'scale its Deployment to none first, so that nothing registers it again')
    .option('--dry-run', 'remove nothing, and tell what would be')
    .action((given: AdmissionCleanupOptions, command: Command) =>
      run(command, async ({ settings }, at) =>
        (await import('../commands/admission-cleanup.ts')).admissionCleanupCommand(given, settings, at),
      ),
    );
  addSettings(cleanup, everyCommand);
  examples(cleanup, [
    ['admission cleanup --dry-run --all', 'to see what there is'],
    ['admission cleanup', 'when a webhook that is gone lets nothing start'],
    ['admission cleanup --all --stop', 'before it is uninstalled'],
  ]);
}
