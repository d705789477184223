import type { Command } from 'commander';
import { addSettings } from '../config/flags.ts';
import { examples, type Run } from './registrar.ts';
import { everyCommand, network } from './setting-groups.ts';

/** The commands of the vulnerability database. */
export function addDatabaseCommands(program: Command, run: Run): void {
  const db = program.command('db').description('Build, update and inspect the vulnerability database.');
  const load = () => import('../commands/db.ts');
  examples(db, [
    ['db update', 'fetch what changed'],
    ['db build --from ./osv', 'from a folder, without network'],
  ]);
  const build = db
    .command('build')
    .description('Build the database anew from a folder or URL in the layout of the OSV bucket.')
    .option('--from <dir-or-url>', 'where <ecosystem>/all.zip lie')
    .action((options: { from?: string }, command: Command) =>
      run(command, async (resolved, at) => (await load()).buildCommand(options.from, resolved.settings, at)),
    );
  addSettings(build, ['dbSource', ...everyCommand, ...network]);
  examples(build, [
    ['db build --from ./osv', 'from a folder, without network'],
    ['db build --from https://mirror.example.com/osv', 'from a mirror'],
  ]);
  const update = db
    .command('update')
    .description('Fetch what changed since the last time.')
    .action((_options: unknown, command: Command) =>
      run(command, async (resolved, at) => (await load()).updateCommand(resolved.settings, at)),
    );
  addSettings(update, ['dbSource', ...everyCommand, ...network]);
  examples(update, [['db update', 'from the source that the settings name']]);
  const status = db
    .command('status')
    .description('Say how old the database is and what it holds.')
    .option('--verify', 'check every file against its digest')
    .option('--json', 'as JSON')
    .action((options: { verify?: boolean; json?: boolean }, command: Command) =>
      run(command, async (resolved, at) =>
        (await load()).statusCommand(
          { verify: options.verify === true, json: options.json === true },
          resolved.settings,
          at,
        ),
      ),
    );
  addSettings(status, ['dbMaxAge', ...everyCommand]);
  examples(status, [
    ['db status', 'how old it is'],
    ['db status --verify --json', 'whether it is whole, for a program'],
  ]);
  const path = db
    .command('path')
    .description('Print the folder of the database.')
    .action((_options: unknown, command: Command) =>
      run(command, async (resolved, at) => (await load()).pathCommand(resolved.settings, at)),
    );
  addSettings(path, ['cacheDir']);
  examples(path, [['db path', 'to copy it to a machine without network']]);
}
