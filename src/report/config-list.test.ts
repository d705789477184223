import assert from 'node:assert/strict';
import test from 'node:test';
import { configReportFormat, configReportFormats } from './config-list.ts';
import { reportFormatIds } from './format-id.ts';

test('configReportFormats has every format of reports once', () => {
  assert.deepEqual(
    configReportFormats.map(({ id }) => id),
    reportFormatIds,
  );
  assert.equal(configReportFormat('json')?.id, 'json');
  assert.equal(configReportFormat('cyclonedx-json'), undefined);
});
