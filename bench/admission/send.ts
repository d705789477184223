import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../measure.ts';
import type { ReviewLoad, ReviewTimes } from './load.ts';
import { type BenchFolder, pinned } from './program.ts';

/** Has another process send reviews. @param processor that it runs on */
export async function send(
  { path }: BenchFolder,
  load: Omit<ReviewLoad, 'authority'>,
  processor?: number,
): Promise<ReviewTimes> {
  const program = join(import.meta.dirname, 'load.ts');
  const task: ReviewLoad = { ...load, authority: join(path, 'ca.crt') };
  const file = join(path, 'load.json');
  writeFileSync(file, JSON.stringify(task));
  const { status, stdout, stderr } = await run(...pinned([program, file], processor));
  if (status !== 0) throw new Error(`The load ended with status ${status}: ${stderr}`);
  return JSON.parse(stdout) as ReviewTimes;
}
