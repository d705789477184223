import { type Command, Option } from 'commander';
import { addSettings } from '../config/flags.ts';
import type { CheckOptions } from '../policy/check-options.ts';
import { repeated } from './collect.ts';
import { addRegistrySwitches, type LooseRegistries, withLooseRegistries } from './cosign-options.ts';
import { addPolicyConvert, addPolicyLint, addPolicyTest } from './policy-tools.ts';
import { examples, type Run } from './registrar.ts';
import { everyCommand, network, reading, registry, storedSboms } from './setting-groups.ts';

interface JudgeFlags extends LooseRegistries {
  readonly policy: readonly string[];
  readonly namespace: string;
  readonly as?: string;
  readonly kyvernoExact?: boolean;
  readonly defaultRegistry?: string;
  readonly exceptionNamespace?: string;
  readonly format: 'table' | 'json';
  readonly output?: string;
}

/** The commands about policies. */
export function addPolicyCommands(program: Command, run: Run): void {
  const policy = program
    .command('policy')
    .description('Write policies and judge by them: what must be true of images.');
  const load = () => import('../commands/policy-check.ts');
  const check = withJudging(
    policy
      .command('check')
      .description('Say whether images may pass; ends with 40 where one is denied, 41 where that cannot be told.')
      .argument('<image...>', 'as for "image"'),
  ).action((images: readonly string[], given: JudgeFlags, command: Command) =>
    run(command, async (resolved, at) =>
      (await load()).policyCheckCommand(images, optionsOf(given), loosened(resolved, given, images), at),
    ),
  );
  addSettings(check, judging);
  examples(check, [
    ['policy check --policy policy.yaml registry.example.com/app@sha256:…', 'before it is deployed'],
    ['policy check --policy kyverno.yaml --namespace shop app:1.4', 'by policies of a cluster'],
    ['policy check --policy policy.yaml --as registry.example.com/app:1.4 docker:app', 'before it is pushed'],
  ]);
  const explain = withJudging(
    policy
      .command('explain')
      .description('Tell of each rule what was looked at, what it made of that, and what would change it.')
      .argument('<image>', 'as for "image"'),
  ).action((image: string, given: JudgeFlags, command: Command) =>
    run(command, async (resolved, at) =>
      (await load()).policyExplainCommand(image, optionsOf(given), loosened(resolved, given, [image]), at),
    ),
  );
  addSettings(explain, judging);
  examples(explain, [['policy explain --policy policy.yaml registry.example.com/app:1.4', 'why it does not pass']]);
  addPolicyLint(policy, run);
  addPolicyTest(policy, run);
  addPolicyConvert(policy, run);
  const schema = policy
    .command('schema')
    .description('Print the JSON Schema of policies, for editors.')
    .argument('[kind]', 'ImagePolicy or Policy', 'ImagePolicy')
    .action((kind: string, _given: object, command: Command) =>
      run(command, async (_resolved, at) =>
        (await import('../commands/policy-schema.ts')).policySchemaCommand(kind, at),
      ),
    );
  addSettings(schema, everyCommand);
  examples(schema, [['policy schema ImagePolicy', 'of policies in the form seaworthy.dev/v1']]);
}

const judging = [
  'platform',
  'dbMaxAge',
  'trustedRoot',
  'tufMirror',
  'tufRoot',
  'insecureIgnoreTlog',
  'useSignedTimestamps',
  ...reading,
  ...storedSboms,
  ...everyCommand,
  ...network,
  ...registry,
] as const;

function withJudging(command: Command): Command {
  return addRegistrySwitches(command)
    .addOption(
      repeated('--policy <file>', 'policies of any kind, a folder with such files, or - for standard input', 'none'),
    )
    .option('--namespace <name>', 'of the Pod that policies about objects are asked about', 'default')
    .option('--as <reference>', 'what an image that is in no registry is called')
    .option('--kyverno-exact', 'read policies of Kyverno as Kyverno does, where that is laxer')
    .option('--default-registry <host>', 'the registry of names without one')
    .option('--exception-namespace <name>', "whose exceptions from Kyverno's policies count (default: none)")
    .addOption(new Option('-f, --format <form>', 'table, or json').choices(['table', 'json']).default('table'))
    .option('-o, --output <file>', 'where the report goes');
}

function optionsOf({ policy, kyvernoExact = false, ...given }: JudgeFlags): CheckOptions {
  return { ...given, policies: policy, kyvernoExact };
}

/** Of images at other sources, no registry is loosened. */
function loosened(
  resolved: Parameters<typeof withLooseRegistries>[0],
  given: JudgeFlags,
  names: readonly string[],
): ReturnType<typeof withLooseRegistries> {
  const sources = names.filter((name) => !/^(?:docker|podman|docker-archive|oci-archive|oci-dir|dir):/.test(name));
  return withLooseRegistries(
    resolved,
    given,
    sources.map((name) => name.replace(/^registry:/, '')),
  );
}
