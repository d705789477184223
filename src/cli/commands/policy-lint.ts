import { resolve } from 'node:path';
import { readCappedFile } from '../../base/capped-file.ts';
import { errorMessage, isSeaworthyError } from '../../base/error.ts';
import { formatTime } from '../../base/time-text.ts';
import { yamlLimits } from '../../codec/yaml/limits.ts';
import { formatMistake } from '../../codec/yaml/mistake.ts';
import { compilePolicy } from '../../policy/compile.ts';
import { keyReferencesOf, withKeyFiles } from '../../policy/key-files.ts';
import { policyLimits } from '../../policy/limits.ts';
import type { Policy } from '../../policy/model.ts';
import {
  type PolicyMistake,
  type PolicyReading,
  type PolicySource,
  readPolicy,
} from '../../policy/seaworthy/read-policy.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import { parsePublicKey } from '../../signing/key/parse-public-key.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';

/** `policy lint FILES…`: tells all mistakes of a policy, and of the keys that it names, with their lines. */
export async function policyLintCommand(
  files: readonly string[],
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  const unreadable: string[] = [];
  const sources: PolicySource[] = [];
  for (const file of new Set(files.map((name) => resolve(host.cwd, name)))) {
    const text = await read(file, yamlLimits.characters);
    if (typeof text === 'string') sources.push({ file, text });
    else unreadable.push(`${cleanText(file)}: The file ${text.why}\n`);
  }
  if (unreadable.length > 0) {
    await host.stderr.write(unreadable.join(''));
    return exitCode.error;
  }
  const reading = await readPolicy(sources);
  if (reading.mistakes !== undefined) return await tell(reading.mistakes, host);
  const { texts, mistakes } = await readKeys(reading);
  if (mistakes.length > 0) return await tell(mistakes, host);
  const { hash } = compilePolicy(withKeyFiles(reading.policy, texts));
  if (!settings.quiet) await host.stdout.write(describe(reading.policy, hash, host.now().getTime()));
  return exitCode.ok;
}

async function tell(mistakes: readonly PolicyMistake[], { stderr }: Host): Promise<number> {
  await stderr.write(mistakes.map((each) => `${cleanText(formatMistake(each.file, each))}\n`).join(''));
  return exitCode.error;
}

/** Why a file has no text. */
const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  EISDIR: 'is a folder; name a file in it',
  EACCES: 'may not be read by you',
};

/** The text of a file, or why there is none, to complete a sentence. */
async function read(file: string, most: number): Promise<string | { readonly why: string }> {
  try {
    const bytes = await readCappedFile(file, most);
    return bytes === undefined ? { why: `has more than ${most} bytes` } : bytes.toString('utf8');
  } catch (error) {
    const { code = 'it failed' } = error as NodeJS.ErrnoException;
    return { why: reasons[code] ?? `cannot be read (${code})` };
  }
}

async function readKeys({ policy, mistakeAt }: Extract<PolicyReading, { mistakes?: undefined }>): Promise<{
  readonly texts: ReadonlyMap<string, string>;
  readonly mistakes: readonly PolicyMistake[];
}> {
  const texts = new Map<string, string>();
  const mistakes: PolicyMistake[] = [];
  for (const [signer, { keys }] of policy.signers.entries()) {
    for (const [index, key] of keys.entries()) {
      if (!('file' in key)) continue;
      const text = await read(key.file, policyLimits.key);
      const why = typeof text === 'string' ? whyNoKey(text) : text.why;
      if (why !== undefined) {
        mistakes.push(mistakeAt(['signers', signer, 'keys', index, 'file'], `names ${key.file}, which ${why}`));
      } else if (typeof text === 'string') texts.set(key.file, text);
    }
  }
  return { texts, mistakes };
}

function whyNoKey(text: string): string | undefined {
  try {
    parsePublicKey(text);
    return undefined;
  } catch (error) {
    if (!isSeaworthyError(error)) throw error;
    return `is no key that can be used: ${errorMessage(error)}`;
  }
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
