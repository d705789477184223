import assert from 'node:assert/strict';
import test from 'node:test';
import { manualClock } from '../../../testing/manual-clock.ts';
import { compilePolicy } from '../../policy/compile.ts';
import { KeyedPolicies } from './keyed-policies.ts';
import { sourceLimits } from './limits.ts';

const start = Date.UTC(2026, 0, 1);
const never = new AbortController().signal;
const policy = compilePolicy({
  rules: [{ kind: 'signatures', name: 'signed', action: 'deny', signers: ['release'], atLeast: 1 }],
  signers: [{ name: 'release', keys: [{ reference: 'k8s://kyverno/cosign' }], identities: [] }],
  exceptions: [],
  unknown: 'deny',
});

test('a policy gets the keys that it names, once for all who ask, and is another one when a key is', async () => {
  const clock = manualClock(start);
  let text = 'first';
  let asked = 0;
  const policies = new KeyedPolicies(() => Promise.resolve(((asked += 1), text)), clock);
  const [one, other] = await Promise.all([policies.of(policy, never), policies.of(policy, never)]);
  assert.ok(one.state === 'known' && other.state === 'known');
  assert.deepEqual([asked, one.value.policy.signers[0]?.keys], [1, [{ pem: 'first' }]]);
  text = 'second';
  clock.set(start + sourceLimits.keys.readTime);
  const later = await policies.of(policy, never);
  assert.ok(later.state === 'known');
  assert.notEqual(later.value.hash, one.value.hash);
  const again = await policies.of(policy, never);
  assert.equal(again.state === 'known' && again.value, later.value);
});

test('a key that cannot be looked up leaves it unknown who must have signed', async () => {
  const failing = new KeyedPolicies(() => Promise.reject(new Error('forbidden.')), manualClock(start));
  assert.deepEqual(await failing.of(policy, never), { state: 'unavailable', reason: 'forbidden' });
});

test('a policy that names no keys elsewhere is as it is', async () => {
  const plain = compilePolicy({ rules: [], signers: [], exceptions: [], unknown: 'deny' });
  const found = await new KeyedPolicies(() => Promise.reject(new Error('asked')), manualClock(start)).of(plain, never);
  assert.equal(found.state === 'known' && found.value, plain);
});

test('who asked first and gave up takes nothing from those who wait for the same key', async () => {
  let fail: (error: Error) => void = () => undefined;
  const policies = new KeyedPolicies(() => new Promise((_resolve, reject) => (fail = reject)), manualClock(start));
  const first = new AbortController();
  const gone = policies.of(policy, first.signal);
  const waiting = policies.of(policy, never);
  first.abort(new Error('late'));
  await assert.rejects(gone, /late/);
  fail(new Error('forbidden'));
  assert.deepEqual(await waiting, { state: 'unavailable', reason: 'forbidden' });
});
