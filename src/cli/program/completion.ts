import { Argument, type Command } from 'commander';
import { addSettings } from '../config/flags.ts';
import type { Shell } from '../completion/shells.ts';
import { examples, type Run } from './registrar.ts';

/** The command that makes shells complete all others. */
export function addCompletionCommand(program: Command, run: Run): void {
  const completion = program
    .command('completion')
    .description('Print a script that makes a shell complete commands, flags and values.')
    // The names stand here too, so that no script is made to show help; a test compares them.
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .action((shell: Shell, _options: unknown, command: Command) =>
      run(command, async (_resolved, at) =>
        (await import('../commands/completion.ts')).completionCommand(shell, program, at),
      ),
    );
  addSettings(completion, []);
  examples(completion, [
    [
      'completion bash > /etc/bash_completion.d/seaworthy',
      'for everybody; for one shell: source <(seaworthy completion bash)',
    ],
    ['completion zsh > "${fpath[1]}/_seaworthy"', 'read by the next zsh'],
    ['completion fish > ~/.config/fish/completions/seaworthy.fish', 'read when it is first needed'],
  ]);
}
