import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { sampleReport } from '../../../testing/scan-report.ts';
import { artifactPath, pathUri } from './uri.ts';

for (const [path, uri] of [
  ['usr/bin/a b', 'usr/bin/a%20b'],
  ['/etc/x', 'etc/x'],
  ['a:b', 'a%3Ab'],
  ['//host/x', 'host/x'],
  ['../x/./y/..', '__/x/y/__'],
  ['a\\b', 'a/b'],
  ['a?b#c%d', 'a%3Fb%23c%25d'],
  ['é漢\ud800', '%C3%A9%E6%BC%A2%EF%BF%BD'],
  ['\0\n', '%00%0A'],
  ['', 'image'],
  ['/', 'image'],
] as const) {
  test(`pathUri() writes ${JSON.stringify(path)} as ${uri}`, () => assert.equal(pathUri(path), uri));
}

test('pathUri() never leaves the base, whatever the path', () => {
  const piece = fc.constantFrom('..', '.', '/', '\\', ':', '%2e', 'a', '?', '#', '//');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(piece).map((pieces) => pieces.join('')),
      ),
      (path) => {
        const { href, search, hash } = new URL(pathUri(path), 'https://base.test/root/');
        assert.ok(href.startsWith('https://base.test/root/'));
        assert.equal(search + hash, '');
      },
    ),
  );
});

for (const [name, path] of [
  ['alpine:3.20', 'library/alpine'],
  ['alpine', 'library/alpine'],
  ['library/alpine', 'library/alpine'],
  ['ghcr.io/org/app:1', 'org/app'],
  ['localhost:5000/app', 'app'],
  [`reg.io/app:1@sha256:${'a'.repeat(64)}`, 'app'],
  ['registry:reg.io/a/b:2', 'a/b'],
  ['docker:app:1', 'library/app'],
  ['oci-dir:some/folder:1', 'some/folder:1'],
  ['docker-archive:a b.tar', 'a b.tar'],
  ['images/app.tar.gz', 'images/app.tar.gz'],
  ['./images/app.tar', './images/app.tar'],
  ['/images/App.tar', '/images/App.tar'],
  ['', ''],
] as const) {
  test(`artifactPath() shows the image ${name.slice(0, 30)} as ${path}`, () => {
    assert.equal(artifactPath({ name, type: 'container_image' }), path);
  });
}

test('artifactPath() leaves names of other things as they are', () => {
  assert.equal(artifactPath({ name: 'alpine:3.20', type: 'filesystem' }), 'alpine:3.20');
});

for (const [what, name, repoTags, path] of [
  ['the tag of an archive', '/tmp/a.tar', ['reg.io/shop/web:1'], 'shop/web'],
  ['the tag of an archive whose path reads as a reference', 'images/a.tar', ['web:1'], 'library/web'],
  ['the name asked for, of several', 'b:1', ['a:1', 'b:1'], 'library/b'],
  ['an archive without tags by its path', 'oci-archive:/tmp/a.tar', [], '/tmp/a.tar'],
  ['an image without tags by its name', 'a:1', ['<none>:<none>'], 'library/a'],
] as const) {
  test(`artifactPath() shows ${what}`, () => {
    const { image } = sampleReport().artifact;
    assert.ok(image);
    assert.equal(artifactPath({ name, type: 'container_image', image: { ...image, repoTags, repoDigests: [] } }), path);
  });
}
