import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest } from '../../oci/digest.ts';
import { auditEntry, type AuditEntry } from './entry.ts';
import { compileAuditFilter, type AuditQuestion } from './filter.ts';

const now = Date.UTC(2026, 0, 31);
const day = 86_400_000;
const digest = `sha256:${'a'.repeat(64)}` as Digest;

const entries: Readonly<Record<string, AuditEntry>> = {
  pull: auditEntry({
    time: now - 2 * day,
    actor: { kind: 'user', name: 'ann' },
    action: 'pull',
    outcome: 'done',
    repository: 'team/app',
    reference: 'v1',
    digest,
  }),
  byDigest: auditEntry({
    time: now - day,
    actor: { kind: 'workload', name: 'repo:org/app:ref:main' },
    action: 'pull',
    outcome: 'done',
    repository: 'team/app/web',
    reference: digest,
  }),
  denied: auditEntry({
    time: now,
    actor: { kind: 'robot', name: 'ci' },
    action: 'push',
    outcome: 'denied',
    repository: 'other/app',
    reference: 'v1',
  }),
  login: auditEntry({
    time: now - 9 * day,
    actor: { kind: 'anonymous', name: '' },
    action: 'login',
    outcome: 'failed',
  }),
};

test('compileAuditFilter() finds what is asked for', () => {
  const cases: readonly (readonly [AuditQuestion, readonly string[]])[] = [
    [{}, ['pull', 'byDigest', 'denied', 'login']],
    [{ who: 'ann' }, ['pull']],
    [{ who: 'user:ann' }, ['pull']],
    [{ who: 'robot:*' }, ['denied']],
    [{ who: 'repo:org/*' }, ['byDigest']],
    [{ who: '*' }, ['pull', 'byDigest', 'denied', 'login']],
    [{ image: 'team/*' }, ['pull']],
    [{ image: 'team/**' }, ['pull', 'byDigest']],
    [{ image: '**' }, ['pull', 'byDigest', 'denied']],
    [{ image: '**:v1' }, ['pull', 'denied']],
    [{ image: 'team/app:v*' }, ['pull']],
    [{ image: `**@${digest}` }, ['pull', 'byDigest']],
    [{ image: `team/app:v1@${digest}` }, ['pull']],
    [{ action: ['pull', 'login'] }, ['pull', 'byDigest', 'login']],
    [{ action: ['deny'] }, ['denied']],
    [{ action: ['pull', 'deny'] }, ['pull', 'byDigest', 'denied']],
    [{ outcome: ['failed'] }, ['login']],
    [{ since: '7d' }, ['pull', 'byDigest', 'denied']],
    [{ since: '2026-01-30' }, ['byDigest', 'denied']],
    [{ until: '2026-01-29T00:00:00Z' }, ['login']],
    [{ since: '2026-01-29T00:00:00Z', until: '2026-01-31T01:00:00+01:00' }, ['pull', 'byDigest']],
    [{ who: 'ann', action: ['push'] }, []],
  ];
  for (const [question, found] of cases) {
    const filter = compileAuditFilter(question, now);
    const names = Object.keys(entries).filter((name) => filter.matches(entries[name] as AuditEntry));
    assert.deepEqual(names, found, JSON.stringify(question));
  }
  assert.equal(compileAuditFilter({ since: '7d' }, now).since, now - 7 * day);
});

test('compileAuditFilter() refuses what it does not understand', () => {
  const cases: readonly AuditQuestion[] = [
    { who: '' },
    { image: '' },
    { image: ':v1' },
    { image: '[' },
    { action: ['drop'] },
    { outcome: ['deny'] },
    { since: 'yesterday' },
    { since: '2026-13-01' },
    { until: '2026-01-31 12:00' },
    { until: '2026-01-31T12:00:00' },
  ];
  for (const question of cases) {
    assert.throws(() => compileAuditFilter(question, now), { code: 'AUDIT_FILTER_INVALID' }, JSON.stringify(question));
  }
});
