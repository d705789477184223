import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, run } from './measure.ts';
import type { Line } from './workspace.ts';

const script = join(import.meta.dirname, '..', 'examples', 'whole-chain', 'run.ts');
const turns = 3;

/**
 * The whole chain as `npm start` shows it. The first turn fetches what it packs with npm where no earlier one has, which is the only part that
 * needs a network; the others have it at hand.
 */
export async function wholeChainBench(): Promise<Line[]> {
  const walls: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const temporary = mkdtempSync(join(tmpdir(), 'seaworthy-bench-'));
    try {
      const { wall, status, stderr } = await run(process.execPath, [script], { env: { TMPDIR: temporary } });
      if (status !== 0) throw new Error(`The chain ended with ${status}: ${stderr}`);
      walls.push(wall);
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
  }
  const [first = Number.NaN, ...others] = walls;
  return [
    { label: 'npm start, the first time', ...against(first) },
    { label: 'npm start, again', ...against(median(others)) },
  ];
}

function against(wall: number): Pick<Line, 'value' | 'bar' | 'met'> {
  return { value: `${(wall / 1000).toFixed(1)} s`, bar: '<= 60 s', met: wall <= 60_000 };
}
