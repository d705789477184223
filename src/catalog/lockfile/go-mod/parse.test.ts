import assert from 'node:assert/strict';
import test from 'node:test';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import { linesOfReading } from '../../../../testing/lockfile.ts';
import { parseGoMod } from './parse.ts';

const text = `module example.org/app // the app

go 1.21

toolchain go1.22.1

require golang.org/x/text v0.3.7
require (
	github.com/a/b v1.2.3 // indirect
	"github.com/c/d/v2" v2.0.0+incompatible
	github.com/fork/old v1.0.0
	github.com/local/one v1.0.0
	github.com/other/version v1.0.0
)

replace (
	github.com/fork/old => github.com/fork/new v1.1.0
	github.com/local/one => ../one
	github.com/other/version v9.9.9 => github.com/no/no v1.0.0
)

exclude golang.org/x/text v0.3.6
`;

test('parseGoMod() reads what is required, and what takes its place', () => {
  assert.deepEqual(linesOfReading(parseGoMod(Buffer.from(text))), [
    'github.com/a/b@v1.2.3 indirect 9-9',
    'github.com/c/d/v2@v2.0.0+incompatible direct 10-10',
    'github.com/fork/new@v1.1.0 direct 11-11',
    'github.com/other/version@v1.0.0 direct 13-13',
    'golang.org/x/text@v0.3.7 direct 7-7',
  ]);
});

const sum = `golang.org/x/text v0.3.7 h1:a=
golang.org/x/text v0.3.7/go.mod h1:b=
golang.org/x/sys v0.9.0 h1:c=
golang.org/x/sys v0.10.0 h1:d=
golang.org/x/sys v0.11.0/go.mod h1:e=
broken line
golang.org/x/net nonsense h1:f=
`;

for (const [version, isAsked] of [
  ['go 1.16', true],
  ['', true],
  ['go 1.17', false],
  ['go 2.0', false],
] as const) {
  test(`parseGoMod() ${isAsked ? 'asks' : 'does not ask'} the sums with "${version}"`, () => {
    const mod = `module a\n${version}\nrequire golang.org/x/text v0.3.6\n`;
    assert.deepEqual(linesOfReading(parseGoMod(Buffer.from(mod), Buffer.from(sum))), [
      ...(isAsked ? ['golang.org/x/sys@v0.10.0 indirect'] : []),
      'golang.org/x/text@v0.3.6 direct 3-3',
    ]);
  });
}

test('parseGoMod() refuses what names no module, and survives hostile bytes', () => {
  assert.throws(() => parseGoMod(Buffer.from('require a v1\n')), { code: 'MALFORMED' });
  assertSurvives([text, sum], (bytes) => parseGoMod(bytes, bytes));
});
