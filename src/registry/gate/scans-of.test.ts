import assert from 'node:assert/strict';
import test from 'node:test';
import type { Digest } from '../../oci/digest.ts';
import type { Distro } from '../../package/distro.ts';
import { compilePolicy } from '../../policy/compile.ts';
import { evaluate } from '../../policy/evaluate.ts';
import type { Verdict } from '../../policy/verdict.ts';
import { makeEvidence, makeFinding, makePolicy } from '../../../testing/policy/make-evidence.ts';
import type { ScanEvidence } from '../scanning/evidence.ts';
import { scansOf } from './scans-of.ts';

const digest = `sha256:${'1'.repeat(64)}` as Digest;
const scannedAt = Date.parse('2026-01-01T00:00:00Z');
const policy = compilePolicy(makePolicy([{ kind: 'endOfLife', name: 'supported', action: 'deny' }]));

type Found = Pick<ScanEvidence, 'findings' | 'lacking' | 'databaseWholeAt'>;

/** What the rule says at a time of an image that was scanned once. */
async function judge(distro: Distro, time: string, rules = policy, found: Found = { findings: [] }): Promise<Verdict> {
  const evidence: ScanEvidence = {
    digest,
    distro,
    problems: [],
    ...found,
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
    rules,
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

test('where no list of exploited flaws was asked, nobody knows whether a flaw is exploited', async () => {
  const exploited = compilePolicy(
    makePolicy([{ kind: 'vulnerabilities', name: 'exploited', action: 'deny', exploited: true }]),
  );
  const amazon: Distro = { id: 'amzn', version: '2', idLike: [] };
  const findings = [{ ...makeFinding(), dataSource: { id: 'amazon', name: 'Amazon Linux', url: '' } }];
  const ask = (found: Found): Promise<Verdict> => judge(amazon, '2026-01-01T00:00:00Z', exploited, found);
  assert.equal((await ask({ findings })).decision, 'allow');
  assert.equal((await ask({ findings: [], lacking: ['exploited'] })).decision, 'allow');
  const untold = await ask({ findings, lacking: ['exploited'] });
  assert.equal(untold.decision, 'undecided');
  assert.match(untold.message, /has no list of exploited flaws/);
});

test('a database of which a feed could not be had is too old for a rule, though it was built for the scan', async () => {
  const day = 86_400_000;
  const young = compilePolicy(
    makePolicy([{ kind: 'vulnerabilities', name: 'young', action: 'deny', maxDatabaseAge: 2 * day }]),
  );
  const amazon: Distro = { id: 'amzn', version: '2', idLike: [] };
  const ask = (found: Found): Promise<Verdict> => judge(amazon, '2026-01-02T00:00:00Z', young, found);
  const whole = await ask({ findings: [] });
  assert.deepEqual([whole.decision, whole.validUntil], ['allow', scannedAt + 2 * day]);
  const recent = await ask({ findings: [], databaseWholeAt: scannedAt - 1 });
  assert.deepEqual([recent.decision, recent.validUntil], ['allow', scannedAt - 1 + 2 * day]);
  const old = await ask({ findings: [], databaseWholeAt: scannedAt - day });
  assert.equal(old.decision, 'undecided');
  assert.match(old.message, /one of its feeds could not be had/);
});
