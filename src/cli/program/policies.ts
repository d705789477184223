import type { Command } from 'commander';
import { addSettings } from '../config/flags.ts';
import { examples, type Run } from './registrar.ts';
import { everyCommand } from './setting-groups.ts';

/** The commands about policies. */
export function addPolicyCommands(program: Command, run: Run): void {
  const policy = program.command('policy').description('Write policies: what must be true of images.');
  const lint = policy
    .command('lint')
    .description('Tell all mistakes of a policy, with their lines; several files make one policy.')
    .argument('<files...>', 'files in the form seaworthy.dev/v1 or seaworthy.dev/v1alpha1')
    .action((files: readonly string[], _given: object, command: Command) =>
      run(command, async (resolved, at) =>
        (await import('../commands/policy-lint.ts')).policyLintCommand(files, resolved, at),
      ),
    );
  addSettings(lint, everyCommand);
  examples(lint, [['policy lint policy.yaml exceptions.yaml', 'before it is used']]);
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
