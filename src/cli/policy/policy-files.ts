import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { errorMessage, isSeaworthyError } from '../../base/error.ts';
import { yamlLimits } from '../../codec/yaml/limits.ts';
import { formatMistake } from '../../codec/yaml/mistake.ts';
import { policyLimits } from '../../policy/limits.ts';
import type { PolicyMistake, PolicyReading, PolicySource } from '../../policy/seaworthy/read-policy.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import { parsePublicKey } from '../../signing/key/parse-public-key.ts';
import type { Host } from '../host.ts';
import { readText } from './read-text.ts';

/**
 * Reads files with policies, each once, and those in folders.
 *
 * @returns sentences about files that cannot be read, one a line, or the texts
 */
export async function readPolicyFiles(
  files: readonly string[],
  { cwd }: Pick<Host, 'cwd'>,
): Promise<{ readonly sources: readonly PolicySource[]; readonly unreadable: readonly string[] }> {
  const unreadable: string[] = [];
  const sources: PolicySource[] = [];
  for (const file of new Set((await Promise.all(files.map((name) => filesAt(resolve(cwd, name))))).flat())) {
    const text = await readText(file, yamlLimits.characters);
    if (text === '') unreadable.push(`${cleanText(file)}: The file is empty; write a policy into it, or leave it out`);
    else if (typeof text === 'string') sources.push({ file, text });
    else unreadable.push(`${cleanText(file)}: The file ${text.why}`);
  }
  return { sources, unreadable };
}

/** The file itself; of a folder, the files right in it that end as YAML or JSON does. What is not there is told when it is read. */
async function filesAt(path: string): Promise<readonly string[]> {
  try {
    const names = (await readdir(path)).filter((name) => /^[^.].*\.(?:ya?ml|json)$/.test(name)).sort();
    return names.length === 0 ? [path] : names.map((name) => join(path, name));
  } catch {
    return [path];
  }
}

/** What is wrong with policies, as it is told on a terminal: a line for each. */
export function mistakeLines(mistakes: readonly PolicyMistake[]): string[] {
  return mistakes.map((each) => cleanText(formatMistake(each.file, each)));
}

/** Reads the files with keys that a policy names. What is wrong with one is told where the policy names it. */
export async function readSignerKeys({ policy, mistakeAt }: Extract<PolicyReading, { mistakes?: undefined }>): Promise<{
  readonly texts: ReadonlyMap<string, string>;
  readonly mistakes: readonly PolicyMistake[];
}> {
  const texts = new Map<string, string>();
  const mistakes: PolicyMistake[] = [];
  for (const [signer, { keys }] of policy.signers.entries()) {
    for (const [index, key] of keys.entries()) {
      if (!('file' in key)) continue;
      const text = await readText(key.file, policyLimits.key);
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
