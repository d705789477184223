import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ScrubReport } from '../../src/registry/scrub/report.ts';
import { openS3BlobStore } from '../../src/store/blob/s3/open.ts';
import { openPostgresDatabase } from '../../src/store/sql/postgres/open.ts';
import { needsProgram } from '../../testing/registry/find-program.ts';
import { Fleet } from '../../testing/registry/fleet.ts';
import type { SharedPlace } from '../../testing/registry/kill-child.ts';
import { KillClient } from '../../testing/registry/kill-client.ts';
import { checkNoGarbage, checkRecords } from '../../testing/registry/model/check.ts';
import { Dice } from '../../testing/registry/model/dice.ts';
import { need } from '../../testing/registry/step-operations.ts';
import { openTestContent } from '../../testing/registry/test-content.ts';
import { digestOf, someBytes } from '../../testing/store/blob-data.ts';
import { postgresMissing, startPostgres, type PostgresServer } from '../../testing/store/postgres-server.ts';
import { startVersitygw, type Versitygw } from '../../testing/store/versitygw.ts';

const skipPostgres = postgresMissing();
const skip = skipPostgres === false ? needsProgram('versitygw').skip : skipPostgres;

/** Seconds; more of them find more (SEAWORTHY_MODEL_SECONDS). */
const seconds = Number(process.env['SEAWORTHY_MODEL_SECONDS'] ?? 25);
/** Longer than leases and uploads last. */
const pause = 25 * 3_600_000;

let server: PostgresServer;
let gateway: Versitygw;
let places = 0;

before(async () => {
  if (skip !== false) return;
  server = await startPostgres();
  gateway = await startVersitygw();
});

after(async () => {
  if (skip !== false) return;
  await server[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
});

async function newPlace(): Promise<SharedPlace & { readonly s3: { readonly prefix: string } }> {
  places += 1;
  const { network: _, ...s3 } = gateway.bucket;
  return { database: await server.createDatabase(), s3: { ...s3, prefix: `replicas-${places}/` } };
}

/** Where a process may be killed, besides at any moment. */
const steps = [
  'after commit',
  'before remove',
  'amid transaction',
  'after remove',
  'amid append',
  'after transaction',
  'after append',
  'before transaction',
  'after put',
];

test(
  'two replicas, one of which is killed at any moment, lose nothing and leave nothing dangling',
  { skip },
  async (context) => {
    const seed = Number(process.env['SEAWORTHY_MODEL_SEED'] ?? Date.now() >>> 0);
    context.diagnostic(`SEAWORTHY_MODEL_SEED=${seed} chooses the same again`);
    const dice = new Dice(seed);
    const place = await newPlace();
    await using fleet = new Fleet(place, dice);
    await fleet.start(2);
    // Few contents, so that pushes, mounts and removals of the same bytes meet.
    const clients = Array.from({ length: 4 }, () => new KillClient(() => `content ${dice.below(4)}`, true));
    for (const client of clients) client.life = fleet;
    const until = Date.now() + seconds * 1000;
    let [round, kills, sessions] = [0, 0, 0];
    for (; Date.now() < until || round < 2; round += 1) {
      await fleet.setClock(round * pause);
      const during = await playRound(fleet, clients, dice, round);
      sessions += during.sessions;
      kills += during.kills;
      for (const client of clients) {
        await client.finishUploads();
        await client.check();
        // From now on their leases may end.
        client.blobs.clear();
      }
      await checkPlace(place, false);
    }
    await fleet.setClock((round + 1) * pause);
    for (let times = 0; times < 3; times += 1) {
      await need(fleet.at(times % 2).ask('GET', '/gc'), 200);
      await fleet.setClock((round + 2 + times) * pause);
    }
    for (const index of [0, 1]) await look(fleet.at(index).ask('GET', '/scrub'));
    for (const client of clients) await client.check();
    await checkPlace(place, true);
    const images = clients.map((client) => client.images.size).join(' + ');
    context.diagnostic(`${round} rounds, ${sessions} sessions, ${kills} kills; ${images} images`);
    assert.ok(clients.every((client) => client.images.size > 0));
  },
);

/** Lets clients, collectors, retention, scrubs and kills meet for a while. */
async function playRound(
  fleet: Fleet,
  clients: readonly KillClient[],
  dice: Dice,
  round: number,
): Promise<{ readonly sessions: number; readonly kills: number }> {
  let isOver = false;
  let sessions = 0;
  // Whoever fails ends it for all.
  const ending = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } finally {
      isOver = true;
    }
  };
  const client = async (at: number): Promise<void> => {
    for (let session = 0; !isOver; session += 1) {
      await clients[at]?.session(`${round}-${at}-${session}`);
      sessions += 1;
    }
  };
  const janitor = async (): Promise<void> => {
    while (!isOver) await look(fleet.ask('GET', dice.pick(['/gc', '/gc', '/retention', '/scrub'])));
  };
  const kills = dice.below(3);
  const killer = async (): Promise<void> => {
    for (let left = kills; left > 0 && !isOver; left -= 1) {
      const index = dice.below(2);
      if (dice.chance(0.6)) {
        const at = encodeURIComponent(dice.pick(steps));
        await fleet.at(index).ask('GET', `/kill?at=${at}&nth=${1 + dice.below(10)}`);
      }
      await sleep(300 + dice.below(900));
      await fleet.replace(index);
    }
    await sleep(200 + dice.below(600));
  };
  const all = [killer, janitor, ...clients.map((_, at) => () => client(at))].map(ending);
  for (const outcome of await Promise.allSettled(all)) if (outcome.status === 'rejected') throw outcome.reason;
  return { sessions, kills };
}

