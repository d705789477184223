import type { Command } from 'commander';
import { repeated } from './collect.ts';

/**
 * Adds what servers of a cluster may be told of registries: credentials, rates, and which are asked.
 *
 * @param denied what `--deny-registry` names
 */
export function addRegistryOptions(command: Command, denied: string): Command {
  return command
    .addOption(repeated('--pull-secret <namespace/name>', 'a Secret whose credentials count for all images', 'none'))
    .addOption(
      repeated('--provider <name>', 'amazon, google or azure: a cloud whose credentials count for all images', 'none'),
    )
    .addOption(
      repeated('--registry-rate <[host=]number>', 'requests a second to a registry, or to each, at most', 'no limit'),
    )
    .addOption(
      repeated(
        '--allow-registry <host[:port]>',
        'a registry that is asked wherever it is, * for any characters',
        'none',
      ),
    )
    .addOption(repeated('--deny-registry <host[:port]>', denied, 'none'))
    .addOption(
      repeated(
        '--refuse-network <cidr>',
        'a network in which no registry is asked',
        'this machine, its links, metadata',
      ),
    );
}
