import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ScanReport } from '../../finding/scan-report.ts';
import { decodeRecord, encodeRecord } from './image-record.ts';

test('packagesWith() looks under every name that a package may be asked by, and unpacks nothing for others', async () => {
  const packages = (
    [
      ['pypi', 'Django_REST.x'],
      ['maven', 'org.apache.logging.log4j:log4j-core'],
      ['npm', 'JSONStream'],
    ] as const
  ).map(([type, name]) => ({ type, name, version: '1.0', purl: `pkg:${type}/x@1.0` }));
  const report = { artifact: {}, inventory: { packages }, findings: [], problems: [] };
  const record = decodeRecord(await encodeRecord(report as unknown as ScanReport));
  for (const name of [
    'Django_REST.x',
    'django-rest-x',
    'DJANGO.rest_X',
    'log4j-core',
    'org.apache.logging.log4j:log4j-core',
    'JSONStream',
  ]) {
    assert.equal(record?.packagesWith(name).length, 3, name);
  }
  for (const name of ['log4j', 'core', 'org.apache.logging.log4j', 'django']) {
    assert.deepEqual(record?.packagesWith(name), [], name);
  }
});
