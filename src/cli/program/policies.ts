import { type Command, Option } from 'commander';
import { addSettings } from '../config/flags.ts';
import type { CheckOptions } from '../policy/check-options.ts';
import { repeated } from './collect.ts';
import { addRegistrySwitches, type LooseRegistries, withLooseRegistries } from './cosign-options.ts';
import { examples, type Run } from './registrar.ts';
import type { PolicyTestOptions } from '../commands/policy-test.ts';
import { everyCommand, network, registryOnly } from './setting-groups.ts';

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
  const lint = policy
    .command('lint')
    .description('Tell all mistakes of a policy, with their lines; several files make one policy.')
    .argument('<files...>', 'files in the form seaworthy.dev/v1 or seaworthy.dev/v1alpha1')
    .action((files: readonly string[], _given: object, command: Command) =>
      run(command, async (resolved, at) =>
        (await import('../commands/policy-lint.ts')).policyLintCommand(files, resolved, at),
      ),
    );
  addSettings(check, everyCommand);
  examples(check, [['policy check policy.yaml exceptions.yaml', 'before it is used']]);
  addTest(policy, run);
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

function addTest(policy: Command, run: Run): void {
  const test = policy
    .command('test')
    .description('Run suites of tests of policies, kyverno-test.yaml and seaworthy-test.yaml, without a cluster.')
    .argument('[paths...]', 'folders that are looked through, or suites', ['.'])
    .option('--format <format>', 'table, json or junit', 'table')
    .option('--fail-only', 'show only tests that fail')
    .option('-t, --test-case-selector <tests>', 'only these: policy=NAME, rule=NAME, resource=NAME; patterns')
    .option('--registry', 'look up images of which a suite says nothing')
    .option('--kyverno-exact', 'read policies of Kyverno exactly as Kyverno does')
    .action((paths: readonly string[], options: PolicyTestOptions, command: Command) =>
      run(command, async (resolved, at) =>
        (await import('../commands/policy-test.ts')).policyTestCommand(paths, options, resolved, at),
      ),
    );
  addSettings(test, [...everyCommand, ...network, ...registryOnly, 'trustedRoot', 'tufMirror', 'tufRoot']);
  examples(test, [
    ['policy test policies', 'all suites in a folder'],
    ['policy test --registry --fail-only', 'with the images that registries have'],
  ]);
}
