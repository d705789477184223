import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstPullBench } from './gate/first-pull.ts';
import { knownDigestBench } from './gate/known-digest.ts';
import type { Line } from './workspace.ts';

/** What the gate takes: for an image that is known, and for the first pull of one that is not. */
export async function gateBench(): Promise<Line[]> {
  const folder = mkdtempSync(join(tmpdir(), 'seaworthy-bench-'));
  const load = (): string => (loadavg()[0] ?? 0).toFixed(2);
  try {
    const before = load();
    const known = await knownDigestBench(folder);
    const between = load();
    const first = await firstPullBench(folder);
    return [
      { label: 'load of the machine before, between and after', value: `${before}, ${between}, ${load()}` },
      ...known,
      ...first,
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
