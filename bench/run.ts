/**
 * Measures the product beside yardsticks in the same run, as ratios: `npm run bench [-- NAME…]`.
 *
 * `admission`, `cluster`, `gate`, `policy`, `pull-through`, `registry` and `rejudge` need nothing more; `operator` measures what is built (`npm run build`) where that
 * is there; `whole-chain` fetches a few packages with npm where it has not run before. The others need a build and a real image: an OCI layout named by
 * SEAWORTHY_BENCH_IMAGE, or one that `debian-image` makes where that tool lies beside the checkout.
 */
import { availableParallelism } from 'node:os';
import { admissionBench } from './admission.ts';
import { benchImage } from './bench-image.ts';
import { clusterBench } from './cluster.ts';
import { coldScan } from './cold-scan.ts';
import { databaseBench } from './database.ts';
import { gateBench } from './gate.ts';
import { knownImage } from './known-image.ts';
import { manyImages } from './many-images.ts';
import { operatorBench } from './operator.ts';
import { policyBench } from './policy.ts';
import { pullThroughBench } from './pull-through.ts';
import { registryBench } from './registry.ts';
import { rejudgeBench } from './rejudge.ts';
import { startUp } from './start-up.ts';
import { verifyBench } from './verify.ts';
import { warmScan } from './warm-scan.ts';
import { wholeChainBench } from './whole-chain.ts';
import { workspace, type Bench, type Line, type Workspace } from './workspace.ts';

const benches: Readonly<Record<string, Bench>> = {
  'start-up': startUp,
  database: databaseBench,
  cold: coldScan,
  warm: warmScan,
  known: knownImage,
  many: manyImages,
  verify: verifyBench,
};

/** Those that need neither the image nor a database. */
const alone: Readonly<Record<string, () => Promise<readonly Line[]>>> = {
  admission: admissionBench,
  cluster: clusterBench,
  gate: gateBench,
  operator: operatorBench,
  policy: policyBench,
  'pull-through': pullThroughBench,
  registry: registryBench,
  rejudge: rejudgeBench,
  'whole-chain': wholeChainBench,
};

const names = [...Object.keys(benches), ...Object.keys(alone)];
const wanted = process.argv.slice(2);
const chosen = wanted.length === 0 ? names : wanted;
await using opened = new AsyncDisposableStack();
let space: Workspace | undefined;
process.stdout.write(`Node ${process.version}, ${availableParallelism()} cores\n`);
for (const name of chosen) {
  const bench = benches[name];
  const own = alone[name];
  if (bench === undefined && own === undefined)
    throw new Error(`There is no bench "${name}"; choose from ${names.join(', ')}`);
  process.stdout.write(`\n${name}\n`);
  for (const { label, value, bar, met } of await linesOf(bench, own)) {
    const verdict = met === undefined ? '' : met ? '  met' : '  MISSED';
    process.stdout.write(`  ${label.padEnd(54)} ${value}${bar === undefined ? '' : `  (bar ${bar})`}${verdict}\n`);
  }
}

async function linesOf(
  bench: Bench | undefined,
  own: (() => Promise<readonly Line[]>) | undefined,
): Promise<readonly Line[]> {
  if (bench === undefined) return (await own?.()) ?? [];
  space ??= opened.use(await workspace(benchImage()));
  return bench(space);
}
