import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CloudError } from './error.ts';
import { cloudLimits } from './limits.ts';
import { type Ending, Renewed } from './renewed.ts';

const minute = 60_000;

interface Token extends Ending {
  readonly name: string;
}

/** Tokens of an hour, counted, from a clock that is put forward. */
function tokens(lifetime = 60 * minute) {
  const world = { now: 0, got: 0, failure: undefined as unknown };
  const renewed = new Renewed<Token>(() => new Date(world.now));
  const get = async (): Promise<Token> => {
    world.got += 1;
    await Promise.resolve();
    if (world.failure !== undefined) throw world.failure;
    return { name: `token ${world.got}`, expiresAt: world.now + lifetime };
  };
  const ask = async (key = 'a', signal?: AbortSignal): Promise<string> => (await renewed.get(key, get, signal)).name;
  return { world, ask };
}

test('one token is got for all who ask at once, and each key has its own', async () => {
  const { world, ask } = tokens();
  const names = await Promise.all(Array.from({ length: 500 }, () => ask()));
  assert.deepEqual(new Set(names), new Set(['token 1']));
  assert.equal(await ask('b'), 'token 2');
  assert.equal(await ask(), 'token 1');
  assert.equal(world.got, 2);
});

test('another token is got before the end of the one that there is', async () => {
  const { world, ask } = tokens();
  await ask();
  world.now = 50 * minute - 1;
  assert.equal(await ask(), 'token 1');
  world.now = 50 * minute;
  assert.equal(await ask(), 'token 2');
});

test('a short token counts for half of its time, and a long one for an hour', async () => {
  const short = tokens(4 * minute);
  await short.ask();
  short.world.now = 2 * minute - 1;
  assert.equal(await short.ask(), 'token 1');
  short.world.now = 2 * minute;
  assert.equal(await short.ask(), 'token 2');
  const long = tokens(12 * 60 * minute);
  await long.ask();
  long.world.now = cloudLimits.kept - 1;
  assert.equal(await long.ask(), 'token 1');
  long.world.now = cloudLimits.kept;
  assert.equal(await long.ask(), 'token 2');
});

test('while no other can be had, the one from before is given until its end', async () => {
  const { world, ask } = tokens();
  await ask();
  world.failure = new CloudError('SERVICE_UNAVAILABLE', 'later');
  world.now = 52 * minute;
  assert.equal(await ask(), 'token 1');
  assert.equal(await ask(), 'token 1');
  assert.equal(world.got, 2);
  world.now += cloudLimits.failedTime;
  assert.equal(await ask(), 'token 1');
  assert.equal(world.got, 3);
  world.now = 60 * minute;
  await assert.rejects(ask(), /later/);
  world.failure = undefined;
  await assert.rejects(ask(), /later/);
  world.now += cloudLimits.failedTime;
  assert.equal(await ask(), 'token 5');
});

test('that there are none is remembered for longer than that they could not be had', async () => {
  for (const [code, time] of [
    ['CREDENTIALS_ABSENT', cloudLimits.absentTime],
    ['SERVICE_REFUSED', cloudLimits.failedTime],
  ] as const) {
    const { world, ask } = tokens();
    world.failure = new CloudError(code, 'no');
    await Promise.all(Array.from({ length: 50 }, () => assert.rejects(ask(), { code })));
    world.now = time - 1;
    await assert.rejects(ask(), { code });
    assert.equal(world.got, 1);
    world.now = time;
    await assert.rejects(ask(), { code });
    assert.equal(world.got, 2);
  }
});

test('whoever gives up stops nobody else', async () => {
  const { world, ask } = tokens();
  const reason = new Error('enough');
  const gone = new AbortController();
  const first = ask('a', gone.signal);
  const second = ask('a', new AbortController().signal);
  gone.abort(reason);
  await assert.rejects(first, (error) => error === reason);
  assert.equal(await second, 'token 1');
  assert.equal(world.got, 1);
});

test('names of registries that anybody makes up take no more than their share', async () => {
  const { world, ask } = tokens();
  for (let at = 0; at <= cloudLimits.tokens; at += 1) await ask(`key ${at}`);
  await ask(`key ${cloudLimits.tokens}`);
  assert.equal(world.got, cloudLimits.tokens + 1);
  await ask('key 0');
  assert.equal(world.got, cloudLimits.tokens + 2);
});
