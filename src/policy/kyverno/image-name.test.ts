import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { formatKyvernoImage, parseKyvernoImage } from './image-name.ts';
import { matchesWildcard } from './wildcard.ts';

const digest = `sha256:${'0'.repeat(64)}`;

const names: readonly (readonly [text: string, whole: string | undefined])[] = [
  ['nginx', 'docker.io/nginx:latest'],
  ['nginx:1.27', 'docker.io/nginx:1.27'],
  ['library/nginx', 'docker.io/library/nginx:latest'],
  ['org/app@' + digest, `docker.io/org/app@${digest}`],
  ['ghcr.io/a/b:v1@' + digest, `ghcr.io/a/b@${digest}`],
  ['localhost/a', 'localhost/a:latest'],
  ['localhost:5000/a:b', 'localhost:5000/a:b'],
  ['host:5000/a', 'host:5000/a:latest'],
  ['Host/a', 'Host/a:latest'],
  ['[::1]:5000/a', '[::1]:5000/a:latest'],
  ['a.b/c', 'a.b/c:latest'],
  ['a/b/c', 'docker.io/a/b/c:latest'],
  ['', undefined],
  ['Nginx', undefined],
  ['nginx:', undefined],
  ['nginx@sha256:1', undefined],
  [`nginx@sha256:${'A'.repeat(64)}`, undefined],
  [`nginx@sha256:${'a'.repeat(63)}`, undefined],
  [`nginx@sha512:${'a'.repeat(64)}`, undefined],
  [`nginx@md5:${'a'.repeat(32)}`, undefined],
  [`nginx@SHA256:${'a'.repeat(64)}`, undefined],
  [`nginx@${digest}@${digest}`, undefined],
  [`nginx:${digest}`, undefined],
  [`nginx@sha512:${'a'.repeat(128)}`, `docker.io/nginx@sha512:${'a'.repeat(128)}`],
  ['a//b', undefined],
  ['/a', undefined],
  ['a/', undefined],
  ['a b', undefined],
  ['http://a/b', undefined],
  ['a:b:c', undefined],
];

for (const [text, whole] of names) {
  test(`parseKyvernoImage(${JSON.stringify(text)})`, () => {
    const image = parseKyvernoImage(text);
    assert.equal(image === undefined ? undefined : formatKyvernoImage(image), whole);
  });
}

test('the default registry can be another one, and be left out', () => {
  const naming = { defaultRegistry: 'registry.example', addsRegistry: true };
  assert.equal(parseKyvernoImage('nginx', naming)?.registry, 'registry.example');
  assert.equal(parseKyvernoImage('nginx', { ...naming, addsRegistry: false })?.registry, '');
  assert.deepEqual(parseKyvernoImage('ghcr.io/a/b:1'), {
    registry: 'ghcr.io',
    path: 'a/b',
    name: 'b',
    tag: '1',
    digest: '',
  });
});

const patterns: readonly (readonly [pattern: string, text: string, matches: boolean])[] = [
  ['*', '', true],
  ['', '', true],
  ['', 'a', false],
  ['?', '', false],
  ['?', '😀', true],
  ['*.io/*', 'ghcr.io/a/b:c', true],
  ['ghcr.io/*:v?', 'ghcr.io/a/b:v1', true],
  ['ghcr.io/*:v?', 'ghcr.io/a/b:v12', false],
  ['repo:*', `repo@${digest}`, false],
  ['repo*', `repo@${digest}`, true],
  ['a*b*c', 'aXbXbYc', true],
  ['a*b*c', 'aXbXbY', false],
  ['A', 'a', false],
  ['[a]', 'a', false],
  ['a\\*', 'a\\x', true],
];

for (const [pattern, text, matches] of patterns) {
  test(`${pattern} ${matches ? 'matches' : 'does not match'} ${text}`, () => {
    assert.equal(matchesWildcard(pattern, text), matches);
  });
}

test('patterns match what a regular expression of the same meaning does', () => {
  const unit = fc.constantFrom('a', 'b', '*', '?');
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 12 });
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 8 }), letters, (pattern, text) => {
      const expression = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
      assert.equal(matchesWildcard(pattern, text), expression.test(text));
    }),
    { numRuns: 2000 },
  );
});

test('no pattern takes more than its length times that of the text', () => {
  assert.equal(matchesWildcard(`${'*a'.repeat(1000)}b`, 'a'.repeat(2000)), false);
});
