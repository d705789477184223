import assert from 'node:assert/strict';
import test from 'node:test';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import * as fc from 'fast-check';
import { isIriReference } from './iri-reference.ts';

const cases: readonly (readonly [string, boolean])[] = [
  ['https://example.org/a?b=c#d', true],
  ['git+https://example.org/a.git@abc', true],
  ['git+ssh://git@github.com/owner/repo.git#v1', true],
  ['https://user@[2001:db8::1]:8080/x', true],
  ['https://例え.jp/é', true],
  ['mailto:a@b.c', true],
  ['../relative/path:x', true],
  ['', true],
  ['git@github.com:owner/repo.git', false],
  ['https://example.org/a b', false],
  ['https://example.org/<x>', false],
  ['https://example.org/%zz', false],
  ['https://example.org/a#b#c', false],
  ['https://example.org/[x]', false],
  ['https://exa[mple.org/', false],
  ['https://example.org:port/', false],
  ['urn:x:[y]', false],
  ['1a:b', false],
  ['https://[v1.fe]/x', true],
  ['https://user@name@example.org/', false],
  ['//@@[::1]', false],
  ['//[.]', false],
  ['//[::1%25eth0]/', false],
  ['\ud800', false],
];

for (const [text, expected] of cases) {
  test(`isIriReference() says ${expected} to ${JSON.stringify(text)}`, () => {
    assert.equal(isIriReference(text), expected);
  });
}

test('isIriReference() accepts nothing that a JSON schema validator refuses', () => {
  const ajv = new Ajv();
  addFormats.default(ajv);
  const uriReference = ajv.formats['uri-reference'] as RegExp;
  const pieces = [
    'http',
    ':',
    '/',
    '//',
    '?',
    '#',
    '@',
    '[',
    ']',
    '[::1]',
    '%',
    '%41',
    ' ',
    'a',
    '1',
    '.',
    '|',
    'é',
    '{',
    '\\',
  ];
  const text = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 2 })), { maxLength: 8 });
  fc.assert(
    fc.property(
      text.map((found) => found.join('')),
      (iri) => {
        if (!isIriReference(iri)) return;
        // An IRI is a URI whose other than ASCII characters are still to be percent-encoded (RFC 3987 §3.1).
        const uri = iri.replaceAll(/[^\u0000-\u007f]/gu, (char) => encodeURIComponent(char));
        assert.ok(uriReference.test(uri), iri);
      },
    ),
    { numRuns: 5000 },
  );
});
