import { median, run } from './measure.ts';
import type { Line, Workspace } from './workspace.ts';

const rounds = 15;

/** How long the built program takes to answer `--help`, beside a Node that does nothing. */
export async function startUp(space: Workspace): Promise<Line[]> {
  const bare: number[] = [];
  const help: number[] = [];
  await space.seaworthy(['--help']);
  for (let round = 0; round < rounds; round += 1) {
    bare.push((await run(process.execPath, ['-e', '0'])).wall);
    help.push((await space.seaworthy(['--help'])).wall);
  }
  const value = median(help);
  return [
    { label: 'node -e 0', value: `${median(bare).toFixed(0)} ms` },
    { label: 'seaworthy --help', value: `${value.toFixed(0)} ms`, bar: '<= 80', met: value <= 80 },
  ];
}
