import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pack } from '../../scan/process/worker/pack.ts';
import { readEvidence } from './read-evidence.ts';

const content = { problems: [], findings: [] };

const good: readonly object[] = [content, { ...content, lacking: ['epss'], databaseWholeAt: 1_767_323_045_000 }];

for (const value of good) {
  test(`readEvidence() takes ${JSON.stringify(value)}`, async () => {
    assert.deepEqual(await readEvidence(await pack(JSON.stringify(value))), value);
  });
}

const wrong: readonly unknown[] = [
  null,
  { findings: [] },
  { problems: [] },
  { ...content, lacking: 'epss' },
  { ...content, databaseWholeAt: '2026-01-02T03:04:05Z' },
  { ...content, databaseWholeAt: 1.5 },
  { ...content, databaseWholeAt: null },
  { ...content, databaseWholeAt: 1e300 },
];

for (const value of wrong) {
  test(`readEvidence() takes nothing from a worker that gives ${JSON.stringify(value)}`, async () => {
    await assert.rejects(readEvidence(await pack(JSON.stringify(value))), { code: 'RESULT_INVALID' });
  });
}