/** What work in the background came to; a scrub that ended saw no damage. */
async function look(asked: ReturnType<Fleet['ask']>): Promise<void> {
  const answer = await asked;
  if (answer === undefined) return;
  assert.ok([200, 429, 503].includes(answer.status), `${answer.status} ${String(answer.body)}`);
  const { counts, findings } = JSON.parse(String(answer.body)) as Partial<ScrubReport>;
  if (counts === undefined) return;
  const { 'bytes-orphaned': _, ...others } = counts;
  assert.deepEqual(others, {}, JSON.stringify(findings));
}

/** Looks at records and bytes themselves. */
async function checkPlace({ database, s3 }: SharedPlace, isCollected: boolean): Promise<void> {
  await using opened = await openTestContent({
    folder: '',
    clock: { now: Date.now() },
    openDatabase: () => openPostgresDatabase({ url: database, poolSize: 2 }),
    openBlobs: () => openS3BlobStore({ ...s3, network: gateway.bucket.network }),
  });
  await checkRecords(opened.content);
  if (isCollected) await checkNoGarbage(opened.content);
}

test('an upload that was begun at one replica goes on, is asked about, and ends at the other', { skip }, async () => {
  await using fleet = new Fleet(await newPlace(), new Dice(1));
  await fleet.start(2);
  const [one, other] = [fleet.at(0), fleet.at(1)];
  for (const size of [3000, 300_000, 12_000_000]) {
    const bytes = someBytes(size);
    const place = (await need(one.ask('POST', '/v2/app/blobs/uploads/'), 202)).headers.get('location') as string;
    let sent = 0;
    for (const [at, life] of [one, other, one, other].entries()) {
      const end = Math.floor((size * (at + 1)) / 5);
      await need(life.ask('PATCH', place, bytes.subarray(sent, end)), 202);
      sent = end;
      for (const asked of [one, other]) {
        assert.equal((await need(asked.ask('GET', place), 204)).headers.get('range'), `0-${sent - 1}`);
      }
    }
    const digest = digestOf(bytes);
    await need(one.ask('PUT', `${place}?digest=${digest}`, bytes.subarray(sent)), 201);
    for (const asked of [one, other]) {
      await need(asked.ask('GET', place), 404);
      assert.ok((await need(asked.ask('GET', `/v2/app/blobs/${digest}`), 200)).body.equals(bytes));
    }
  }
});

test('an upload whose replica is killed in the middle of a chunk goes on at the other', { skip }, async () => {
  await using fleet = new Fleet(await newPlace(), new Dice(1));
  await fleet.start(2);
  const bytes = someBytes(9_000_000);
  const place = (await need(fleet.at(0).ask('POST', '/v2/app/blobs/uploads/'), 202)).headers.get('location') as string;
  await need(fleet.at(1).ask('PATCH', place, bytes.subarray(0, 1_000_000)), 202);
  await fleet.at(0).ask('GET', `/kill?at=${encodeURIComponent('after append')}&nth=1`);
  assert.equal(await fleet.at(0).ask('PATCH', place, bytes.subarray(1_000_000, 7_000_000)), undefined);
  const status = await need(fleet.at(1).ask('GET', place), 204);
  assert.equal(status.headers.get('range'), '0-999999');
  const early = await need(fleet.at(1).ask('PATCH', place, bytes.subarray(1_000_000)), 416);
  assert.equal(early.headers.get('range'), '0-999999', 'nobody knows yet that it was killed');
  await fleet.replace(0);
  await fleet.setClock(37_000);
  const path = `${place}?digest=${digestOf(bytes)}`;
  await need(fleet.at(1).ask('PUT', path, bytes.subarray(1_000_000)), 201);
  const read = await need(fleet.at(0).ask('GET', `/v2/app/blobs/${digestOf(bytes)}`), 200);
  assert.ok(read.body.equals(bytes));
});
