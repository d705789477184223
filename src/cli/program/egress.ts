import { type Command, Option } from 'commander';
import { addSettings } from '../config/flags.ts';
import { repeated } from './collect.ts';
import { examples, type Run } from './registrar.ts';
import { everyCommand, network } from './setting-groups.ts';

interface GenerateFlags {
  readonly policy?: string;
  readonly target: readonly string[];
  readonly output: string;
  readonly format?: string;
}

interface CheckFlags {
  readonly policy?: string;
  readonly registry?: string;
  readonly root?: string;
  readonly runtime: readonly string[];
  readonly host: readonly string[];
  readonly probe?: true;
  readonly probeHost: readonly string[];
  readonly canary?: string;
  readonly canaryWith?: string;
  readonly auditRegistry?: string;
  readonly format?: string;
}

/** What nodes may pull from. */
export function addEgressCommands(program: Command, run: Run): void {
  const egress = program.command('egress').description('Let nodes pull from the private registry alone.');
  const generate = egress
    .command('generate')
    .description('Write configuration of runtimes, nodes and networks from one policy; each file is read back before.')
    .option('--policy <file>', 'the policy (default: egress.yaml, else the section egress of seaworthy.yaml)')
    .addOption(
      repeated(
        '--target <name>',
        'containerd, crio, k3s, rke2, talos, docker, buildkit, nftables, networkpolicy, cilium, calico, terraform',
        'the runtimes of the policy, or all',
      ),
    )
    .requiredOption('-o, --output <folder>', 'a folder, new or empty; - for standard output, with one target')
    .addOption(new Option('-f, --format <form>', 'how to tell what was written').choices(['text', 'json']))
    .action((given: GenerateFlags, command: Command) =>
      run(command, async (resolved, at) =>
        (await import('../commands/egress-generate.ts')).egressGenerateCommand(
          { ...given, ...configOf(command) },
          resolved,
          at,
        ),
      ),
    );
  addSettings(generate, everyCommand);
  examples(generate, [
    ['egress generate --output nodes/', 'all that the policy names'],
    ['egress generate --target nftables --output -', 'one of them, to be looked at'],
  ]);
  const check = egress
    .command('check')
    .description(
      'Tell where the runtimes of a node would pull from; ends with 30 where that is not the private registry alone.',
    )
    .option('--policy <file>', 'the policy (default: egress.yaml, else the section egress of seaworthy.yaml)')
    .option('--registry <host>', 'the private registry, in place of a policy')
    .option('--root <folder>', "the node's files (default: /)")
    .addOption(
      repeated(
        '--runtime <name>',
        'containerd, crio, k3s, rke2, talos, docker or buildkit',
        'those whose files are there',
      ),
    )
    .addOption(repeated('--host <host>', 'an image host to look at besides the usual ones', 'none'))
    .option('--probe', 'also try to reach public registries and resolvers, which must fail')
    .addOption(repeated('--probe-host <host>', 'what to try in place of them', 'public registries'))
    .option('--canary <image>', 'also pull this image, and look for the pull in the audit trail')
    .option('--canary-with <program>', 'crictl, podman, nerdctl or docker, to pull it by the runtime')
    .option('--audit-registry <url>', 'where the audit trail is (default: the private registry)')
    .addOption(new Option('-f, --format <form>', 'how to tell it').choices(['table', 'json']))
    .action((given: CheckFlags, command: Command) =>
      run(command, async (resolved, at) =>
        (await import('../commands/egress-check.ts')).egressCheckCommand(
          { ...given, ...configOf(command) },
          resolved,
          at,
        ),
      ),
    );
  addSettings(check, [...everyCommand, ...network, 'username', 'passwordStdin', 'registryToken']);
  examples(check, [
    ['egress check', 'this node, by the policy of the working folder'],
    [
      'egress check --registry registry.example.org --root /mnt/node --format json',
      'the files of another, for a script',
    ],
    ['egress check --probe --canary registry.k8s.io/pause:3.10 --canary-with crictl', 'by trying'],
  ]);
}

function configOf(command: Command): { readonly config?: string } {
  const { config } = command.optsWithGlobals<{ config?: string }>();
  return config === undefined ? {} : { config };
}
