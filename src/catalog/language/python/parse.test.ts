import assert from 'node:assert/strict';
import test from 'node:test';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import { CatalogError } from '../../error.ts';
import { parseMetadata } from './parse.ts';

function parse(...lines: readonly string[]): ReturnType<typeof parseMetadata> {
  return parseMetadata(Buffer.from(`Metadata-Version: 2.1\n${lines.join('\n')}\n\nA description.\nName: not-this\n`));
}

test('parseMetadata() reads name and version as written', () => {
  assert.deepEqual(parse('Name: Zope.Interface_x', 'Version: 5.4.0.post1'), {
    type: 'pypi',
    name: 'Zope.Interface_x',
    version: '5.4.0.post1',
    licenses: [],
    cataloger: 'python',
  });
});

const licenses: readonly (readonly [readonly string[], readonly string[]])[] = [
  [['License: MIT'], ['MIT']],
  [['License: UNKNOWN', 'Classifier: License :: OSI Approved :: MIT License'], ['MIT License']],
  [
    ['License: MIT', 'Classifier: License :: OSI Approved :: MIT License'],
    ['MIT', 'MIT License'],
  ],
  [
    ['License-Expression: MIT OR Apache-2.0', 'License: MIT', 'Classifier: License :: Public Domain'],
    ['MIT OR Apache-2.0'],
  ],
  [
    ['License: Copyright (c) 2001', '        All rights reserved.', 'Classifier: License :: Public Domain'],
    ['Public Domain'],
  ],
  [['Classifier: License :: OSI Approved'], []],
  [['Classifier: License'], []],
  [['Classifier: Topic :: License :: MIT License'], []],
  [[`License: ${'x'.repeat(600)}`], []],
];

for (const [lines, expected] of licenses) {
  test(`parseMetadata() reads the licences ${JSON.stringify(expected)} from ${lines.join(' / ').slice(0, 80)}`, () => {
    assert.deepEqual(parse('Name: a', 'Version: 1', ...lines)?.licenses, expected);
  });
}

test('parseMetadata() names what is required, normalised and without extras', () => {
  const found = parse(
    'Name: a',
    'Version: 1',
    'Requires-Dist: Zope.Interface_x (>=4.0)',
    'Requires-Dist: requests[socks]>=2.8.1',
    'Requires-Dist: requests (>=2.8.1) ; python_version >= "3"',
    'Requires-Dist: tomli; python_version < "3.11"',
    'Requires-Dist: pytest ; extra == "test"',
    'Requires-Dist: sphinx ; (python_version >= "3") and extra=="docs"',
    'Requires-Dist: b @ https://example.org/b.whl',
    'Requires-Dist: ---',
  );
  assert.deepEqual(found?.dependsOn, ['zope-interface-x', 'requests', 'tomli', 'b']);
});

for (const lines of [['Name: a'], ['Version: 1'], ['Name:', 'Version: 1'], ['Name: Python', 'Version: 3.9.2'], ['-']]) {
  test(`parseMetadata() finds no package in ${lines.join(' / ')}`, () => {
    assert.equal(parse(...lines), undefined);
  });
}

test('parseMetadata() refuses a name with control characters', () => {
  assert.throws(
    () => parse('Name: a\u001B[2Jb', 'Version: 1'),
    (error) => error instanceof CatalogError && error.code === 'MALFORMED',
  );
});

test('parseMetadata() survives hostile bytes', () => {
  assertSurvives(
    [
      'Metadata-Version: 2.1\nName: a\nVersion: 1\nLicense: MIT\n  two\nClassifier: License :: OSI Approved :: MIT License\nRequires-Dist: b[c] (>=1) ; extra == "x"\n\ntext\n',
    ],
    parseMetadata,
    (found) => assert.ok(found === undefined || (found.name !== '' && found.version !== '')),
  );
});

test('parseMetadata() reads hostile lines of any length to their end', () => {
  for (const piece of [';', 'extra ', '.', '-', 'a.', ' ', '::']) {
    assert.equal(parse('Name: a', 'Version: 1', `Requires-Dist: a${piece.repeat(300_000)}`)?.name, 'a');
  }
});
