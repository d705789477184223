import { resolve } from 'node:path';
import { errorMessage, isSeaworthyError } from '../../base/error.ts';
import { yamlLimits } from '../../codec/yaml/limits.ts';
import { formatMistake } from '../../codec/yaml/mistake.ts';
import { policyLimits } from '../../policy/limits.ts';
import type { PolicyMistake, PolicyReading, PolicySource } from '../../policy/seaworthy/read-policy.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import { parsePublicKey } from '../../signing/key/parse-public-key.ts';
import type { Host } from '../host.ts';
import { findPolicyFiles } from './find-policy-files.ts';
import { readText } from './read-text.ts';

/**
 * Reads files with policies, each once, those in folders, and standard input where a name is `-`.
 *
 * @returns sentences about what cannot be read, one a line, and the texts
 * @throws ScanError TARGET_INVALID where standard input has too much
 */
export async function readPolicyFiles(
  names: readonly string[],
  { cwd, readStdin }: Pick<Host, 'cwd' | 'readStdin'>,
): Promise<{ readonly sources: readonly PolicySource[]; readonly unreadable: readonly string[] }> {
  const found = await findPolicyFiles(
    names.filter((name) => name !== '-'),
    cwd,
  );
  const unreadable = [
    ...found.unreadable.map(
      ({ path, why }) => `${cleanText(path)} ${why}; name files, folders, or - for standard input`,
    ),
    ...found.empty.map(
      (path) => `${cleanText(path)} has no files of YAML or JSON in it; name another folder, or files`,
    ),
  ];
  const sources: PolicySource[] = [];
  for (const file of found.files) {
    const text = await readText(file, yamlLimits.characters);
    if (text === '') unreadable.push(`${cleanText(file)}: The file is empty; write a policy into it, or leave it out`);
    else if (typeof text === 'string') sources.push({ file, text });
    else unreadable.push(`${cleanText(file)}: The file ${text.why}`);
  }
  if (names.includes('-')) {
    const bytes = await readStdin(yamlLimits.characters);
    // Relative paths in it count from where the command runs.
    if (bytes.length > 0) sources.push({ file: resolve(cwd, 'standard-input'), text: bytes.toString('utf8') });
    else unreadable.push('Standard input is empty; write a policy to it, or name files');
  }
  return { sources, unreadable };
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
