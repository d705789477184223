import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readCappedFile } from '../../base/capped-file.ts';
import { errorMessage } from '../../base/error.ts';
import { yamlLimits } from '../../codec/yaml/limits.ts';
import type { PolicyText } from '../../policy/dialects/model.ts';
import { ConfigError } from '../config/error.ts';

/** Files of one folder that are read; a folder with more is hardly one of policies. */
const mostFiles = 1000;

/**
 * The files that hold policies: those that are named, and of folders those in them that end as YAML or JSON does, by name.
 *
 * @throws ConfigError
 */
export async function policyFiles(given: readonly string[], cwd: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of given) {
    const path = resolve(cwd, name);
    const isFolder = await attempt(path, async () => (await stat(path)).isDirectory());
    if (!isFolder) {
      found.push(path);
      continue;
    }
    const entries = await attempt(path, () => readdir(path));
    const files = entries.filter((entry) => /^[^.].*\.(?:ya?ml|json)$/.test(entry)).sort();
    if (files.length > mostFiles) throw invalid(path, `there are more than ${mostFiles} files in it`);
    found.push(...files.map((file) => join(path, file)));
  }
  return [...new Set(found)];
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
