import type { Command } from 'commander';
import { addSettings } from '../config/flags.ts';
import { examples, type Run } from './registrar.ts';
import { everyCommand, network, registryOnly } from './setting-groups.ts';

/** Which stored images are hit. */
export function addTriageCommand(program: Command, run: Run): void {
  const triage = program
    .command('triage')
    .argument('<query>', 'an id such as CVE-2021-44228, or PACKAGE@RANGE')
    .description('Tell which images of a registry have a flaw, or versions of a package.')
    .requiredOption('--registry <host>', 'a registry that scans its images')
    .action((query: string, { registry }: { registry: string }, command: Command) =>
      run(command, async (resolved, at) =>
        (await import('../commands/triage.ts')).triageCommand(query, registry, resolved, at),
      ),
    );
  addSettings(triage, [...everyCommand, ...network, ...registryOnly]);
  examples(triage, [
    ['triage CVE-2021-44228 --registry registry.example.org', 'who runs log4j?'],
    ["triage 'lodash@<4.17.21' --registry registry.example.org", 'by name'],
    ["triage 'pkg:deb/debian/openssl@<3.0.15-1~deb12u1' --registry registry.example.org", 'by purl'],
  ]);
}
