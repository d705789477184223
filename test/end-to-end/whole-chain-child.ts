import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fetchPackages } from '../../examples/first-scan/fetch-packages.ts';
import { npmPack } from '../../examples/first-scan/npm-pack.ts';
import type { PinnedRelease } from '../../examples/first-scan/pinned-packages.ts';
import { writeTar } from '../../examples/first-scan/tar.ts';
import { main } from '../../examples/whole-chain/main.ts';
import { type Recipes, recipes } from '../../examples/whole-chain/packages.ts';

// The whole chain as `npm start` runs it, with packages that have the same names and versions and nothing else, so that no network is
// needed. `--broken` has a mended image that is not mended, `--npm` fetches with the npm of the environment as `npm start` does.

const argv = process.argv.slice(2);
const isBroken = argv.includes('--broken');
const isFetched = argv.includes('--npm');
const [flawed, mended] = recipes.app;
const used: Recipes = isBroken
  ? { ...recipes, app: [flawed, { version: mended.version, packages: flawed.packages }] }
  : recipes;

process.exitCode = await main(
  argv.filter((arg) => arg !== '--broken' && arg !== '--npm'),
  {
    recipes: used,
    async fetch(releases, say, signal) {
      if (!isFetched) return releases.map(tarballOf);
      const cwd = process.env['HOME'] as string;
      return await fetchPackages(releases, join(cwd, 'packages'), async (specs, folder) => {
        say('Fetching ...');
        await npmPack(specs, folder, { cwd, npmCli: process.env['npm_execpath'], signal });
      });
    },
  },
);

function tarballOf({ name, version }: PinnedRelease): Buffer {
  const bytes = Buffer.from(JSON.stringify({ name, version }));
  return gzipSync(writeTar([{ path: 'package/package.json', mode: 0o644, bytes }]));
}
