import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseDigest } from '../../../oci/digest.ts';
import { parseReference } from '../../../oci/reference.ts';
import { readImageName } from '../../resource/image-spellings.ts';
import { compileImageGlob, type ImageGlob } from './glob.ts';
import { matchImage } from './match-image.ts';

function globOf(text: string): ImageGlob {
  const glob = compileImageGlob(text);
  assert.ok(typeof glob !== 'string');
  return glob;
}

const digest = parseDigest(`sha256:${'d1'.repeat(32)}`);

const cases: readonly (readonly [glob: string, image: string, answer: 'yes' | 'no' | 'needsDigest'])[] = [
  ['**', 'nginx', 'yes'],
  ['gcr.io/foo/*', 'gcr.io/foo/bar', 'yes'],
  ['gcr.io/foo/*', 'gcr.io/foo/bar/baz', 'no'],
  ['gcr.io/foo/**', 'gcr.io/foo/bar/baz:1', 'yes'],
  ['gcr.io/foo/*', 'gcr.io.evil.tld/foo/bar', 'no'],
  ['gcr.io/*/bar', 'gcrXio/foo/bar', 'no'],
  ['index.docker.io/library/*', 'nginx', 'yes'],
  ['*', 'nginx', 'yes'],
  ['*', 'org/app', 'no'],
  ['*/*', 'org/app', 'yes'],
  ['index.docker.io/org/app:1*', 'docker.io/org/app:1.2', 'yes'],
  ['index.docker.io/org/app:1*', 'registry-1.docker.io/org/app:1.2', 'yes'],
  ['ghcr.io/org/app**', `ghcr.io/org/app@${digest}`, 'yes'],
  // A tag is no longer there when policy-controller compares, and what it matches is not let pass here.
  ['ghcr.io/org/app:v1', 'ghcr.io/org/app:v1', 'yes'],
  // By then, it has the digest that was put in.
  ['ghcr.io/org/app@sha256:**', 'ghcr.io/org/app:v1', 'yes'],
  ['ghcr.io/org/*:0**', 'ghcr.io/org/app:v1', 'yes'],
  ['ghcr.io/org/app:v1', `ghcr.io/org/app:v1@${digest}`, 'yes'],
  ['ghcr.io/org/app:v1', `ghcr.io/org/app@${digest}`, 'no'],
  [`ghcr.io/org/app@${digest}`, `ghcr.io/org/app@${digest}`, 'yes'],
  [`ghcr.io/org/app@${digest}`, 'ghcr.io/org/app:v1', 'needsDigest'],
  [`ghcr.io/org/app@${digest}`, 'ghcr.io/org/other:v1', 'no'],
  ['ghcr.io/org/**', 'GHCR.io/org/app', 'yes'],
  ['ghcr.io/org/**', 'ghcr.io:443/org/app', 'yes'],
];

for (const [glob, image, answer] of cases) {
  test(`matchImage() is ${answer} for ${glob} and ${image.slice(0, 60)}`, () => {
    const reference = readImageName(image);
    assert.ok(reference !== undefined);
    const asked = { reference, written: image, digest: undefined };
    assert.equal(matchImage([globOf(glob)], asked, false), answer);
  });
}

test('matchImage() goes by what a tag stands for once that is known', () => {
  const asked = { reference: parseReference('ghcr.io/org/app:v1'), written: 'ghcr.io/org/app:v1', digest };
  assert.equal(matchImage([globOf(`ghcr.io/org/app@${digest}`)], asked, false), 'yes');
  assert.equal(matchImage([globOf(`ghcr.io/org/app@sha256:${'00'.repeat(32)}`)], asked, false), 'no');
});

test('matchImage() knows two spellings alone where policy-controller does', () => {
  const written = 'docker.io/library/nginx:1';
  const asked = { reference: parseReference(written), written, digest: undefined };
  for (const [glob, answer] of [
    ['index.docker.io/library/nginx:*', 'yes'],
    ['docker.io/library/nginx:*', 'yes'],
    ['docker.io/nginx:*', 'no'],
  ] as const) {
    assert.equal(matchImage([globOf(glob)], asked, true), answer, glob);
  }
  assert.equal(matchImage([globOf('docker.io/nginx:*')], asked, false), 'yes');
});

for (const text of ['', 'gcr.io/foo?', 'gcr.io/[ab]', 'gcr.io/{a,b}', 'a b', 'a\nb', 'x'.repeat(2000)]) {
  test(`compileImageGlob() refuses ${JSON.stringify(text.slice(0, 20))}`, () => {
    assert.equal(typeof compileImageGlob(text), 'string');
  });
}

/** What the documentation says, tried one by one. */
function means(glob: string, name: string): boolean {
  if (glob === '') return name === '';
  const rest = (from: number): boolean =>
    Array.from({ length: name.length + 1 }, (_, at) => at).some(
      (at) => (from === 2 || !name.slice(0, at).includes('/')) && means(glob.slice(from), name.slice(at)),
    );
  if (glob.startsWith('**')) return rest(2);
  if (glob.startsWith('*')) return rest(1);
  return name.startsWith(glob[0] ?? '') && means(glob.slice(1), name.slice(1));
}

test('a pattern matches what its grammar says, whatever stands in it', () => {
  const letters = fc.constantFrom('a', '.', '/', '*', '**', ':', '-', '@');
  fc.assert(
    fc.property(
      fc.array(letters, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('')),
      fc.stringMatching(/^[ab./:@-]{0,8}$/),
      (glob, name) => {
        // `***` is read from the left, and two forms stand for others.
        fc.pre(glob !== '*' && glob !== '*/*');
        assert.equal(globOf(glob).matches(name), means(glob, name));
      },
    ),
    { numRuns: 500 },
  );
});

test('a pattern with very many stars is no more work than one with few', () => {
  const glob = globOf(`${'**a'.repeat(300)}b`);
  assert.equal(glob.matches('a'.repeat(1000)), false);
  assert.equal(glob.matches(`${'a'.repeat(1000)}b`), true);
});
