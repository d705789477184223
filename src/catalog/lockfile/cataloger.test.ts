import assert from 'node:assert/strict';
import test from 'node:test';
import { catalogFile } from '../../../testing/catalog-file.ts';
import type { Cataloger } from '../cataloger.ts';
import { Dispatch } from '../dispatch.ts';
import { catalogers } from '../list.ts';
import { lockfileCatalogers, sourceCatalogers } from '../source-list.ts';

const sources = new Dispatch(sourceCatalogers);

function only(path: string): Cataloger {
  const [found, ...others] = sources.select(path);
  assert.ok(found !== undefined && others.length === 0, path);
  return found;
}

const files: readonly (readonly [string, string, string, string])[] = [
  ['a/package-lock.json', 'npm', '{"packages":{"node_modules/a":{"version":"1"}}}', 'a@1'],
  ['npm-shrinkwrap.json', 'npm', '{"packages":{"node_modules/a":{"version":"1"}}}', 'a@1'],
  ['yarn.lock', 'npm', 'a@1:\n  version "1"\n', 'a@1'],
  ['pnpm-lock.yaml', 'npm', 'lockfileVersion: 9.0\npackages:\n  a@1: {}\nsnapshots:\n  a@1: {}\n', 'a@1'],
  ['bun.lock', 'npm', '{"packages":{"a":["a@1"]}}', 'a@1'],
  ['requirements.txt', 'pypi', 'a==1\n', 'a@1'],
  ['poetry.lock', 'pypi', '[[package]]\nname = "a"\nversion = "1"\n', 'a@1'],
  ['Pipfile.lock', 'pypi', '{"default":{"a":{"version":"==1"}}}', 'a@1'],
  ['uv.lock', 'pypi', '[[package]]\nname = "a"\nversion = "1"\n', 'a@1'],
  ['pdm.lock', 'pypi', '[[package]]\nname = "a"\nversion = "1"\n', 'a@1'],
  ['go.mod', 'golang', 'module m\ngo 1.22\nrequire a v1.0.0\n', 'a@v1.0.0'],
  ['Cargo.lock', 'cargo', '[[package]]\nname = "a"\nversion = "1"\nsource = "registry+x"\n', 'a@1'],
  ['composer.lock', 'composer', '{"packages":[{"name":"a/b","version":"1"}]}', 'a/b@1'],
  ['Gemfile.lock', 'gem', 'GEM\n  specs:\n    a (1)\n', 'a@1'],
  ['gems.locked', 'gem', 'GEM\n  specs:\n    a (1)\n', 'a@1'],
  ['packages.lock.json', 'nuget', '{"dependencies":{"net8.0":{"a":{"type":"Direct","resolved":"1"}}}}', 'a@1'],
  ['gradle.lockfile', 'maven', 'g:a:1=x\n', 'g:a@1'],
  ['buildscript-gradle.lockfile', 'maven', 'g:a:1=x\n', 'g:a@1'],
];

for (const [path, type, text, id] of files) {
  test(`${path} is read for source code, and never in an image`, () => {
    const { facts, problems = [] } = only(path).read(catalogFile(path, text));
    const found = facts.flatMap((fact) => (fact.kind === 'package' ? [fact.package] : []));
    assert.deepEqual(
      found.map(({ name, version }) => `${name}@${version}`),
      [id],
    );
    assert.equal(found[0]?.type, type);
    assert.deepEqual(problems, []);
    assert.deepEqual(new Dispatch(catalogers).select(path), []);
  });
}

test('every cataloger of lock files has a row above', () => {
  const tried = new Set(files.map(([path]) => only(path).id));
  assert.deepEqual(
    lockfileCatalogers.map(({ id }) => id).filter((id) => !tried.has(id)),
    [],
  );
});

test('what installed packages bring along is passed over', () => {
  for (const [path, text] of [
    ['node_modules/x/package-lock.json', '{"packages":{"node_modules/a":{"version":"1"}}}'],
    ['a/node_modules/x/yarn.lock', 'a@1:\n  version "1"\n'],
    ['a/vendor/x/composer.lock', '{"packages":[{"name":"a/b","version":"1"}]}'],
  ] as const) {
    assert.deepEqual(only(path).read(catalogFile(path, text)).facts, []);
  }
});

test('a neighbour tells what is for development', () => {
  const lock = 'a@1:\n  version "1"\n\nb@1:\n  version "1"\n';
  const beside = { 'package.json': '{"dependencies":{"a":"1"},"devDependencies":{"b":"1"}}' };
  const { facts } = only('yarn.lock').read(catalogFile('yarn.lock', lock, beside));
  const marked = facts.flatMap((fact) =>
    fact.kind === 'package' && fact.package.development === true ? [fact.package.name] : [],
  );
  assert.deepEqual(marked, ['b']);
});

test('no cataloger wants a file that is kept for another', () => {
  for (const name of lockfileCatalogers.flatMap(({ neighbours = [] }) => neighbours)) {
    assert.deepEqual(sources.select(name), []);
    assert.ok(sources.isSibling(`a/${name}`));
  }
  assert.ok(!sources.isSibling('a/README.md'));
});

test('entries that had to be left out are reported', () => {
  const { problems } = only('Pipfile.lock').read(catalogFile('Pipfile.lock', '{"default":{"a":{"version":7}}}'));
  assert.deepEqual(
    problems?.map(({ code, subject }) => [code, subject]),
    [['PACKAGES_UNREADABLE', 'Pipfile.lock']],
  );
});
