import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { OciError } from './error.ts';
import { familiarReference, formatReference, parseReference, parseRegistryHost } from './reference.ts';

const digest = `sha256:${'a1'.repeat(32)}`;

/** What is written, its full form, its short form. */
const accepted: readonly (readonly [string, string, string])[] = [
  ['nginx', 'docker.io/library/nginx:latest', 'nginx:latest'],
  ['nginx:1.27', 'docker.io/library/nginx:1.27', 'nginx:1.27'],
  [`nginx@${digest}`, `docker.io/library/nginx@${digest}`, `nginx@${digest}`],
  [`nginx:1.27@${digest}`, `docker.io/library/nginx:1.27@${digest}`, `nginx:1.27@${digest}`],
  ['library/nginx', 'docker.io/library/nginx:latest', 'nginx:latest'],
  ['grafana/grafana', 'docker.io/grafana/grafana:latest', 'grafana/grafana:latest'],
  ['docker.io/nginx', 'docker.io/library/nginx:latest', 'nginx:latest'],
  ['index.docker.io/nginx', 'docker.io/library/nginx:latest', 'nginx:latest'],
  ['index.docker.io/library/nginx', 'docker.io/library/nginx:latest', 'nginx:latest'],
  ['docker.io/library/a/b', 'docker.io/library/a/b:latest', 'docker.io/library/a/b:latest'],
  ['localhost/x', 'localhost/x:latest', 'localhost/x:latest'],
  ['localhost:5000/x', 'localhost:5000/x:latest', 'localhost:5000/x:latest'],
  ['localhost:5000', 'docker.io/library/localhost:5000', 'localhost:5000'],
  ['host.docker.internal/team/x:1', 'host.docker.internal/team/x:1', 'host.docker.internal/team/x:1'],
  ['ghcr.io/a/b/c/d:v1.0_x-y', 'ghcr.io/a/b/c/d:v1.0_x-y', 'ghcr.io/a/b/c/d:v1.0_x-y'],
  ['127.0.0.1:5000/x', '127.0.0.1:5000/x:latest', '127.0.0.1:5000/x:latest'],
  ['[::1]:5000/x', '[::1]:5000/x:latest', '[::1]:5000/x:latest'],
  ['[2001:db8::1]/x', '[2001:db8::1]/x:latest', '[2001:db8::1]/x:latest'],
  ['Registry/x', 'Registry/x:latest', 'Registry/x:latest'],
  ['x/a.b-c__d---e', 'docker.io/x/a.b-c__d---e:latest', 'x/a.b-c__d---e:latest'],
  ['x:_tag', 'docker.io/library/x:_tag', 'x:_tag'],
  [`x:${'t'.repeat(128)}`, `docker.io/library/x:${'t'.repeat(128)}`, `x:${'t'.repeat(128)}`],
  [`a/${'b'.repeat(253)}`, `docker.io/a/${'b'.repeat(253)}:latest`, `a/${'b'.repeat(253)}:latest`],
];

test('parseReference() normalises as Docker does', () => {
  for (const [text, full, familiar] of accepted) {
    const reference = parseReference(text);
    assert.equal(formatReference(reference), full, text);
    assert.equal(familiarReference(reference), familiar, text);
  }
});

const refused: readonly string[] = [
  '',
  ' ',
  'Nginx',
  'docker.io/Nginx',
  'a/B',
  'nginx:',
  'nginx:-tag',
  `nginx:${'t'.repeat(129)}`,
  'nginx:tag:tag',
  'nginx@',
  'nginx@sha256:abc',
  `nginx@sha256:${'A1'.repeat(32)}`,
  `nginx@md5:${'a'.repeat(32)}`,
  `nginx@${digest}:tag`,
  'a//b',
  '/a',
  'a/',
  'a/../b',
  'a/./b',
  '-a/b',
  'a/-b',
  'a/b-',
  'a/b..c',
  'a/b___c',
  'a b',
  'a\nb',
  'nginx\0',
  'https://ghcr.io/a',
  'ghcr.io:port/a',
  'ghcr.io:123456/a',
  '-ghcr.io/a',
  'a.b__c/x',
  '[::1/a',
  'user@host/a',
  'ä/b',
  'a'.repeat(64).replaceAll('a', 'f'),
  `a/${'b'.repeat(254)}`,
  'a'.repeat(5000),
];

test('parseReference() refuses what is no reference', () => {
  for (const text of refused) {
    assert.throws(() => parseReference(text), { name: 'OciError', code: 'REFERENCE_INVALID' }, JSON.stringify(text));
  }
});

const component = fc.stringMatching(/^[a-z0-9]{1,8}([._-][a-z0-9]{1,8}){0,2}$/);
const reference = fc.record({
  registry: fc.oneof(
    fc.constantFrom('docker.io', 'localhost', 'ghcr.io', '[::1]:5000'),
    fc.stringMatching(/^[a-z0-9]{1,9}:[0-9]{1,4}$/),
  ),
  path: fc.array(component, { minLength: 1, maxLength: 4 }),
  tag: fc.option(fc.stringMatching(/^\w[\w.-]{0,20}$/), { nil: undefined }),
  digest: fc.option(fc.constant(digest), { nil: undefined }),
});

test('parseReference() of a formatted reference gives it again, in both forms', () => {
  fc.assert(
    fc.property(reference, ({ registry, path, tag, digest: chosen }) => {
      const text = `${registry}/${path.join('/')}${tag ? `:${tag}` : ''}${chosen ? `@${chosen}` : ''}`;
      const parsed = parseReference(text);
      assert.deepEqual(parseReference(formatReference(parsed)), parsed);
      assert.deepEqual(parseReference(familiarReference(parsed)), parsed);
    }),
  );
});

test('parseReference() throws nothing but its own error', () => {
  const pieces = fc.constantFrom(
    'a',
    'B',
    '/',
    ':',
    '@',
    '.',
    '-',
    '_',
    '[',
    ']',
    digest,
    'docker.io',
    'localhost',
    '\u0000',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, (input) => {
      try {
        const parsed = parseReference(input);
        assert.deepEqual(parseReference(formatReference(parsed)), parsed);
      } catch (error) {
        assert.ok(error instanceof OciError && error.code === 'REFERENCE_INVALID', String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

test('parseRegistryHost() takes what stands before the first slash of a reference, and nothing else', () => {
  for (const host of ['registry.example.org', 'localhost', '127.0.0.1:5000', '[::1]:5000', 'REGISTRY.example.org']) {
    assert.equal(parseRegistryHost(host), host);
  }
  assert.equal(parseRegistryHost('index.docker.io'), 'docker.io');
  for (const text of ['', 'https://a.example', 'a.example/b', 'a b', 'a:port', 'a:123456', 'x'.repeat(5000)]) {
    assert.throws(() => parseRegistryHost(text), /is not a registry's host/);
  }
});
