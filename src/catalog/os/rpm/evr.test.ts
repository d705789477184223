import assert from 'node:assert/strict';
import test from 'node:test';
import { formatEvr, parseSourceRpm } from './evr.ts';

test('formatEvr() leaves out what is absent', () => {
  assert.equal(formatEvr(0, '1.2', '3'), '1.2-3');
  assert.equal(formatEvr(2, '1.2', '3'), '2:1.2-3');
  assert.equal(formatEvr(0, '1.2', ''), '1.2');
});

test('parseSourceRpm() splits the file name from its end', () => {
  const cases: readonly (readonly [string, number, unknown])[] = [
    ['bash-4.4.20-1.el8.src.rpm', 0, { name: 'bash', version: '4.4.20-1.el8' }],
    [
      'java-1.8.0-openjdk-1.8.0.302.b08-0.el8_4.src.rpm',
      1,
      { name: 'java-1.8.0-openjdk', version: '1:1.8.0.302.b08-0.el8_4' },
    ],
    ['vmware-1-2.nosrc.rpm', 0, { name: 'vmware', version: '1-2' }],
    ['(none)', 0, undefined],
    ['no-version.src.rpm', 0, undefined],
    ['', 0, undefined],
  ];
  for (const [fileName, epoch, expected] of cases)
    assert.deepEqual(parseSourceRpm(fileName, epoch), expected, fileName);
});
