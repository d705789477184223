import assert from 'node:assert/strict';
import test from 'node:test';
import { serveFlags } from '../../../testing/admission/serve-flags.ts';
import { durationKind } from '../config/kinds.ts';
import { admissionSettingsOf, flagValue, registryRates, upkeepSettingsOf } from './flags.ts';

test('registryRates() knows registries by the hosts that answer for them, and what is said of all others', () => {
  assert.equal(registryRates({ registryRate: [] }), undefined);
  const rateOf = registryRates({ registryRate: ['docker.io=5', 'ghcr.io=20', 'registry.test:5000=1', '100'] });
  for (const [host, qps] of [
    ['registry-1.docker.io', 5],
    ['ghcr.io', 20],
    ['registry.test:5000', 1],
    ['registry.test', 100],
  ] as const) {
    assert.deepEqual(rateOf?.(host), { qps, burst: qps }, host);
  }
  assert.equal(registryRates({ registryRate: ['ghcr.io=20'] })?.('quay.io'), undefined);
  for (const text of ['', '0', 'ghcr.io=', 'ghcr.io=0', '=5', '1.5', '-1', 'Ghcr.io=5']) {
    assert.throws(() => registryRates({ registryRate: [text] }), { code: 'SETTING_INVALID' }, text);
  }
});

test('upkeepSettingsOf() takes no interval for none', () => {
  const flags = serveFlags({ events: false });
  assert.deepEqual(upkeepSettingsOf({ ...flags, backgroundInterval: '0' }), { reports: true, events: false });
  assert.equal(upkeepSettingsOf({ ...flags, backgroundInterval: '90s' }).background, 90_000);
  assert.throws(() => upkeepSettingsOf({ ...flags, backgroundInterval: 'soon' }), {
    code: 'SETTING_INVALID',
    message: /--background-interval is "soon"; write it as a duration/,
  });
});

test('admissionSettingsOf() says how old verdicts may be', () => {
  const times = (verdictAge: string, staleAge: string): readonly number[] => {
    const flags = serveFlags({ verdictAge, staleAge });
    const { goodTime, staleTime } = admissionSettingsOf(flags, { cacheFolder: '/c', ownNamespace: undefined }).times;
    return [goodTime, staleTime];
  };
  assert.deepEqual(times('1h', '24h'), [3_600_000, 86_400_000]);
  assert.deepEqual(times('10m', '0'), [600_000, 600_000]);
  for (const [verdictAge, staleAge] of [
    ['0', '24h'],
    ['1h', '10m'],
    ['soon', '1h'],
  ] as const) {
    assert.throws(() => times(verdictAge, staleAge), { code: 'SETTING_INVALID' }, `${verdictAge} ${staleAge}`);
  }
});

test('flagValue() lets errors of other kinds through', () => {
  const kind = { ...durationKind, parse: () => assert.fail('broken') };
  assert.throws(() => flagValue('--x', '1s', kind), /broken/);
});
