import type { Command } from 'commander';
import { youngGenerationFlag } from '../../registry/young-generation.ts';
import { addSettings } from '../config/flags.ts';
import { examples, type Run } from './registrar.ts';
import { type Place, placeOf, withPlace } from './registry-place.ts';
import { everyCommand, network } from './setting-groups.ts';

/** The registry itself, and the check of its settings file. */
export function addRegistryServing(registry: Command, run: Run): void {
  const serve = withPlace(registry.command('serve'))
    .description(
      'Serve images: on loopback and for everybody on this machine, unless the settings file says otherwise.',
    )
    .option('--listen <host:port>', 'where to listen (default: 127.0.0.1:5000)')
    .action((given: Place & { listen?: string }, command: Command) =>
      run(
        command,
        async (resolved, at) =>
          (await import('../commands/registry-serve.ts')).registryServeCommand(
            { ...given, ...placeOf(command) },
            resolved,
            at,
          ),
        youngGenerationFlag,
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
