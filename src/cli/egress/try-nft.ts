import { runProgram } from '../../base/run-program.ts';
import { EgressError } from '../../egress/error.ts';
import type { VerifiedConfiguration } from '../../egress/generate/generate.ts';
import { rulesetPath } from '../../egress/generate/nftables/script.ts';
import type { Host } from '../host.ts';

/**
 * Lets `nft` read the rules, where it is on PATH and may do so.
 *
 * @returns what a person should know, or undefined where there is no such program
 * @throws EgressError EGRESS_OUTPUT_INVALID
 */
export async function tryNft({ files }: VerifiedConfiguration, { env, signal }: Host): Promise<string | undefined> {
  const input = files.find(({ path }) => path === rulesetPath)?.text ?? '';
  const run = { program: 'nft', env, timeoutMs: 20_000, maxOutputBytes: 65_536, signal };
  // Who may not read the rules of the kernel cannot have any tried either.
  const may = await runProgram({ ...run, args: ['list', 'tables'] });
  if (may.kind === 'missing') return undefined;
  if (may.kind !== 'ended' || may.status !== 0)
    return 'nftables: nft is there and could not be asked to try the rules; run it as root';
  const end = await runProgram({ ...run, args: ['-c', '-f', '-'], input });
  if (end.kind === 'ended' && end.status === 0) return undefined;
  throw new EgressError(
    'EGRESS_OUTPUT_INVALID',
    'nft refuses the rules that were made, and nothing was written; tell the makers of this program',
  );
}
