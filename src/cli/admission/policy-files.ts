import { readCappedFile } from '../../base/capped-file.ts';
import { errorMessage } from '../../base/error.ts';
import { yamlLimits } from '../../codec/yaml/limits.ts';
import type { PolicyText } from '../../policy/dialects/model.ts';
import { ConfigError } from '../config/error.ts';
import { findPolicyFiles } from '../policy/find-policy-files.ts';

/**
 * The files that hold policies, as for every command. A folder without any is none that is wrong: files may come into it.
 *
 * @throws ConfigError
 */
export async function policyFiles(given: readonly string[], cwd: string): Promise<readonly string[]> {
  const { files, unreadable } = await findPolicyFiles(given, cwd);
  const [first] = unreadable;
  if (first !== undefined) throw invalid(first.path, `it ${first.why}`);
  return files;
}

/** Reads them. @throws ConfigError */
export async function readPolicyFiles(paths: readonly string[]): Promise<readonly PolicyText[]> {
  const texts: PolicyText[] = [];
  for (const file of paths) {
    const bytes = await attempt(file, () => readCappedFile(file, yamlLimits.characters));
    if (bytes === undefined) throw invalid(file, `it has more than ${yamlLimits.characters} bytes`);
    texts.push({ file, text: new TextDecoder().decode(bytes) });
  }
  return texts;
}

async function attempt<Value>(path: string, act: () => Promise<Value>): Promise<Value> {
  try {
    return await act();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw invalid(path, code === 'ENOENT' ? 'it is not there' : errorMessage(cause), cause);
  }
}

function invalid(path: string, why: string, cause?: unknown): ConfigError {
  const sentence = `The policies in ${path} cannot be read: ${why}; name files with policies, or a folder with such files`;
  return new ConfigError('SETTING_INVALID', sentence, cause === undefined ? undefined : { cause });
}
