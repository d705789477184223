import { writeFileAtomic } from '../base/atomic-file.ts';
import { errorMessage } from '../base/error.ts';
import { ConfigError } from './config/error.ts';
import type { OutputTarget } from './config/output-target.ts';
import type { Host } from './host.ts';

/**
 * Writes a text where it is wanted: a whole file, or standard output.
 *
 * @throws ConfigError when the file cannot be written
 */
export async function deliver(text: string, { file }: OutputTarget, host: Host): Promise<void> {
  if (file === undefined) return host.stdout.write(text);
  try {
    await writeFileAtomic(file, text);
  } catch (cause) {
    const message = `The report cannot be written to ${file} (${errorMessage(cause)}); name another file with -o`;
    throw new ConfigError('SETTING_INVALID', message, { cause });
  }
}
