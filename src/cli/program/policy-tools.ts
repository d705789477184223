import { type Command, Option } from 'commander';
import type { PolicyConvertOptions } from '../commands/policy-convert.ts';
import type { PolicyLintOptions } from '../commands/policy-lint.ts';
import type { PolicyTestOptions } from '../commands/policy-test.ts';
import { addSettings } from '../config/flags.ts';
import { examples, type Run } from './registrar.ts';
import { everyCommand, network, registryOnly } from './setting-groups.ts';

/** What looks at policies themselves. */
export function addPolicyLint(policy: Command, run: Run): void {
  const lint = policy
    .command('lint')
    .description('Tell all mistakes of policies, with their lines, and what they say and hardly mean.')
    .argument(
      '<files...>',
      'policies of any kind; folders; - for standard input; those in the form seaworthy.dev/v1alpha1 make one',
    )
    .addOption(
      new Option('-f, --format <form>', 'text, json or sarif').choices(['text', 'json', 'sarif']).default('text'),
    )
    .addOption(
      new Option('--fail-level <level>', 'end with 1 where something so bad is found')
        .choices(['error', 'warning', 'note', 'none'])
        .default('error'),
    )
    .action((files: readonly string[], options: PolicyLintOptions, command: Command) =>
      run(command, async (resolved, at) =>
        (await import('../commands/policy-lint.ts')).policyLintCommand(files, options, resolved, at),
      ),
    );
  addSettings(lint, everyCommand);
  examples(lint, [
    ['policy lint policy.yaml exceptions.yaml', 'before it is used'],
    ['policy lint policies kyverno.yaml', 'all in a folder and the folders in it, and a file'],
    ['policy lint - < policies.yaml', 'as kubectl get clusterpolicies -o yaml gives them'],
    ['policy lint --fail-level warning --format sarif kyverno.yaml', 'in a pipeline'],
  ]);
}

/** What runs suites of tests. */
export function addPolicyTest(policy: Command, run: Run): void {
  const test = policy
    .command('test')
    .description('Run suites of tests of policies, kyverno-test.yaml and seaworthy-test.yaml, without a cluster.')
    .argument('[paths...]', 'folders that are looked through, or suites', ['.'])
    .addOption(
      new Option('-f, --format <form>', 'table, json or junit').choices(['table', 'json', 'junit']).default('table'),
    )
    .option('--fail-only', 'show only tests that fail')
    .option('-t, --test-case-selector <tests>', 'only these: policy=NAME, rule=NAME, resource=NAME; patterns')
    .option('--registry', 'look up images of which a suite says nothing')
    .option('--kyverno-exact', 'read policies of Kyverno as Kyverno does, where that is laxer')
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

/** What brings policies of other forms. */
export function addPolicyConvert(policy: Command, run: Run): void {
  const convert = policy
    .command('convert')
    .description(
      'Write policies of other forms as an ImagePolicy, and tell what that cannot say; ends with 42 where that was not all.',
    )
    .argument(
      '<files...>',
      "Kyverno's or policy-controller's policies, or ours of v1alpha1; folders; - for standard input",
    )
    .addOption(
      new Option('-f, --format <form>', 'yaml, or json for one object a line')
        .choices(['yaml', 'json'])
        .default('yaml'),
    )
    .option(
      '--partial',
      'also write what can be said of policies that cannot be said wholly, with a comment that says what is missing',
    )
    .option('--output-dir <folder>', 'a file for each policy, in place of standard output')
    .option('--overwrite', 'write over files that are in the folder')
    .option('--exception-owner <who>', 'who answers for PolicyExceptions, which do not say so')
    .option('--exception-reason <text>', 'why they are there')
    .option('--exception-until <time>', 'when they end: a day, at whose beginning in UTC they do, or a time')
    .action((files: readonly string[], options: PolicyConvertOptions, command: Command) =>
      run(command, async (resolved, at) =>
        (await import('../commands/policy-convert.ts')).policyConvertCommand(files, options, resolved, at),
      ),
    );
  addSettings(convert, everyCommand);
  examples(convert, [
    ['policy convert kyverno-policies > policies.yaml', 'all policies in a folder'],
    ['policy convert --partial --output-dir policies cluster-policy.yaml', 'what can be said, a file for each'],
    [
      "policy convert --exception-owner team@example.com --exception-reason 'until it is signed' --exception-until 2027-03-01 kyverno",
      'with exceptions',
    ],
    ['policy convert - < policy.yaml', 'as kubectl get clusterpolicy NAME -o yaml gives it'],
  ]);
}
