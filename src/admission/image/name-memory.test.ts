import assert from 'node:assert/strict';
import test from 'node:test';
import { manualClock } from '../../../testing/manual-clock.ts';
import { parseDigest } from '../../oci/digest.ts';
import { parseReference } from '../../oci/reference.ts';
import type { Gathered } from '../../policy/evidence.ts';
import type { PullAccess } from '../../workload/credentials/pull-access.ts';
import { imageLimits } from './limits.ts';
import { NameMemory } from './name-memory.ts';

const start = Date.UTC(2026, 0, 1);
const digest = parseDigest(`sha256:${'a'.repeat(64)}`);
const other = parseDigest(`sha256:${'b'.repeat(64)}`);
const access: PullAccess = { plainHttp: false, secrets: [], providers: [], podSecrets: [] };
const never = new AbortController().signal;

test('names are looked up once for all who ask, for a while, and stand for what they stood for while nobody answers', async () => {
  const clock = manualClock(start);
  let asked = 0;
  let answer: Gathered<typeof digest> = { state: 'known', value: digest, at: start };
  const source = { resolve: () => Promise.resolve(((asked += 1), answer)) };
  const names = new NameMemory(source, clock, imageLimits);
  const name = parseReference('ghcr.io/org/app:1');
  await Promise.all(Array.from({ length: 50 }, () => names.resolve(name, access, never)));
  assert.equal(asked, 1);
  answer = { state: 'unavailable', reason: 'it did not answer' };
  clock.set(start + imageLimits.nameTime);
  for (let time = 0; time < 5; time += 1) {
    const found = await names.resolve(name, access, never);
    assert.equal(found.state === 'known' && found.value, digest);
  }
  assert.equal(asked, 2);
  clock.set(start + imageLimits.staleTime);
  assert.equal((await names.resolve(name, access, never)).state, 'unavailable');
  answer = { state: 'absent', at: start };
  clock.set(start + imageLimits.staleTime + imageLimits.silentTime);
  assert.equal((await names.resolve(name, access, never)).state, 'absent');
});

test('a name that is gone no longer stands for what it stood for', async () => {
  const clock = manualClock(start);
  let answer: Gathered<typeof digest> = { state: 'known', value: digest, at: start };
  const names = new NameMemory({ resolve: () => Promise.resolve(answer) }, clock, imageLimits);
  const name = parseReference('ghcr.io/org/app:1');
  await names.resolve(name, access, never);
  answer = { state: 'absent', at: start };
  clock.set(start + imageLimits.nameTime);
  assert.equal((await names.resolve(name, access, never)).state, 'absent');
  answer = { state: 'unavailable', reason: 'x' };
  clock.set(start + imageLimits.nameTime + imageLimits.silentTime);
  assert.equal((await names.resolve(name, access, never)).state, 'unavailable');
});

test('a name with a digest is asked of nobody', async () => {
  const names = new NameMemory({ resolve: () => Promise.reject(new Error('asked')) }, manualClock(start), imageLimits);
  const found = await names.resolve(parseReference(`a/b@${digest}`), access, never);
  assert.equal(found.state === 'known' && found.value, digest);
});

test('a name that nobody tells stands for what it stood for, after a moment', async () => {
  const clock = manualClock(start);
  let answer: Promise<Gathered<typeof digest>> = Promise.resolve({ state: 'known', value: digest, at: start });
  const names = new NameMemory({ resolve: () => answer }, clock, imageLimits);
  const name = parseReference('ghcr.io/org/app:1');
  await names.resolve(name, access, never);
  let tell: (told: Gathered<typeof digest>) => void = () => undefined;
  answer = new Promise((resolve) => (tell = resolve));
  clock.set(start + imageLimits.nameTime);
  const first = names.resolve(name, access, never);
  await clock.tick();
  for (const found of [await first, await names.resolve(name, access, never)]) {
    assert.equal(found.state === 'known' && found.value, digest);
  }
  tell({ state: 'known', value: other, at: clock.now() });
  await new Promise(setImmediate);
  const now = await names.resolve(name, access, never);
  assert.equal(now.state === 'known' && now.value, other);
});
