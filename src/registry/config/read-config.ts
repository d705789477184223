import { readCappedFile } from '../../base/capped-file.ts';
import { yamlLimits } from '../../codec/yaml/limits.ts';
import { fingerprintOf } from '../../base/fingerprint.ts';
import { checkConfig, type ConfigReading, type ConfigSurroundings } from './check-config.ts';

/** A configuration as a file holds it now. */
export interface ReadConfig {
  readonly reading: ConfigReading;
  /** Of the bytes of the file, for watching it. */
  readonly fingerprint: string;
}

/** Reads and checks a settings file. That it cannot be read is a mistake like any other. */
export async function readConfig(file: string, surroundings: ConfigSurroundings): Promise<ReadConfig> {
  let bytes: Buffer | undefined;
  try {
    bytes = await readCappedFile(file, yamlLimits.characters);
  } catch (error) {
    const { code = 'it failed' } = error as NodeJS.ErrnoException;
    return unreadable(code === 'ENOENT' ? 'There is no such file' : `This cannot be read (${code})`);
  }
  if (bytes === undefined) return unreadable('This is too large to be a settings file');
  const reading = await checkConfig(bytes.toString('utf8'), file, surroundings);
  return { reading, fingerprint: fingerprintOf([bytes]) };
}

function unreadable(sentence: string): ReadConfig {
  return { reading: { mistakes: [{ line: 1, column: 1, path: '', sentence }] }, fingerprint: '' };
}
