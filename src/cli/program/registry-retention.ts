import { type Command, Option } from 'commander';
import { addSettings } from '../config/flags.ts';
import { repeated } from './collect.ts';
import { examples, type Run } from './registrar.ts';
import { type Place, placeOf, withPlace } from './registry-place.ts';
import { everyCommand, network } from './setting-groups.ts';

/** Rules about age. */
export function addRegistryRetention(registry: Command, run: Run): void {
  const retention = registry
    .command('retention')
    .description('Look at what rules about age would remove, or bring such rules from another registry.');
  const preview = withPlace(retention.command('preview'))
    .description('Show what the rules would remove, which of them says so, and why; change nothing.')
    .option('--all', 'also what stays, and why')
    .addOption(new Option('-f, --format <form>', 'table, or json for one object a line').choices(['table', 'json']))
    .action((given: Place & { all?: true; format?: string }, command: Command) =>
      run(command, async (resolved, at) =>
        (await import('../commands/registry-retention.ts')).retentionPreviewCommand(
          { ...given, ...placeOf(command), all: given.all === true },
          resolved,
          at,
        ),
      ),
    );
  addSettings(preview, [...everyCommand, ...network]);
  examples(preview, [['registry retention preview --config seaworthy.yaml', 'before the rules are switched on']]);
  const take = retention
    .command('import')
    .argument('<file>', 'what the API of the other registry gave, in JSON; - for standard input')
    .description('Write rules of another registry as settings, and tell what they cannot say.')
    .requiredOption('--from <registry>', 'ecr or harbor')
    .addOption(repeated('--repository <pattern>', 'ECR: what the rules are about', 'what the file names'))
    .option('--project <name>', 'Harbor: the project, which its files name by a number alone')
    .action(
      (file: string, given: { from: string; repository: readonly string[]; project?: string }, command: Command) =>
        run(command, async (resolved, at) =>
          (await import('../commands/registry-retention-import.ts')).retentionImportCommand(file, given, resolved, at),
        ),
    );
  addSettings(take, everyCommand);
  examples(take, [
    ["registry retention import lifecycle.json --from ecr --repository 'team/**'", 'what get-lifecycle-policy gave'],
    ['registry retention import retention.json --from harbor --project team', 'ends with 21 when something was lost'],
  ]);
}
