/**
 * What `npm start` shows: the whole chain from files to a cluster, on real servers of this machine. It needs the npm
 * registry for a few packages, and after the first time no network at all.
 */
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchPackages } from '../first-scan/fetch-packages.ts';
import { npmPack } from '../first-scan/npm-pack.ts';
import { main } from './main.ts';
import { recipes } from './packages.ts';
import { root } from './program.ts';

/** In the checkout, so that nothing is left in the home of whoever tries this; a temporary folder where that is read-only. */
async function packageFolder(): Promise<string> {
  const folder = join(root, '.cache', 'whole-chain');
  try {
    await mkdir(folder, { recursive: true });
    return folder;
  } catch {
    return await mkdtemp(join(tmpdir(), 'seaworthy-packages-'));
  }
}

process.exitCode = await main(process.argv.slice(2), {
  recipes,
  async fetch(releases, say, signal) {
    return await fetchPackages(releases, await packageFolder(), async (specs, folder) => {
      say(`Fetching ${specs.length} old and new releases of well-known packages with npm, kept for the next time ...`);
      await npmPack(specs, folder, { cwd: root, npmCli: process.env['npm_execpath'], signal });
    });
  },
});
