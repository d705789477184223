import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { median, run } from './measure.ts';
import type { Line, Workspace } from './workspace.ts';

const rounds = 15;

/** The single file, where it was built. */
const single = join(import.meta.dirname, '..', 'release', `seaworthy-${process.platform}-${process.arch}`);

/** How long the built program takes to answer `--help`, beside a Node that does nothing, and the single file beside it. */
export async function startUp(space: Workspace): Promise<Line[]> {
  const bare: number[] = [];
  const help: number[] = [];
  const file: number[] = [];
  const isBuilt = existsSync(single);
  if (isBuilt) await run(single, ['--help']);
  await space.seaworthy(['--help']);
  for (let round = 0; round < rounds; round += 1) {
    bare.push((await run(process.execPath, ['-e', '0'])).wall);
    help.push((await space.seaworthy(['--help'])).wall);
    if (isBuilt) file.push((await run(single, ['--help'])).wall);
  }
  const value = median(help);
  return [
    { label: 'node -e 0', value: `${median(bare).toFixed(0)} ms` },
    { label: 'seaworthy --help', value: `${value.toFixed(0)} ms`, bar: '<= 80', met: value <= 80 },
    ...(isBuilt ? [besideSingle(median(file), value)] : []),
  ];
}

function besideSingle(file: number, published: number): Line {
  const ratio = file / published;
  const value = `${file.toFixed(0)} ms: ${ratio.toFixed(2)} x the package`;
  return { label: 'single file --help', value, bar: '<= 1.2 x', met: ratio <= 1.2 };
}
