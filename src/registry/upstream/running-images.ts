import { stat } from 'node:fs/promises';
import { readCappedFile } from '../../base/capped-file.ts';
import { errorMessage } from '../../base/error.ts';
import { UpstreamError } from './error.ts';
import { upstreamLimits } from './limits.ts';

/**
 * The digests of images that run, from lists that others write: any text in which they stand, such as what `kubectl get pods -A -o json`
 * prints. Together with the guard time that is all that runs: what began since a list was written was pulled since then. So a list that is
 * older than the guard time says too little, and one that cannot be read does not say that nothing runs.
 *
 * @param now milliseconds since 1970
 * @param guard milliseconds
 * @throws UpstreamError RUNNING_UNKNOWN
 */
export async function readRunningImages(
  files: readonly string[],
  now: number,
  guard: number,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const file of files) {
    const { text, written } = await readList(file);
    if (written < now - guard) {
      const sentence = `${file} was written longer ago than upstreams.evict.guard, so that nobody knows what runs; write it anew`;
      throw new UpstreamError('RUNNING_UNKNOWN', `Nothing is evicted: ${sentence}`);
    }
    for (const [digest] of text.matchAll(/\bsha256:[0-9a-f]{64}\b|\bsha512:[0-9a-f]{128}\b/g)) found.add(digest);
  }
  return found;
}

async function readList(file: string): Promise<{ readonly text: string; readonly written: number }> {
  let why: string;
  try {
    const status = await stat(file);
    if (!status.isFile()) why = 'is no file';
    else {
      const bytes = await readCappedFile(file, upstreamLimits.runningBytes);
      if (bytes !== undefined) return { text: bytes.toString('latin1'), written: status.mtimeMs };
      why = `has more than ${upstreamLimits.runningBytes} bytes`;
    }
  } catch (error) {
    why = `cannot be read: ${errorMessage(error)}`;
  }
  throw new UpstreamError('RUNNING_UNKNOWN', `Nothing is evicted: ${file}, which says what runs, ${why}`);
}
