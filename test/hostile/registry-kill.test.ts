import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ScrubReport } from '../../src/registry/scrub/report.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { KillClient } from '../../testing/registry/kill-client.ts';
import { type Life, startLife } from '../../testing/registry/kill-world.ts';

/** Seconds for each of the two ways to be killed; more of them find more (SEAWORTHY_KILL_SECONDS). */
const seconds = Number(process.env['SEAWORTHY_KILL_SECONDS'] ?? 6);
/** After each kill so much time passes that what nothing names may go, uploads too. */
const pause = 25 * 3_600_000;

/** Where a process is killed, and within how many times that it comes there. */
const places: readonly (readonly [what: string, times: number])[] = [
  ['after commit', 1],
  ['after put', 1],
  ['before remove', 2],
  ['amid transaction', 40],
  ['after remove', 2],
  ['before commit', 1],
  ['amid append', 3],
  ['after transaction', 40],
  ['before abort', 1],
  ['after append', 3],
  ['before put', 1],
  ['before transaction', 40],
  ['before append', 3],
  ['after abort', 1],
];

test('a registry that is killed at any step has what it answered for, and nothing in part', async (context) => {
  using folder = temporaryDirectory();
  const client = new KillClient();
  const killed: string[] = [];
  const until = Date.now() + seconds * 1000;
  let round = 0;
  for (; Date.now() < until || round < 2; round += 1) {
    await using life = await startLife(folder.path);
    await look(life, round * pause, [client]);
    // The first sessions leave something to be deleted and collected.
    const [what, times] = places[(round - 1) % places.length] ?? ['nowhere', 1];
    await life.ask('GET', `/clock?ahead=${(round + 1) * pause}`);
    await life.ask('GET', `/kill?at=${encodeURIComponent(what)}&nth=${1 + Math.floor(Math.random() * times)}`);
    for (let session = 0; session < 4 && life.killedAt() === undefined; session += 1) {
      await client.session(`${round}-${session}`);
    }
    killed.push(life.killedAt() ?? `not ${what}`);
  }
  await using life = await startLife(folder.path);
  await look(life, round * pause, [client]);
  await checkWhole(life, (round + 1) * pause, [client]);
  context.diagnostic(`killed ${killed.join(', ')}`);
});

test('a registry that is killed at any moment has what it answered for, and nothing in part', async (context) => {
  using folder = temporaryDirectory();
  const clients = Array.from({ length: 4 }, () => new KillClient());
  const until = Date.now() + seconds * 1000;
  let round = 0;
  for (; Date.now() < until || round < 2; round += 1) {
    await using life = await startLife(folder.path);
    await look(life, round * pause, clients);
    await life.ask('GET', `/clock?ahead=${(round + 1) * pause}`);
    let isKilled = false;
    const work = clients.map(async (client, at) => {
      for (let session = 0; !isKilled; session += 1) await client.session(`${round}-${at}-${session}`);
    });
    await sleep(50 + Math.random() * 700);
    isKilled = true;
    await life.kill();
    await Promise.all(work);
  }
  await using life = await startLife(folder.path);
  await look(life, round * pause, clients);
  await checkWhole(life, (round + 1) * pause, clients);
  context.diagnostic(`killed ${round} times; ${clients.map((client) => client.images.size).join(' + ')} images`);
});

/** After a start, at the time of the kill: what was answered for is there. */
async function look(life: Life, ahead: number, clients: readonly KillClient[]): Promise<void> {
  await life.ask('GET', `/clock?ahead=${ahead}`);
  for (const client of clients) {
    client.life = life;
    await client.finishUploads();
    await client.check();
    // From now on their leases may end.
    client.blobs.clear();
  }
}

/** Later, garbage goes, all else stays, and records and bytes agree. */
async function checkWhole(life: Life, ahead: number, clients: readonly KillClient[]): Promise<void> {
  await life.ask('GET', `/clock?ahead=${ahead}`);
  assert.equal((await life.ask('GET', '/gc'))?.status, 200);
  for (const client of clients) await client.check();
  const report = JSON.parse(String((await life.ask('GET', '/scrub'))?.body)) as ScrubReport;
  const { 'bytes-orphaned': _, ...others } = report.counts;
  assert.deepEqual(others, {}, JSON.stringify(report.findings));
  assert.ok(report.finished && report.lookedAtManifests > 0);
  for (const client of clients) await client.check();
}
