import type { Command } from 'commander';
import type { Run } from './registrar.ts';
import { addRegistryAudit } from './registry-audit.ts';
import { addRegistryBackups } from './registry-backups.ts';
import { addRegistryRetention } from './registry-retention.ts';
import { addRegistryRobots } from './registry-robots.ts';
import { addRegistryServing } from './registry-serving.ts';
import { addRegistryTransfers } from './registry-transfers.ts';
import { addRegistryUpkeep } from './registry-upkeep.ts';

/** The commands about a registry of one's own. */
export function addRegistryCommands(program: Command, run: Run): void {
  const registry = program.command('registry').description('Run an OCI registry of your own, and look after it.');
  addRegistryServing(registry, run);
  addRegistryTransfers(registry, run);
  addRegistryBackups(registry, run);
  addRegistryRobots(registry, run);
  addRegistryAudit(registry, run);
  addRegistryUpkeep(registry, run);
  addRegistryRetention(registry, run);
}
