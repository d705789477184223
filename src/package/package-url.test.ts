import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import * as fc from 'fast-check';
import { needsSharedData, sharedData } from '../../testing/shared-data.ts';
import { PackageUrlError, type PackageUrlErrorCode } from './package-url-error.ts';
import { formatPackageUrl, parsePackageUrl, type PackageUrl, type PackageUrlParts } from './package-url.ts';

/** Text, canonical form, parts. */
const parsed: readonly (readonly [string, string, PackageUrl])[] = [
  [
    'pkg:deb/debian/libc6@1:2.36-9%2Bdeb12u4?distro=debian-12&arch=amd64',
    'pkg:deb/debian/libc6@1:2.36-9%2Bdeb12u4?arch=amd64&distro=debian-12',
    {
      type: 'deb',
      namespace: 'debian',
      name: 'libc6',
      version: '1:2.36-9+deb12u4',
      qualifiers: { arch: 'amd64', distro: 'debian-12' },
    },
  ],
  [
    'pkg:NPM/@Babel/core@7.0.0',
    'pkg:npm/%40Babel/core@7.0.0',
    { type: 'npm', namespace: '@Babel', name: 'core', version: '7.0.0', qualifiers: {} },
  ],
  [
    'pkg:npm/%40babel/core',
    'pkg:npm/%40babel/core',
    { type: 'npm', namespace: '@babel', name: 'core', qualifiers: {} },
  ],
  [
    'pkg://golang/gotest.tools@v2.2.0%2Bincompatible#//./icmd/../',
    'pkg:golang/gotest.tools@v2.2.0%2Bincompatible#icmd',
    { type: 'golang', name: 'gotest.tools', version: 'v2.2.0+incompatible', qualifiers: {}, subpath: 'icmd' },
  ],
  [
    'pkg:PyPI/Typing_Extensions@4.9.0RC1?Empty=&File_Name=a%2Fb',
    'pkg:pypi/typing-extensions@4.9.0rc1?file_name=a%2Fb',
    { type: 'pypi', name: 'typing-extensions', version: '4.9.0rc1', qualifiers: { file_name: 'a/b' } },
  ],
  [
    'pkg:git/github.com/Owner/Repo@abc',
    'pkg:git/github.com/owner/repo@abc',
    { type: 'git', namespace: 'github.com', name: 'owner/repo', version: 'abc', qualifiers: {} },
  ],
  [
    'pkg:brew/node@20@20.1',
    'pkg:brew/node%4020@20.1',
    { type: 'brew', name: 'node@20', version: '20.1', qualifiers: {} },
  ],
  ["pkg:generic/it's(*)!", 'pkg:generic/it%27s%28%2A%29%21', { type: 'generic', name: "it's(*)!", qualifiers: {} }],
];

for (const [text, canonical, value] of parsed) {
  test(`parsePackageUrl() and formatPackageUrl() normalise ${text}`, () => {
    assert.deepEqual(parsePackageUrl(text), value);
    assert.equal(formatPackageUrl(value), canonical);
    assert.deepEqual(parsePackageUrl(canonical), value);
  });
}

const refused: readonly (readonly [string, PackageUrlErrorCode])[] = [
  ['npm/core', 'PURL_SCHEME_MISSING'],
  ['pkg:npm', 'PURL_NAME_MISSING'],
  ['pkg:npm/', 'PURL_NAME_MISSING'],
  ['pkg:maven/@1.3.4', 'PURL_NAMESPACE_REQUIRED'],
  ['pkg:swift/github.com/Alamofire/@5.4.3', 'PURL_NAME_MISSING'],
  ['pkg:3d/name', 'PURL_TYPE_INVALID'],
  ['pkg:deb/curl@1', 'PURL_NAMESPACE_REQUIRED'],
  ['pkg:gem/a/b', 'PURL_NAMESPACE_PROHIBITED'],
  ['pkg:golang/github.com%2Fa/b', 'PURL_NAMESPACE_INVALID'],
  ['pkg:cpan/URI::PackageURL', 'PURL_NAME_INVALID'],
  ['pkg:npm/a?b c=d', 'PURL_QUALIFIER_INVALID'],
  ['pkg:npm/a?b=1&B=2', 'PURL_QUALIFIER_INVALID'],
  ['pkg:npm/a?__proto__=1', 'PURL_QUALIFIER_INVALID'],
  ['pkg:julia/Dates', 'PURL_QUALIFIER_REQUIRED'],
  ['pkg:npm/a%zz', 'PURL_ENCODING_INVALID'],
  ['pkg:npm/a%ff', 'PURL_ENCODING_INVALID'],
  [`pkg:npm/${'a'.repeat(20_000)}`, 'PURL_TOO_LONG'],
];

