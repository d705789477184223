import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import fc from 'fast-check';
import { needsSharedData, sharedData } from '../../../testing/shared-data.ts';
import { AdvisoryError } from '../error.ts';
import { parseKev } from './parse.ts';

function parse(value: unknown): ReturnType<typeof parseKev> {
  return parseKev({ name: 'kev.json', bytes: Buffer.from(JSON.stringify(value)) });
}

test('parseKev() reads the catalogue and drops bad entries', () => {
  const { items, dropped } = parse({
    vulnerabilities: [
      { cveID: 'CVE-2024-0001', dateAdded: '2024-01-02', dueDate: '2024-01-09', knownRansomwareCampaignUse: 'Known' },
      { cveID: 'CVE-2024-0002', dateAdded: '2024-01-03', dueDate: '', knownRansomwareCampaignUse: 'Unknown' },
      { cveID: 'CVE-x', dateAdded: '2024-01-03' },
      { cveID: 'CVE-2024-0003', dateAdded: 'today' },
      null,
    ],
  });
  assert.deepEqual(items, [
    { cve: 'CVE-2024-0001', exploited: { dateAdded: '2024-01-02', dueDate: '2024-01-09', ransomware: true } },
    { cve: 'CVE-2024-0002', exploited: { dateAdded: '2024-01-03', ransomware: false } },
  ]);
  assert.deepEqual(
    dropped.map(({ subject }) => subject),
    ['kev.json, entry 3', 'kev.json, entry 4', 'kev.json, entry 5'],
  );
});

test('parseKev() refuses what is not the catalogue', () => {
  for (const bytes of ['', '{', '[]', '{}', '{"vulnerabilities":7}', 'null']) {
    assert.throws(() => parseKev({ name: 'x', bytes: Buffer.from(bytes) }), { code: 'FEED_MALFORMED' });
  }
});

test('parseKev() ends in a coded error for any bytes', () => {
  const entry = fc.record({ cveID: fc.oneof(fc.constant('CVE-2024-0001'), fc.jsonValue()), dateAdded: fc.jsonValue() });
  const bytes = fc.oneof(
    fc.uint8Array().map((array) => Buffer.from(array)),
    fc.json().map((text) => Buffer.from(text)),
    fc.array(fc.oneof(entry, fc.jsonValue())).map((list) => Buffer.from(JSON.stringify({ vulnerabilities: list }))),
  );
  fc.assert(
    fc.property(bytes, (input) => {
      try {
        parseKev({ name: 'x', bytes: input });
      } catch (error) {
        assert.ok(error instanceof AdvisoryError);
      }
    }),
  );
});

test("parseKev() reads CISA's own file", needsSharedData('feeds', 'kev'), () => {
  const path = sharedData('feeds', 'kev', 'known_exploited_vulnerabilities.json') as string;
  const { items, dropped } = parseKev({ name: 'kev', bytes: readFileSync(path) });
  assert.deepEqual([items.length, dropped.length], [1404, 0]);
  assert.equal(items.find(({ cve }) => cve === 'CVE-2021-44228')?.exploited.ransomware, true);
});
