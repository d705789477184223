import { type ProgramEnd, runProgram as run } from '../base/run-program.ts';
import type { CloudDeps } from './cloud-deps.ts';
import { CloudError } from './error.ts';
import { cloudLimits } from './limits.ts';

const failures: Readonly<Record<Exclude<ProgramEnd['kind'], 'ended'>, string>> = {
  missing: 'is not installed; put it on PATH',
  unstartable: 'cannot be started',
  timeout: 'did not answer in time',
  flood: 'printed far too much',
};

/** Runs a program of this machine that knows credentials, without a shell. @throws CloudError CREDENTIALS_INVALID, or the signal's reason */
export const runCredentialProgram: NonNullable<CloudDeps['exec']> = async (asked) => {
  const limits = { timeoutMs: cloudLimits.programTime, maxOutputBytes: cloudLimits.outputBytes };
  const end = await run({ ...asked, ...limits });
  if (end.kind !== 'ended') throw invalid(asked.program, failures[end.kind]);
  const { status, output } = end;
  if (status === null) throw invalid(asked.program, 'was ended by a signal');
  return { status, output };
};

function invalid(program: string, why: string): CloudError {
  return new CloudError('CREDENTIALS_INVALID', `The program ${program} ${why}`);
}
