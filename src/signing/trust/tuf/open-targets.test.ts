import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { temporaryDirectory } from '../../../../testing/image/temporary-directory.ts';
import { instantClock } from '../../../../testing/registry/instant-clock.ts';
import { freshKeyRing, type Sigstore, startTestSigstore } from '../../../../testing/sigstore.ts';
import type { Network } from '../../../net/network.ts';
import { openNetwork } from '../../../net/open-network.ts';
import { openTargets } from './open-targets.ts';
import { refreshTufRepository } from './refresh.ts';

const name = 'trusted_root.json';
const hour = 3_600_000;
const day = 24 * hour;

interface Client {
  readonly folder: string;
  readonly asked: string[];
  readonly warnings: string[];
  /** Opens the targets so many milliseconds from now, and reads the trusted root. */
  open(
    after?: number,
    how?: { readonly offline?: boolean; readonly root?: Buffer; readonly mirror?: string },
  ): Promise<Buffer | undefined>;
}

/** One user's cache of a repository. */
function clientOf(sigstore: Sigstore, folder: string): Client & AsyncDisposable {
  const network = openNetwork({ clock: instantClock() });
  const asked: string[] = [];
  const counted = {
    ...network,
    request: (request: Parameters<Network['request']>[0]) => {
      asked.push(new URL(request.url).pathname);
      return network.request(request);
    },
  };
  const warnings: string[] = [];
  return {
    folder,
    asked,
    warnings,
    async open(after = 0, { offline = false, root = sigstore.tufRoot, mirror = sigstore.tufUrl } = {}) {
      const targets = await openTargets({
        repository: { mirror, folder, root },
        ...(offline ? {} : { network: counted }),
        now: new Date(Date.now() + after),
        warn: (sentence) => warnings.push(sentence),
      });
      return targets(name);
    },
    [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
  };
}

async function withClient(work: (sigstore: Sigstore, client: Client) => Promise<void>): Promise<void> {
  await using sigstore = await startTestSigstore();
  using folder = temporaryDirectory();
  await using client = clientOf(sigstore, join(folder.path, 'tuf'));
  await work(sigstore, client);
}

const rootIn = (bytes: Buffer | undefined): unknown => JSON.parse((bytes ?? Buffer.from('null')).toString());

function generationsIn(folder: string): string[] {
  return readdirSync(folder).filter((entry) => /^\d+-/.test(entry));
}

test('openTargets() asks once a day, and has what is new then', () =>
  withClient(async (sigstore, client) => {
    assert.deepEqual(rootIn(await client.open()), sigstore.trustedRoot);
    const first = client.asked.length;
    assert.equal(first > 0, true);
    await client.open(hour);
    assert.equal(client.asked.length, first);
    const changed = { ...sigstore.trustedRoot, ctlogs: [] };
    sigstore.publish([{ name, bytes: Buffer.from(JSON.stringify(changed)) }]);
    assert.deepEqual(rootIn(await client.open(hour)), sigstore.trustedRoot);
    assert.deepEqual(rootIn(await client.open(day + hour)), changed);
    assert.deepEqual(client.warnings, []);
  }));

test('openTargets() asks when the clock went back, since nobody knows the age of what is kept then', () =>
  withClient(async (_sigstore, client) => {
    await client.open();
    const first = client.asked.length;
    await client.open(-hour);
    assert.equal(client.asked.length > first, true);
  }));

test('openTargets() takes another root, whose signatures it wants', () =>
  withClient(async (sigstore, client) => {
    await client.open();
    await using other = await startTestSigstore();
    const before = generationsIn(client.folder);
    await assert.rejects(client.open(2 * day, { root: other.tufRoot }), { code: 'TRUSTED_ROOT_INVALID' });
    assert.deepEqual(generationsIn(client.folder), before);
    const there = await client.open(2 * day, { root: other.tufRoot, mirror: other.tufUrl });
    assert.deepEqual(rootIn(there), other.trustedRoot);
    assert.notDeepEqual(other.trustedRoot, sigstore.trustedRoot);
  }));

test('openTargets() does not take the cache of another root for its own', () =>
  withClient(async (_sigstore, client) => {
    await client.open();
    await using other = await startTestSigstore();
    // Fresh by its age, but fetched for another anchor.
    await assert.rejects(client.open(0, { root: other.tufRoot }), { code: 'TRUSTED_ROOT_INVALID' });
    assert.equal(await client.open(0, { root: other.tufRoot, offline: true }), undefined);
  }));

test('openTargets() is not led back to older metadata', async () => {
  const keys = freshKeyRing();
  using folder = temporaryDirectory();
  await using sigstore = await startTestSigstore({ keys });
  await using client = clientOf(sigstore, join(folder.path, 'tuf'));
  const kept = await client.open();
  await using older = await startTestSigstore({ keys, now: () => new Date(Date.now() - 2 * hour) });
  assert.deepEqual(older.tufRoot, sigstore.tufRoot);
  await assert.rejects(client.open(25 * hour, { mirror: older.tufUrl }), { code: 'TRUSTED_ROOT_INVALID' });
  assert.deepEqual(await client.open(0, { offline: true }), kept);
});

for (const what of ['tuf.expired-timestamp', 'tuf.wrong-signature', 'tuf.wrong-target'] as const) {
  test(`openTargets() refuses ${what}, and keeps what it had`, () =>
    withClient(async (sigstore, client) => {
      const kept = await client.open();
      sigstore.publish([{ name, bytes: Buffer.from('{"something":"new"}') }]);
      sigstore.faults.add({ kind: 'spoil', what });
      await assert.rejects(client.open(25 * hour), { code: 'TRUSTED_ROOT_INVALID' });
      assert.deepEqual(await client.open(0, { offline: true }), kept);
      assert.equal(generationsIn(client.folder).length, 1);
      sigstore.faults.clear();
      assert.equal((await client.open(25 * hour))?.toString(), '{"something":"new"}');
    }));
}

test('openTargets() fetches again what was damaged, and says so', () =>
  withClient(async (_sigstore, client) => {
    const whole = await client.open();
    const [generation] = generationsIn(client.folder);
    const file = join(client.folder, generation as string, 'targets', name);
    writeFileSync(file, readFileSync(file).subarray(10));
    assert.equal(await client.open(0, { offline: true }), undefined);
    assert.deepEqual(await client.open(), whole);
    assert.equal(client.warnings.length, 1);
    assert.match(client.warnings.join(''), /damaged/);
  }));

for (const text of [
  '',
  '{',
  '{}',
  '[]',
  'null',
  '{"folder":"../../etc"}',
  '{"folder":"a","refreshedAt":"x","expires":"y"}',
]) {
  test(`openTargets() takes ${JSON.stringify(text)} in place of its list for no cache`, () =>
    withClient(async (sigstore, client) => {
      await client.open();
      writeFileSync(join(client.folder, 'current.json'), text);
      assert.equal(await client.open(0, { offline: true }), undefined);
      assert.deepEqual(rootIn(await client.open()), sigstore.trustedRoot);
    }));
}

test('openTargets() without a network has what is kept, or what was shipped', () =>
  withClient(async (sigstore, client) => {
    assert.equal(await client.open(0, { offline: true }), undefined);
    const shipped = Buffer.from('shipped');
    const options = {
      repository: { mirror: sigstore.tufUrl, folder: client.folder, root: sigstore.tufRoot },
      seed: { root: sigstore.tufRoot, targets: new Map([[name, shipped]]) },
      now: new Date(),
      warn: () => undefined,
    };
    assert.deepEqual(await (await openTargets(options))(name), shipped);
    await client.open();
    assert.deepEqual(rootIn(await (await openTargets(options))(name)), sigstore.trustedRoot);
    // However old.
    assert.deepEqual(rootIn(await client.open(400 * day, { offline: true })), sigstore.trustedRoot);
  }));

test('openTargets() lives with a silent repository until its word ends, and not a day longer', () =>
  withClient(async (sigstore, client) => {
    const kept = await client.open();
    for (const status of [500, 429, 404]) {
      sigstore.faults.add({ kind: 'status', service: 'tuf', status });
      // Its timestamp is good for a day: a little less by the clock of the repository.
      const late = 23 * hour;
      assert.deepEqual(await client.open(late), kept);
      await assert.rejects(client.open(25 * hour), { code: 'TRUSTED_ROOT_UNAVAILABLE' });
      sigstore.faults.clear();
    }
    sigstore.faults.add({ kind: 'status', service: 'tuf', status: 500 });
    const back = -hour;
    assert.deepEqual(await client.open(back), kept);
    assert.match(client.warnings.join(''), /cannot be reached.*is used/);
  }));

test('openTargets() ends with its signal, and leaves nothing half', () =>
  withClient(async (sigstore, client) => {
    sigstore.faults.add({ kind: 'hang', service: 'tuf' });
    await using network = openNetwork();
    const reason = new Error('enough');
    const controller = new AbortController();
    const repository = { mirror: sigstore.tufUrl, folder: client.folder, root: sigstore.tufRoot };
    const refreshing = refreshTufRepository(repository, network, new Date(), controller.signal);
    setTimeout(() => controller.abort(reason), 20);
    await assert.rejects(refreshing, (error) => error === reason);
    assert.deepEqual(generationsIn(client.folder), []);
    sigstore.faults.clear();
    assert.deepEqual(rootIn(await client.open()), sigstore.trustedRoot);
  }));

const refreshModule = new URL('refresh.ts', import.meta.url).href;
const networkModule = new URL('../../../net/open-network.ts', import.meta.url).href;

/** Another process that refreshes; its standard input has the repository. */
function startProcess(sigstore: Sigstore, folder: string): ReturnType<typeof spawn> {
  const script = `
    const { refreshTufRepository } = await import(${JSON.stringify(refreshModule)});
    const { openNetwork } = await import(${JSON.stringify(networkModule)});
    const [mirror, folder, root] = process.argv.slice(1);
    await using network = openNetwork();
    await refreshTufRepository({ mirror, folder, root: Buffer.from(root, 'base64') }, network, new Date());
  `;
  const args = ['--input-type=module', '-e', script, sigstore.tufUrl, folder, sigstore.tufRoot.toString('base64')];
  return spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

test('refreshTufRepository() in three processes at once leaves one whole state', () =>
  withClient(async (sigstore, client) => {
    const processes = [1, 2, 3].map(() => startProcess(sigstore, client.folder));
    const ends = await Promise.all(processes.map((one) => once(one, 'exit')));
    assert.deepEqual(
      ends.map(([status]) => status as number),
      [0, 0, 0],
    );
    assert.deepEqual(rootIn(await client.open(0, { offline: true })), sigstore.trustedRoot);
  }));

test('refreshTufRepository() that is killed in between leaves what was there', () =>
  withClient(async (sigstore, client) => {
    const kept = await client.open();
    sigstore.publish([{ name, bytes: Buffer.from('{"something":"new"}') }]);
    sigstore.faults.add({ kind: 'hang', service: 'tuf', path: '/targets/' });
    const child = startProcess(sigstore, client.folder);
    for (let left = 500; generationsIn(client.folder).length < 2 && left > 0; left -= 1) await wait(20);
    assert.equal(generationsIn(client.folder).length, 2);
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.deepEqual(await client.open(0, { offline: true }), kept);
    sigstore.faults.clear();
    assert.equal((await client.open(25 * hour))?.toString(), '{"something":"new"}');
    // Others may still read a folder for an hour; then it goes.
    await client.open(51 * hour);
    assert.equal(generationsIn(client.folder).length, 1);
  }));
