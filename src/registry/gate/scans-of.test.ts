import assert from 'node:assert/strict';
import test from 'node:test';
import type { Digest } from '../../oci/digest.ts';
import type { Distro } from '../../package/distro.ts';
import { compilePolicy } from '../../policy/compile.ts';
import { evaluate } from '../../policy/evaluate.ts';
import type { Verdict } from '../../policy/verdict.ts';
import { makeEvidence, makePolicy } from '../../../testing/policy/make-evidence.ts';
import type { ScanEvidence } from '../scanning/evidence.ts';
import { scansOf } from './scans-of.ts';

const digest = `sha256:${'1'.repeat(64)}` as Digest;
const scannedAt = Date.parse('2026-01-01T00:00:00Z');
const policy = compilePolicy(makePolicy([{ kind: 'endOfLife', name: 'supported', action: 'deny' }]));

/** What the rule says at a time of an image that was scanned once. */
async function judge(distro: Distro, time: string): Promise<Verdict> {
  const evidence: ScanEvidence = {
    digest,
    distro,
    problems: [],
    findings: [],
    isIncomplete: false,
    packages: 1,
    scannedAt,
    judgedAt: scannedAt,
    databaseBuiltAt: scannedAt,
  };
  const queue = {
    find: () => Promise.resolve({ kind: 'known', evidence } as const),
    request: () => Promise.reject(new Error('it is known')),
    wait: () => Promise.reject(new Error('it is known')),
    postpone: () => Promise.reject(new Error('it is known')),
  };
  const scan = await scansOf(queue, undefined as never, () => 0).find(digest);
  assert.ok(scan.state === 'known');
  return evaluate(
    policy,
    makeEvidence({ now: Date.parse(time), vulnerabilities: { state: 'known', value: scan.facts, at: scan.at } }),
  );
}

test('the same scan passes until its distribution ends, and says until when', async () => {
  const amazon: Distro = { id: 'amzn', version: '2', prettyName: 'Amazon Linux 2', idLike: [] };
  const before = await judge(amazon, '2026-06-30T12:00:00Z');
  assert.deepEqual([before.decision, before.validUntil], ['allow', Date.parse('2026-07-01T00:00:00Z')]);
  const after = await judge(amazon, '2026-07-01T00:00:00Z');
  assert.equal(after.decision, 'deny');
  assert.match(after.message, /Amazon Linux 2 gets no more fixes since 2026-07-01T00:00:00Z/);
});

test('what rolls on passes, and what nobody knows is undecided', async () => {
  const rolling = await judge({ id: 'wolfi', version: '20230201', idLike: [] }, '2030-01-01T00:00:00Z');
  assert.deepEqual([rolling.decision, rolling.validUntil], ['allow', undefined]);
  const unknown = await judge({ id: 'acme', version: '1', idLike: [] }, '2026-01-01T00:00:00Z');
  assert.equal(unknown.decision, 'undecided');
});
