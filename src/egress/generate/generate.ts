import { EgressError } from '../error.ts';
import type { Generated, GenerateInput, Target } from './target.ts';

/** Configuration for a target, read back before anybody gets it. */
export interface VerifiedConfiguration extends Generated {
  readonly target: Target['name'];
}

/**
 * Makes the configuration of a target, and reads it back as its reader will.
 *
 * @throws EgressError EGRESS_POLICY_INCOMPLETE, EGRESS_OUTPUT_INVALID
 */
export async function generateFor(target: Target, input: GenerateInput): Promise<VerifiedConfiguration> {
  const { files, notes } = target.generate(input);
  const why = await target.verify(files, input.policy);
  if (why === undefined) return { target: target.name, files, notes };
  const message = `What was made for ${target.name} does not do what the policy says, and nothing was written: ${why}`;
  throw new EgressError('EGRESS_OUTPUT_INVALID', message);
}
