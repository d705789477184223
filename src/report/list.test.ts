import assert from 'node:assert/strict';
import test from 'node:test';
import { sampleReport } from '../../testing/scan-report.ts';
import { reportFormatIds } from './format-id.ts';
import { reportFormat, reportFormats } from './list.ts';

test('reportFormats has one format for each id', () => {
  assert.deepEqual(
    reportFormats.map(({ id }) => id),
    reportFormatIds,
  );
  assert.equal(reportFormat('pdf'), undefined);
});

for (const id of reportFormatIds) {
  test(`the ${id} report ends in one line end, is the same every time, and takes any number of reports`, () => {
    const options = { version: '1', width: 80, colour: false, listAllPackages: true };
    for (const reports of [[], [sampleReport()], [sampleReport(), sampleReport()]]) {
      const text = reportFormat(id)?.render(reports, options) ?? '';
      assert.match(text, /(?:^|[^\n])\n$/);
      assert.equal(reportFormat(id)?.render(structuredClone(reports), options), text);
    }
  });
}
