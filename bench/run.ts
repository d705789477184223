/**
 * Measures the product beside yardsticks in the same run, as ratios: `npm run bench [-- NAME…]`.
 *
 * Needs a build (`npm run build`) and a real image: an OCI layout named by SEAWORTHY_BENCH_IMAGE, or one that
 * `debian-image` makes where that tool lies beside the checkout.
 */
import { availableParallelism } from 'node:os';
import { benchImage } from './bench-image.ts';
import { coldScan } from './cold-scan.ts';
import { databaseBench } from './database.ts';
import { manyImages } from './many-images.ts';
import { startUp } from './start-up.ts';
import { verifyBench } from './verify.ts';
import { warmScan } from './warm-scan.ts';
import { workspace, type Bench } from './workspace.ts';

const benches: Readonly<Record<string, Bench>> = {
  'start-up': startUp,
  database: databaseBench,
  cold: coldScan,
  warm: warmScan,
  many: manyImages,
  verify: verifyBench,
};

const wanted = process.argv.slice(2);
const chosen = wanted.length === 0 ? Object.keys(benches) : wanted;
await using space = await workspace(benchImage());
process.stdout.write(`Node ${process.version}, ${availableParallelism()} cores\n`);
for (const name of chosen) {
  const bench = benches[name];
  if (bench === undefined)
    throw new Error(`There is no bench "${name}"; choose from ${Object.keys(benches).join(', ')}`);
  process.stdout.write(`\n${name}\n`);
  for (const { label, value, bar, met } of await bench(space)) {
    const verdict = met === undefined ? '' : met ? '  met' : '  MISSED';
    process.stdout.write(`  ${label.padEnd(54)} ${value}${bar === undefined ? '' : `  (bar ${bar})`}${verdict}\n`);
  }
}
