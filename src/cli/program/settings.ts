import type { Command } from 'commander';
import { addSettings } from '../config/flags.ts';
import { settingKeys } from '../config/table.ts';
import { examples, type Run } from './registrar.ts';

/** The command that tells what is set. */
export function addSettingsCommand(program: Command, run: Run): void {
  const settings = program
    .command('settings')
    .description('Print each setting and where its value comes from.')
    .option('--json', 'as JSON')
    .action((options: { json?: boolean }, command: Command) =>
      run(command, async (resolved, at) =>
        (await import('../commands/settings.ts')).settingsCommand(options.json === true, resolved, at),
      ),
    );
  addSettings(settings, settingKeys);
  examples(settings, [
    ['settings', 'what holds in this folder'],
    ['settings --fail-on HIGH', 'and what a flag would change'],
  ]);
}
