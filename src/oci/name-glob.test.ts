import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileGlob } from '../base/glob.ts';
import { whyNoRepository, whyNoSource, whyNoTag } from './name-glob.ts';

const repositories: readonly (readonly [pattern: string, why?: RegExp])[] = [
  ['**'],
  ['team/*'],
  ['team-{a,b}/**'],
  ['a.b_c/[a-z]x?'],
  ['{team,team/**}'],
  ['', /empty/],
  ['Team/*', /small letters/],
  ['a b', /small letters/],
  ['/a', /at either end/],
  ['a/', /at either end/],
  ['a//b', /two in a row/],
  ['{a,B}', /small letters/],
  ['{a,}', /one of its choices is empty/],
  ['a:tag', /small letters/],
  ['[a', /never closed/],
];

for (const [pattern, why] of repositories) {
  test(`whyNoRepository() judges "${pattern}"`, () => {
    if (why === undefined) assert.equal(whyNoRepository(pattern), undefined);
    else assert.match(whyNoRepository(pattern) ?? '', why);
  });
}

const tags: readonly (readonly [pattern: string, why?: RegExp])[] = [
  ['*'],
  ['v[0-9]*'],
  ['Release_1.2-{a,b}'],
  ['a/b', /letters, digits/],
  ['.x', /begin with/],
  ['x'.repeat(129), /at most 128/],
];

for (const [pattern, why] of tags) {
  test(`whyNoTag() judges "${pattern.slice(0, 20)}"`, () => {
    if (why === undefined) assert.equal(whyNoTag(pattern), undefined);
    else assert.match(whyNoTag(pattern) ?? '', why);
  });
}

test('whyNoRepository() refuses no pattern without choices that matches a repository', () => {
  const part = fc.constantFrom('a', 'b1', 'x-y', 'x.y', '*', '?', '[ab]', 'a*', '**');
  const pattern = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  const names = ['a', 'a/b1', 'x-y/x.y', 'a/a/a', 'b1/x.y/a/b1'];
  fc.assert(
    fc.property(pattern, (text) => {
      const matches = names.some((name) => compileGlob(text).matches(name));
      assert.ok(!matches || whyNoRepository(text) === undefined);
    }),
  );
});

const sources: readonly (readonly [pattern: string, why?: RegExp])[] = [
  ['**'],
  ['docker.io/library/*'],
  ['registry.example.com:5000/team/**'],
  ['{docker.io,quay.io}/**'],
  ['localhost:5000'],
  ['Docker.io/**', /small letters/],
  ['docker.io/nginx:latest', /small letters/],
  ['docker.io:port/a', /small letters/],
  ['https://docker.io/a', /small letters/],
];

for (const [pattern, why] of sources) {
  test(`whyNoSource() judges "${pattern}"`, () => {
    if (why === undefined) assert.equal(whyNoSource(pattern), undefined);
    else assert.match(whyNoSource(pattern) ?? '', why);
  });
}
