import assert from 'node:assert/strict';
import test from 'node:test';
import { namesMatch, repoTagsOf, splitSelectedPath } from './image-selector.ts';

const digest = `sha256:${'a'.repeat(64)}`;

/** What exists, what is written, the path and the selector. */
const paths: readonly (readonly [readonly string[], string, string, object])[] = [
  [['dir'], 'dir', 'dir', {}],
  [['dir'], 'dir:tag', 'dir', { tag: 'tag' }],
  [['dir'], `dir@${digest}`, 'dir', { digest }],
  [['dir'], `dir:tag@${digest}`, 'dir', { tag: 'tag', digest }],
  [['a.tar'], 'a.tar:ghcr.io/x/y:1', 'a.tar', { tag: 'ghcr.io/x/y:1' }],
  [['dir', 'dir:tag'], 'dir:tag', 'dir:tag', {}],
  [['dir', 'dir:a'], 'dir:a:b', 'dir:a', { tag: 'b' }],
  [['dir@x'], 'dir@x', 'dir@x', {}],
  [['dir@x'], 'dir@x:1', 'dir@x', { tag: '1' }],
  [[], 'dir:tag', 'dir:tag', {}],
];

test('splitSelectedPath() lets what exists decide', () => {
  for (const [there, text, path, selector] of paths) {
    assert.deepEqual(
      splitSelectedPath(text, (name) => there.includes(name)),
      { path, selector },
      text,
    );
  }
});

/** What is asked for, what an image is called, whether it is meant. */
const names: readonly (readonly [string, string, boolean])[] = [
  ['1.27', '1.27', true],
  ['1.27', 'nginx:1.27', true],
  ['1.27', 'docker.io/library/nginx:1.27', true],
  ['nginx:1.27', 'docker.io/library/nginx:1.27', true],
  ['nginx', 'nginx:latest', true],
  ['nginx:1.2', 'nginx:1.27', false],
  ['27', 'nginx:1.27', false],
  ['1.27', 'NOT A NAME', false],
  ['not a name', 'not a name', true],
];

test('namesMatch() knows tags, short names and full names', () => {
  for (const [tag, name, expected] of names) assert.equal(namesMatch(tag, name), expected, `${tag} for ${name}`);
});

test('repoTagsOf() keeps whole names only, in the short form', () => {
  assert.deepEqual(repoTagsOf(['docker.io/library/nginx:1', '1', 'nginx:1', 'bad/Name:x', 'ghcr.io/a/b:2']), [
    'nginx:1',
    'ghcr.io/a/b:2',
  ]);
});
