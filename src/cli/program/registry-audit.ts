import { type Command, Option } from 'commander';
import { addSettings } from '../config/flags.ts';
import { repeated } from './collect.ts';
import { examples, type Run } from './registrar.ts';
import { placeOf, withPlace } from './registry-place.ts';
import { everyCommand } from './setting-groups.ts';

/** The audit trail. */
export function addRegistryAudit(registry: Command, run: Run): void {
  const load = () => import('../commands/registry-audit.ts');
  const audit = withPlace(registry.command('audit'))
    .description('Show who did what, oldest first.')
    .option('--who <name>', 'an account, such as alice or robot:*')
    .option('--image <pattern>', 'a repository, with :TAG or @DIGEST for one image')
    .addOption(repeated('--action <action>', 'pull, push, delete, …, or deny', 'all'))
    .option('--since <time>', 'such as 7d or 2026-01-31')
    .option('--until <time>', 'in the same forms')
    .addOption(
      new Option('-f, --format <form>', 'table, or jsonl with the chain, to be exported').choices(['table', 'jsonl']),
    )
    .action((given: AuditFlags, command: Command) =>
      run(command, async (resolved, at) => {
        const { action, ...rest } = given;
        const asked = action.length === 0 ? rest : { ...rest, action };
        return (await load()).auditCommand({ ...asked, ...placeOf(command) }, resolved, at);
      }),
    );
  addSettings(audit, everyCommand);
  examples(audit, [["registry audit --who robot:ci --image 'team/**' --since 7d", 'what a build did this week']]);
  const verify = audit
    .command('verify')
    .description('Tell whether entries were changed or taken away; print where each chain ends.')
    .option('--heads <file>', 'what an earlier run printed, so that missing newest entries are noticed')
    .action((given: { heads?: string }, command: Command) =>
      run(command, async (resolved, at) =>
        (await load()).auditVerifyCommand({ ...given, ...placeOf(command) }, resolved, at),
      ),
    );
  addSettings(verify, everyCommand);
  examples(verify, [['registry audit verify --heads heads.json', 'against what was kept elsewhere']]);
}

interface AuditFlags {
  readonly who?: string;
  readonly image?: string;
  readonly action: readonly string[];
  readonly since?: string;
  readonly until?: string;
  readonly format?: string;
}