for (const [text, code] of refused) {
  test(`parsePackageUrl() refuses ${text.slice(0, 60)} as ${code}`, () => {
    assert.throws(
      () => parsePackageUrl(text),
      (error) => error instanceof PackageUrlError && error.code === code,
    );
  });
}

test('parsePackageUrl() lets only its own errors out, and what it reads stays the same when written and read', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'pkg:',
      'deb',
      'npm',
      '/',
      '//',
      '@',
      '?',
      '#',
      '=',
      '&',
      '%',
      '%2F',
      '%40',
      '..',
      'a',
      'Z_',
      ':',
      '+',
    ),
    fc.string({ unit: 'binary', maxLength: 4 }),
  );
  const text = fc.array(piece, { maxLength: 14 }).map((pieces) => `pkg:${pieces.join('')}`);
  fc.assert(
    fc.property(fc.oneof(text, fc.string()), (input) => {
      let value: PackageUrl;
      try {
        value = parsePackageUrl(input);
      } catch (error) {
        assert.ok(error instanceof PackageUrlError);
        return;
      }
      const canonical = formatPackageUrl(value);
      assert.equal(formatPackageUrl(parsePackageUrl(canonical)), canonical);
    }),
    { numRuns: 1000 },
  );
});

interface SuiteCase {
  readonly description: string;
  readonly test_type: 'parse' | 'build' | 'validate';
  readonly input: string | SuiteParts;
  readonly expected_output?: string | SuiteParts | null;
  readonly expected_failure?: boolean;
}
type SuiteParts = { readonly [Key in keyof Required<PackageUrlParts>]: PackageUrlParts[Key] | null };

/** Cases of the suite that this program answers otherwise, each with its reason. */
const disagreements: Readonly<Record<string, string>> = {
  'parse pkg:gem/jruby-launcher@1.1.2?Platform=java':
    'wants a failure, but the same text is to be validated into lower case, and parsers must lower-case keys',
  'parse pkg:Rpm/fedora/curl@7.50.3-1.fc25?Arch=i386&Distro=fedora-25': 'the same',
};

function dropNulls(parts: SuiteParts): PackageUrlParts {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== null)) as unknown as PackageUrlParts;
}

function runCase({ test_type, input }: SuiteCase): unknown {
  if (test_type === 'parse') return parsePackageUrl(input as string);
  if (test_type === 'validate') return formatPackageUrl(parsePackageUrl(input as string));
  const parts = dropNulls(input as SuiteParts);
  return formatPackageUrl({ ...parts, type: parts.type ?? '', name: parts.name ?? '' });
}

test('parsePackageUrl() and formatPackageUrl() pass the suite of the specification', needsSharedData('purl'), () => {
  const folders = ['spec', 'types'].map((folder) => sharedData('purl', 'tests', folder) as string);
  const files = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  const cases = files.flatMap((file) => (JSON.parse(readFileSync(file, 'utf8')) as { tests: SuiteCase[] }).tests);
  const wrong: string[] = [];
  for (const suiteCase of cases) {
    const label = `${suiteCase.test_type} ${typeof suiteCase.input === 'string' ? suiteCase.input : JSON.stringify(suiteCase.input)}`;
    let actual: unknown;
    try {
      actual = runCase(suiteCase);
    } catch (error) {
      assert.ok(error instanceof PackageUrlError, label);
    }
    let agrees = actual === undefined;
    if (suiteCase.expected_failure !== true) {
      const output = suiteCase.expected_output;
      const expected =
        typeof output === 'object' && output !== null ? { qualifiers: {}, ...dropNulls(output) } : output;
      agrees = isEqual(actual, expected);
    }
    if (agrees === (disagreements[label] !== undefined && suiteCase.expected_failure === true)) {
      wrong.push(`${label} gives ${JSON.stringify(actual)}`);
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(cases.length >= 586);
});

function isEqual(actual: unknown, expected: unknown): boolean {
  try {
    assert.deepEqual(actual, expected);
    return true;
  } catch {
    return false;
  }
}
