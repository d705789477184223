import { setFlagsFromString } from 'node:v8';

/**
 * Lets older objects take so much more than was in use when they were tidied up last, before that is done again, in place of up to four
 * times: servers keep little for long. V8 tells of a flag that it does not know on stderr, and goes on.
 *
 * @param percent of what was in use; 100 unless said otherwise
 */
export function boundOldGeneration(percent: number = 100): void {
  setFlagsFromString(`--heap-growing-percent=${percent}`);
}
