import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { decodeLicenses as fromCycloneDx, encodeLicenses as toCycloneDx } from './cyclonedx/licenses.ts';
import { parseLicenseExpression } from './license-expression.ts';
import { decodeLicenses as fromSpdx, encodeLicenses as toSpdx, type ExtractedLicense } from './spdx/licenses.ts';

const expressions: readonly (readonly [string, string | undefined, string?])[] = [
  ['MIT', 'MIT', 'id'],
  ['apache-2.0', 'Apache-2.0', 'id'],
  ['GPL-2.0+', 'GPL-2.0+', 'id'],
  ['MPL-1.1+', 'MPL-1.1+', 'single'],
  ['LicenseRef-Acme', 'LicenseRef-Acme', 'single'],
  ['gpl-2.0-only WITH classpath-exception-2.0', 'GPL-2.0-only WITH Classpath-exception-2.0', 'single'],
  ['( MIT  OR (Apache-2.0 AND BSD-3-Clause))', '(MIT OR (Apache-2.0 AND BSD-3-Clause))', 'compound'],
  ['MIT and ISC', undefined],
  ['MIT AND', undefined],
  ['(MIT', undefined],
  ['MIT)', undefined],
  ['MIT ISC', undefined],
  ['MIT WITH nothing-known', undefined],
  ['GPL-2.0-only WITH', undefined],
  ['DocumentRef-a:LicenseRef-b', undefined],
  ['', undefined],
  ['Acme EULA', undefined],
  [`${'('.repeat(100)}MIT${')'.repeat(100)}`, undefined],
  [`MIT${' AND MIT'.repeat(1000)}`, undefined],
];

for (const [statement, text, kind] of expressions) {
  test(`parseLicenseExpression() reads "${statement.slice(0, 50)}"`, () => {
    const expression = parseLicenseExpression(statement);
    assert.equal(expression?.text, text);
    assert.equal(expression?.kind, kind);
  });
}

const lists: readonly (readonly [readonly string[], object, string])[] = [
  [[], [], 'NOASSERTION'],
  [['mit'], [{ license: { id: 'MIT' } }], 'MIT'],
  [['MIT', 'ISC'], [{ license: { id: 'MIT' } }, { license: { id: 'ISC' } }], 'MIT AND ISC'],
  [['MIT OR ISC'], [{ expression: 'MIT OR ISC' }], 'MIT OR ISC'],
  [['MIT OR ISC', 'Zlib'], [{ expression: '(MIT OR ISC) AND Zlib' }], '(MIT OR ISC) AND Zlib'],
  [['Bugroff'], [{ license: { name: 'Bugroff' } }], 'Bugroff'],
  [
    ['GPL-2+', 'MIT OR ISC'],
    [{ license: { name: 'GPL-2+' } }, { license: { name: 'MIT OR ISC' } }],
    'LicenseRef-GPL-2-8b4a4f2f4c5a3b55 AND (MIT OR ISC)',
  ],
  [['Acme'], [{ license: { name: 'Acme' } }], 'LicenseRef-Acme'],
  [['NOASSERTION', ' '], [{ license: { name: 'NOASSERTION' } }], 'NOASSERTION'],
];

for (const [statements, cycloneDx, spdx] of lists) {
  test(`encodeLicenses() writes ${JSON.stringify(statements)} for both formats`, () => {
    const extracted = new Map<string, ExtractedLicense>();
    assert.deepEqual(toCycloneDx(statements), cycloneDx);
    const hashless = (text: string): string => text.replaceAll(/-[0-9a-f]{16}/g, '-#');
    assert.equal(hashless(toSpdx(statements, extracted)), hashless(spdx));
  });
}

test('encodeLicenses() of SPDX explains every reference, and decodeLicenses() gives the statement back', () => {
  const extracted = new Map<string, ExtractedLicense>();
  const declared = toSpdx(['Acme EULA\nAll rights reserved'], extracted);
  assert.match(declared, /^LicenseRef-Acme-EULA-All-rights-reserved-[0-9a-f]{16}$/);
  assert.equal(extracted.get(declared)?.name, 'Acme EULA');
  const texts = { get: (id: string): string | undefined => extracted.get(id)?.extractedText };
  assert.deepEqual(fromSpdx(declared, texts), ['Acme EULA\nAll rights reserved']);
  assert.deepEqual(fromSpdx('NOASSERTION', texts), []);
  assert.deepEqual(fromCycloneDx([{ license: { id: 'MIT' } }, {}, { expression: 'A OR B' }]), ['MIT', 'A OR B']);
});

test('parseLicenseExpression() reads what it gives as the same expression again, whatever the text', () => {
  const pieces = fc.constantFrom(
    'MIT',
    'gpl-2.0+',
    'LicenseRef-a',
    'Classpath-exception-2.0',
    '(',
    ')',
    ' AND ',
    ' OR ',
    ' WITH ',
    ' ',
    '+',
    'x',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(pieces, { maxLength: 20 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, (statement) => {
      const found = parseLicenseExpression(statement);
      if (found !== undefined) assert.deepEqual(parseLicenseExpression(found.text), found);
    }),
    { numRuns: 1000 },
  );
});
