import { type Command, Option } from 'commander';
import { addSettings } from '../config/flags.ts';
import { scannerSwitches } from '../trivy-flags.ts';
import { examples, type Run } from './registrar.ts';
import { everyCommand } from './setting-groups.ts';

/** What configuration has wrong. */
export function addConfigCommand(program: Command, run: Run): void {
  const config = program
    .command('config')
    .argument('<path...>', 'files, and folders in which Dockerfiles and manifests are looked for')
    .description('Find what is wrong in configuration: in Dockerfiles and manifests of Kubernetes.')
    .action((paths: string[], _options: unknown, command: Command) =>
      run(command, async (resolved, at) => (await import('../commands/config.ts')).configCommand(paths, resolved, at)),
    );
  addSettings(config, [
    'severity',
    'ignorefile',
    'misconfigScanners',
    'skipCheck',
    'includeNonFailures',
    'format',
    'output',
    'exitCode',
    'failOn',
    'skipDirs',
    'skipFiles',
    'timeout',
    ...everyCommand,
    // It opens no connection anyway; pipelines may give the switch to every command alike.
    'offline',
  ]);
  for (const flag of scannerSwitches.keys()) config.addOption(new Option(flag).hideHelp());
  const format = config.options.find(({ long }) => long === '--format');
  // The setting knows bills of materials as well, which tell nothing of configuration.
  if (format !== undefined) format.description = 'how the report looks: table, json or sarif';
  examples(config, [
    ['config .', 'all Dockerfiles and manifests below the working folder'],
    ['config Dockerfile --severity HIGH,CRITICAL', 'one file, the worst only'],
    ['config deploy --misconfig-scanners kubernetes', 'manifests alone'],
    ['config . --fail-on HIGH -o table -o sarif=config.sarif', 'in a pipeline: two reports; fail on HIGH and CRITICAL'],
    ['config . --skip-check DS-0026 --skip-dirs vendor', 'without one check, and without a folder'],
  ]);
}
