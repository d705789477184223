import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseGoUrl } from './go-url.ts';

/** As `net/url` of Go 1.26 gave them: scheme, host and path, or that it refuses the text. */
const cases: readonly (readonly [text: string, wanted: readonly [string, string, string] | undefined])[] = [
  ['', ['', '', '']],
  ['https://reg.corp', ['https', 'reg.corp', '']],
  ['HTTPS://Reg.corp:5000/v2/a%20b?x#y', ['https', 'Reg.corp:5000', '/v2/a b']],
  ['https://user:p%40ss@reg.corp/', ['https', 'reg.corp', '/']],
  ['https://a@b@reg.corp', ['https', 'reg.corp', '']],
  ['https://[::1]:5000/v2', ['https', '[::1]:5000', '/v2']],
  ['https://[::1]x', undefined],
  ['https://[::1', undefined],
  ['https://reg.corp:', ['https', 'reg.corp:', '']],
  ['https://reg.corp:http', undefined],
  ['https://reg corp', undefined],
  ['https://reg.corp/a b', ['https', 'reg.corp', '/a b']],
  ['https://reg.corp/%zz', undefined],
  ['https://reg.corp/?%zz', ['https', 'reg.corp', '/']],
  ['https://reg.corp/#%zz', undefined],
  ['https://r%65g.corp', undefined],
  ['https://%c3%a9.corp', ['https', 'é.corp', '']],
  ['https://reg.corp\n', undefined],
  ['https:reg.corp', ['https', '', '']],
  ['https:/reg.corp', ['https', '', '/reg.corp']],
  ['https:///x', ['https', '', '/x']],
  ['//reg.corp/x', ['', 'reg.corp', '/x']],
  ['///x', ['', '', '///x']],
  ['httpd.corp:5000', ['httpd.corp', '', '']],
  ['http_x:5000', undefined],
  ['reg.corp/x:y', ['', '', 'reg.corp/x:y']],
  [':x', undefined],
];

describe('parseGoUrl()', () => {
  for (const [text, wanted] of cases) {
    test(JSON.stringify(text), () => {
      const read = parseGoUrl(text);
      assert.deepEqual(read && [read.scheme, read.host, read.path], wanted);
    });
  }

  test('takes no time over long texts', () => {
    for (const text of ['%', ':', '[', ']', '@', '/', '::', '1:']) parseGoUrl(`https://${text.repeat(100_000)}`);
  });

  test('throws for none', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseGoUrl(text)));
  });
});
