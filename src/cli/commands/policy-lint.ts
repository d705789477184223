import { formatTime } from '../../base/time-text.ts';
import { compilePolicy } from '../../policy/compile.ts';
import { keyReferencesOf, withKeyFiles } from '../../policy/key-files.ts';
import type { Policy } from '../../policy/model.ts';
import { readPolicy } from '../../policy/seaworthy/read-policy.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { mistakeLines, readPolicyFiles, readSignerKeys } from '../policy/policy-files.ts';

/** `policy lint FILES…`: tells all mistakes of a policy, and of the keys that it names, with their lines. */
export async function policyLintCommand(
  files: readonly string[],
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  const { sources, unreadable } = await readPolicyFiles(files, host);
  if (unreadable.length > 0) return await tell(unreadable, host);
  const reading = await readPolicy(sources);
  if (reading.mistakes !== undefined) return await tell(mistakeLines(reading.mistakes), host);
  const { texts, mistakes } = await readSignerKeys(reading);
  if (mistakes.length > 0) return await tell(mistakeLines(mistakes), host);
  const { hash } = compilePolicy(withKeyFiles(reading.policy, texts));
  if (!settings.quiet) await host.stdout.write(describe(reading.policy, hash, host.now().getTime()));
  return exitCode.ok;
}

async function tell(lines: readonly string[], { stderr }: Host): Promise<number> {
  await stderr.write(lines.map((line) => `${line}\n`).join(''));
  return exitCode.error;
}

function describe({ rules, signers, exceptions }: Policy, hash: string, now: number): string {
  const ended = exceptions.filter(({ until }) => until <= now);
  return [
    `The policy is good: ${count(rules.length, 'rule')}, ${count(signers.length, 'signer')}, ${count(exceptions.length, 'exception')}`,
    `Its hash is ${hash}`,
    ...keyReferencesOf({ signers }).map(
      (reference) =>
        `The key ${cleanText(reference)} is looked up where the policy is used, and its hash is another there`,
    ),
    ...(rules.length === 0 ? ['It has no rule, so that every image passes'] : []),
    ...ended.map(
      ({ name, owner, until }) =>
        `The exception "${name}" of ${cleanText(owner)} ended on ${formatTime(until)}; remove it, or give it another end`,
    ),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
