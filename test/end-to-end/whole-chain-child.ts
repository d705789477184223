import { gzipSync } from 'node:zlib';
import type { PinnedRelease } from '../../examples/first-scan/pinned-packages.ts';
import { writeTar } from '../../examples/first-scan/tar.ts';
import { main } from '../../examples/whole-chain/main.ts';
import { type Recipes, recipes } from '../../examples/whole-chain/packages.ts';

// The whole chain as `npm start` runs it, with packages that have the same names and versions and nothing else, so that no network is
// needed. `--broken` has a mended image that is not mended.

const argv = process.argv.slice(2);
const isBroken = argv.includes('--broken');
const [flawed, mended] = recipes.app;
const used: Recipes = isBroken
  ? { ...recipes, app: [flawed, { version: mended.version, packages: flawed.packages }] }
  : recipes;

process.exitCode = await main(
  argv.filter((arg) => arg !== '--broken'),
  { recipes: used, fetch: async (releases) => releases.map(tarballOf) },
);

function tarballOf({ name, version }: PinnedRelease): Buffer {
  const bytes = Buffer.from(JSON.stringify({ name, version }));
  return gzipSync(writeTar([{ path: 'package/package.json', mode: 0o644, bytes }]));
}
