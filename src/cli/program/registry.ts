import type { Command } from 'commander';
import { addSettings } from '../config/flags.ts';
import { collect } from './collect.ts';
import { examples, type Run } from './registrar.ts';
import { everyCommand, network, registryOnly } from './setting-groups.ts';

/** The commands about a registry of one's own. */
export function addRegistryCommands(program: Command, run: Run): void {
  const registry = program.command('registry').description('Run an OCI registry of your own, and look after it.');
  addServing(registry, run);
  addTransfers(registry, run);
  addRobots(registry, run);
  addAudit(registry, run);
  const gc = withPlace(registry.command('gc'))
    .description('Remove what nothing names any more; the registry may be serving meanwhile.')
    .option('--dry-run', 'tell what would go, and change nothing')
    .action((given: Place & { dryRun?: true }, command: Command) =>
      run(command, async (resolved, at) =>
        (await import('../commands/registry-gc.ts')).registryGcCommand(
          { ...placeOf(command), dryRun: given.dryRun === true },
          resolved,
          at,
        ),
      ),
    );
  addSettings(gc, [...everyCommand, ...network]);
  examples(gc, [['registry gc --dry-run', 'how much would be freed']]);
  const retention = registry.command('retention').description('Look at what rules about age would remove.');
  const preview = withPlace(retention.command('preview'))
    .description('Show what the rules would remove, which of them says so, and why; change nothing.')
    .option('--all', 'also what stays, and why')
    .option('-o, --output <form>', 'table, or json for one object a line')
    .action((given: Place & { all?: true; output?: string }, command: Command) =>
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
}

function addServing(registry: Command, run: Run): void {
  const serve = withPlace(registry.command('serve'))
    .description(
      'Serve images: on loopback and for everybody on this machine, unless the settings file says otherwise.',
    )
    .option('--listen <host:port>', 'where to listen (default: 127.0.0.1:5000)')
    .action((given: Place & { listen?: string }, command: Command) =>
      run(command, async (resolved, at) =>
        (await import('../commands/registry-serve.ts')).registryServeCommand(
          { ...given, ...placeOf(command) },
          resolved,
          at,
        ),
      ),
    );
  addSettings(serve, [...everyCommand, ...network]);
  examples(serve, [
    ['registry serve', 'then: docker push localhost:5000/app:1.4'],
    ['registry serve --config seaworthy.yaml', 'with TLS, users and rules'],
  ]);
  const check = withPlace(registry.command('check-config'))
    .description('Tell all mistakes of a settings file, with their lines.')
    .option('--listen <host:port>', 'where it would listen')
    .action((given: Place & { listen?: string }, command: Command) =>
      run(command, async (resolved, at) =>
        (await import('../commands/registry-check-config.ts')).registryCheckConfigCommand(
          { ...given, ...placeOf(command) },
          resolved,
          at,
        ),
      ),
    );
  addSettings(check, everyCommand);
  examples(check, [['registry check-config --config seaworthy.yaml', 'before a restart']]);
}

function addTransfers(registry: Command, run: Run): void {
  const take = withPlace(registry.command('import').argument('<folder>'))
    .description('Take over an OCI layout, a folder of them, or the storage of another registry.')
    .option('--repository <name>', 'the name for a single layout')
    .option('--prefix <text>', 'put before each name')
    .action((folder: string, given: Place & { repository?: string; prefix?: string }, command: Command) =>
      run(command, async (resolved, at) =>
        (await import('../commands/registry-import.ts')).registryImportCommand(
          folder,
          { ...given, ...placeOf(command) },
          resolved,
          at,
        ),
      ),
    );
  addSettings(take, [...everyCommand, ...network]);
  examples(take, [
    ['registry import /var/lib/registry', 'what docker-registry kept'],
    ['registry import ./layout --repository team/app', 'what skopeo or "seaworthy save" wrote'],
  ]);
  const sync = registry
    .command('sync')
    .argument('<from>', 'host of a registry')
    .argument('<to>', 'host of another')
    .description('Bring images with all that is attached to them from one registry to another.')
    .option('--repository <pattern>', 'only these; may be repeated', collect, [])
    .option('--tag <pattern>', 'only these; may be repeated', collect, [])
    .option('--prefix <text>', 'put before each name')
    .option('--force', 'move tags that name something else there')
    .action((from: string, to: string, given: SyncFlags, command: Command) =>
      run(command, async (resolved, at) =>
        (await import('../commands/registry-sync.ts')).registrySyncCommand(
          from,
          to,
          { ...given, force: given.force === true },
          resolved,
          at,
        ),
      ),
    );
  addSettings(sync, [...everyCommand, ...network, ...registryOnly]);
  examples(sync, [["registry sync old.example.com new.example.com --repository 'team/**'", 'signatures come along']]);
}

interface SyncFlags {
  readonly repository: readonly string[];
  readonly tag: readonly string[];
  readonly prefix?: string;
  readonly force?: true;
}

function addRobots(registry: Command, run: Run): void {
  const robot = registry.command('robot').description('Accounts for machines, with secrets of their own.');
  const load = () => import('../commands/registry-robot.ts');
  const create = withPlace(robot.command('create').argument('<name>'))
    .description('Make an account, and print its secret once.')
    .option('--grant <pattern:actions>', 'such as team/**:pull,push; may be repeated', collect, [])
    .option('--expires <time>', 'after which it ends, such as 90d')
    .option('--description <text>', 'what it is for')
    .action((name: string, given: Place & { grant: readonly string[]; expires?: string }, command: Command) =>
      run(command, async (resolved, at) =>
        (await load()).robotCreateCommand(name, { ...given, ...placeOf(command) }, resolved, at),
      ),
    );
  const rotate = withPlace(robot.command('rotate').argument('<name>'))
    .description('Give an account another secret.')
    .option('--overlap <time>', 'for which the old one counts as well')
    .action((name: string, given: Place & { overlap?: string }, command: Command) =>
      run(command, async (resolved, at) =>
        (await load()).robotRotateCommand(name, { ...given, ...placeOf(command) }, resolved, at),
      ),
    );
  const revoke = withPlace(robot.command('revoke').argument('<name>'))
    .description('End an account.')
    .action((name: string, _given: Place, command: Command) =>
      run(command, async (resolved, at) => (await load()).robotRevokeCommand(name, placeOf(command), resolved, at)),
    );
  const list = withPlace(robot.command('list'))
    .description('Show accounts.')
    .action((_given: Place, command: Command) =>
      run(command, async (resolved, at) => (await load()).robotListCommand(placeOf(command), resolved, at)),
    );
  for (const command of [create, rotate, revoke, list]) addSettings(command, everyCommand);
  examples(create, [["registry robot create ci --grant 'team/**:pull,push' --expires 90d", 'prints the secret']]);
}

function addAudit(registry: Command, run: Run): void {
  const load = () => import('../commands/registry-audit.ts');
  const audit = withPlace(registry.command('audit'))
    .description('Show who did what, oldest first.')
    .option('--who <name>', 'an account, such as alice or robot:*')
    .option('--image <pattern>', 'a repository, with :TAG or @DIGEST for one image')
    .option('--action <action>', 'pull, push, delete, …, or deny; may be repeated', collect, [])
    .option('--since <time>', 'such as 7d or 2026-01-31')
    .option('--until <time>', 'in the same forms')
    .option('-o, --output <form>', 'table, or jsonl with the chain, to be exported')
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
  readonly output?: string;
}

interface Place {
  readonly data?: string;
}

/** Where the registry is that a command is about. */
function withPlace(command: Command): Command {
  return command.option('--data <folder>', 'where the registry keeps everything');
}

/** The settings file is named by a flag that all commands have. */
function placeOf(command: Command): { readonly config?: string; readonly data?: string } {
  const { config, data } = command.optsWithGlobals<{ config?: string; data?: string }>();
  return { ...(config === undefined ? {} : { config }), ...(data === undefined ? {} : { data }) };
}
