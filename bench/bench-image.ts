import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const made = join(root, '.cache', 'bench', 'image');
const tool = join(root, '..', 'shared', 'tools', 'debian-image');
/** Together above 1 GiB and 40,000 entries, with packages of several languages. */
const packages = 'python3 python3-pip python3-scipy nodejs npm openjdk-17-jre-headless nginx gcc g++ git ruby'.split(
  ' ',
);

/** The folder of the OCI layout to measure with. */
export function benchImage(): string {
  const named = process.env['SEAWORTHY_BENCH_IMAGE'];
  if (named !== undefined) return named;
  if (existsSync(made)) return made;
  if (!existsSync(tool)) throw new Error('Name an OCI layout in SEAWORTHY_BENCH_IMAGE: no tool is here to make one');
  process.stdout.write('Making a real image from Debian packages (some minutes, once)…\n');
  mkdirSync(dirname(made), { recursive: true });
  execFileSync(tool, [made, 'bookworm', ...packages], { stdio: ['ignore', 'ignore', 'inherit'] });
  return made;
}
