import assert from 'node:assert/strict';
import test from 'node:test';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import { CatalogError } from '../../error.ts';
import { parsePackageJson } from './parse.ts';

function parse(manifest: unknown): ReturnType<typeof parsePackageJson> {
  return parsePackageJson(Buffer.from(typeof manifest === 'string' ? manifest : JSON.stringify(manifest)));
}

test('parsePackageJson() reads name, version and licence', () => {
  assert.deepEqual(parse({ name: '@babel/core', version: '7.24.0', license: 'MIT' }), {
    type: 'npm',
    name: '@babel/core',
    version: '7.24.0',
    licenses: ['MIT'],
    cataloger: 'npm',
  });
});

const licenses: readonly (readonly [string, object, readonly string[]])[] = [
  ['a text', { license: '(MIT OR GPL-2.0)' }, ['(MIT OR GPL-2.0)']],
  ['an object', { license: { type: 'BSD', url: 'https://example.org' } }, ['BSD']],
  ['an object with a name', { license: { name: 'BSD' } }, ['BSD']],
  ['a list in the wrong field', { license: ['MIT', { type: 'ISC' }] }, ['MIT', 'ISC']],
  ['the older list', { licenses: [{ type: 'MIT', url: '' }, { type: 'GPL-2.0' }] }, ['MIT', 'GPL-2.0']],
  ['the older list of texts', { licenses: ['MIT', 'ISC'] }, ['MIT', 'ISC']],
  ['the older field with one object', { licenses: { type: 'MIT' } }, ['MIT']],
  ['the older field with a text', { licenses: 'MIT' }, ['MIT']],
  ['both fields', { license: 'MIT', licenses: [{ type: 'MIT' }, { type: 'ISC' }] }, ['MIT', 'ISC']],
  ['a reference', { license: 'SEE LICENSE IN LICENSE.md' }, ['SEE LICENSE IN LICENSE.md']],
  ['nonsense', { license: 7, licenses: [null, {}, { type: 3 }, ['x']] }, []],
  ['control characters', { license: 'MIT\u001B[2J' }, []],
  ['nothing', {}, []],
];

for (const [what, fields, expected] of licenses) {
  test(`parsePackageJson() reads ${what} as licence`, () => {
    assert.deepEqual(parse({ name: 'a', version: '1.0.0', ...fields })?.licenses, expected);
  });
}

test('parsePackageJson() keeps the package whatever its other fields hold', () => {
  const odd = { author: 7, repository: [], bugs: null, dependencies: 'none', engines: ['node'], bin: {}, files: 'x' };
  assert.equal(parse({ name: 'a', version: '1.0.0', ...odd })?.name, 'a');
});

test('parsePackageJson() reads past a byte-order mark', () => {
  assert.equal(parse('\uFEFF{"name":"a","version":"1.0.0"}')?.version, '1.0.0');
});

const names: readonly (readonly [string, boolean])[] = [
  ['JSONStream', true],
  ['lodash.merge', true],
  ['_', true],
  ["it's-a-legacy~(name)!*", true],
  ['@scope/name', true],
  ['@scope/.hidden', false],
  ['.hidden', false],
  ['my app', false],
  ['a/b', false],
  ['@scope/a/b', false],
  ['@scope', false],
  ['<%= name %>', false],
  ['{{name}}', false],
  ['http://example.org/a', false],
];

for (const [name, isPackage] of names) {
  test(`parsePackageJson() ${isPackage ? 'takes' : 'leaves'} a package called ${name}`, () => {
    assert.equal(parse({ name, version: '1.0.0' })?.name, isPackage ? name : undefined);
  });
}

for (const manifest of [
  { type: 'module' },
  { name: 'a' },
  { version: '1.0.0' },
  { name: 'a', version: ' ' },
  { name: '', version: '1' },
]) {
  test(`parsePackageJson() finds no package in ${JSON.stringify(manifest)}`, () => {
    assert.equal(parse(manifest), undefined);
  });
}

for (const manifest of [
  '{"name":"a", // note\n"version":"1"}',
  '[]',
  { name: 'a', version: 1 },
  { name: ['a'], version: '1' },
  { name: 'a\u0007', version: '1' },
]) {
  test(`parsePackageJson() refuses ${JSON.stringify(manifest)}`, () => {
    assert.throws(
      () => parse(manifest),
      (error) => error instanceof CatalogError && error.code === 'MALFORMED',
    );
  });
}

test('parsePackageJson() survives hostile bytes', () => {
  assertSurvives(
    [
      '{"name":"@babel/core","version":"7.24.0","license":{"type":"MIT"},"licenses":[{"type":"MIT"},"ISC"]}',
      '{"__proto__":{"name":"a","version":"1"},"name":"a","version":"1.0.0"}',
    ],
    parsePackageJson,
    (found) => assert.ok(found === undefined || (found.name !== '' && found.version !== '')),
  );
});
