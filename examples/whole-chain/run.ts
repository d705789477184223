/**
 * What `npm start` shows: the whole chain from files to a cluster, on real servers of this machine. It needs the npm
 * registry for a few packages, and after the first time no network at all.
 */
import { tmpdir } from 'node:os';
import { fetchPackages } from '../first-scan/fetch-packages.ts';
import { npmPack } from '../first-scan/npm-pack.ts';
import { main } from './main.ts';
import { withPackageFolder } from './package-folder.ts';
import { recipes } from './packages.ts';
import { root } from './program.ts';

process.exitCode = await main(process.argv.slice(2), {
  recipes,
  async fetch(releases, say, signal) {
    return await withPackageFolder({ checkout: root, temporary: tmpdir() }, async (kept) => {
      return await fetchPackages(releases, kept, async (specs, folder) => {
        say(
          `Fetching ${specs.length} old and new releases of well-known packages with npm, kept for the next time ...`,
        );
        await npmPack(specs, folder, { cwd: root, npmCli: process.env['npm_execpath'], signal });
      });
    });
  },
});
