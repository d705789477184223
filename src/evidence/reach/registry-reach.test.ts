import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock } from '../../../testing/manual-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { NetError } from '../../net/error.ts';
import { reachLimits } from './limits.ts';
import { RegistryReach } from './registry-reach.ts';

test('the log tells of so many registries a minute, and how often others could not be asked', () => {
  const clock = manualClock(0);
  const told: string[] = [];
  const logger = {
    ...silentLogger,
    warn: (message: string, fields?: object) => void told.push(`${message} ${JSON.stringify(fields)}`),
  };
  const reach = new RegistryReach({ allow: [], deny: [], refuse: [] }, { clock, logger });
  const fail = (host: string): void => {
    const error = reach.discreet(new NetError('REFUSED', host, 'nobody is there'), new URL(`https://${host}/`));
    assert.equal((error as NetError).code, 'UNREACHABLE');
  };
  for (let at = 0; at < reachLimits.tellMost + 500; at += 1) fail(`h${at}.inner.example`);
  assert.equal(told.length, reachLimits.tellMost);
  clock.set(reachLimits.tellEvery);
  fail('h0.inner.example');
  assert.deepEqual(
    told.slice(reachLimits.tellMost).map((line) => line.replace(/"code.*/, '')),
    [
      'Further registries that objects name could not be asked {"times":500}',
      'A registry that an object names could not be asked {"host":"h0.inner.example",',
    ],
  );
  clock.set(2 * reachLimits.tellEvery);
  fail('h0.inner.example');
  assert.equal(told.length, reachLimits.tellMost + 3);
});
