import process from 'node:process';
import { temporaryDirectory } from '../image/temporary-directory.ts';
import { apkDatabase, osRelease } from '../package-files.ts';
import { badWorker, badWorkers } from './bad-worker.ts';
import { openScanWorld } from './scan-world.ts';

/** A process that begins a scan, says so, and never ends it. Its folder is its first argument. */
const scripts = temporaryDirectory();
const world = await openScanWorld({
  folder: process.argv[2] as string,
  program: badWorker(scripts, badWorkers.hangs),
});
const digest = await world.push('app', [[osRelease('alpine', '3.19.1'), apkDatabase({ musl: '1.2.4-r2' })]]);
await world.scanning.queue.request(digest, 'app', 'client');
for (;;) {
  const row = await world.content.database.get<{ state: string }>('SELECT state FROM scans');
  if (row?.state === 'running') break;
  await new Promise((resolve) => setTimeout(resolve, 20));
}
process.stdout.write(`${digest}\n`);
