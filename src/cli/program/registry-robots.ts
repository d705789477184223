import type { Command } from 'commander';
import { addSettings } from '../config/flags.ts';
import { repeated } from './collect.ts';
import { examples, type Run } from './registrar.ts';
import { type Place, placeOf, withPlace } from './registry-place.ts';
import { everyCommand } from './setting-groups.ts';

/** Accounts for machines. */
export function addRegistryRobots(registry: Command, run: Run): void {
  const robot = registry.command('robot').description('Accounts for machines, with secrets of their own.');
  const load = () => import('../commands/registry-robot.ts');
  const create = withPlace(robot.command('create').argument('<name>'))
    .description('Make an account, and print its secret once.')
    .addOption(repeated('--grant <pattern:actions>', 'such as team/**:pull,push', 'no rights'))
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
