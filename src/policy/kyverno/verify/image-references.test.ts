import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { formatKyvernoImage, parseKyvernoImage, usualNaming } from '../image-name.ts';
import { matchesReferences, spellingsOf } from './image-references.ts';

const digest = `sha256:${'a'.repeat(64)}`;

function matches(pattern: string, text: string, aliases: boolean, naming = usualNaming): boolean {
  const image = parseKyvernoImage(text, naming);
  assert.ok(image !== undefined, text);
  return matchesReferences([pattern], spellingsOf(image, aliases));
}

/** Whether Kyverno matches, and whether it does here. */
const cases: readonly (readonly [pattern: string, image: string, exact: boolean, strict: boolean])[] = [
  ['ghcr.io/org/*', 'ghcr.io/org/app:1', true, true],
  ['ghcr.io/org/*', 'ghcr.io/org-evil/app', false, false],
  ['ghcr.io/org/app:*', `ghcr.io/org/app:1@${digest}`, false, false],
  ['ghcr.io/org/app*', `ghcr.io/org/app:1@${digest}`, true, true],
  ['ghcr.io/org/app@*', `ghcr.io/org/app@${digest}`, true, true],
  ['ghcr.io/org/app:1', `ghcr.io/org/app:1@${digest}`, false, false],
  ['docker.io/nginx*', 'nginx', true, true],
  ['docker.io/nginx*', 'docker.io/library/nginx:1', false, true],
  ['docker.io/library/nginx*', 'nginx', false, true],
  ['docker.io/nginx*', 'index.docker.io/nginx', false, true],
  ['docker.io/nginx*', 'registry-1.docker.io/library/nginx', false, true],
  ['index.docker.io/library/nginx*', 'nginx', false, true],
  ['docker.io/nginx*', 'DOCKER.IO/nginx', false, true],
  ['docker.io/nginx*', 'docker.io:443/nginx', false, true],
  ['ghcr.io/org/*', 'GHCR.io/org/app', false, true],
  ['ghcr.io/org/*', 'ghcr.io:443/org/app', false, true],
  ['ghcr.io:443/org/*', 'ghcr.io/org/app', false, true],
  ['ghcr.io/org/*', 'ghcr.io:8443/org/app', false, false],
  ['GHCR.io/org/*', 'GHCR.io/org/app', true, true],
  ['docker.io/library/app*', 'org/app', false, false],
  ['docker.io/app*', 'docker.io/library/org/app', false, false],
  ['ghcr.io/app*', 'ghcr.io/library/app', false, false],
  ['[::1]:5000/a*', '[::1]:5000/a', true, true],
  ['[::1]/a*', '[::1]:443/a', false, true],
  ['*', 'nginx', true, true],
];

for (const [pattern, image, exact, strict] of cases) {
  test(`§2.3.1-2, §7 spelling: ${pattern} and ${image}: ${exact} in Kyverno, ${strict} here`, () => {
    assert.deepEqual([matches(pattern, image, false), matches(pattern, image, true)], [exact, strict]);
  });
}

test('what has no host is of Docker Hub where no registry is put before it', () => {
  const naming = { ...usualNaming, addsRegistry: false };
  for (const pattern of ['nginx*', 'docker.io/nginx*', 'docker.io/library/nginx*']) {
    assert.ok(matches(pattern, 'nginx', true, naming), pattern);
  }
  assert.equal(matches('docker.io/nginx*', 'nginx', false, naming), false);
});

const host = fc.constantFrom('', 'docker.io/', 'index.docker.io/', 'Registry-1.Docker.io/', 'ghcr.io/', 'GHCR.io:443/');
const path = fc.constantFrom('nginx', 'library/nginx', 'org/app', 'library/org/app');
const end = fc.constantFrom('', ':1', `@${digest}`, `:1@${digest}`);

test('other spellings add to what Kyverno matches, and all spellings of one image match alike', () => {
  const pattern = fc
    .tuple(fc.constantFrom('*', 'docker.io/', 'ghcr.io/', 'd*/'), fc.constantFrom('nginx', 'library/*', 'org/?pp', '*'))
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(host, path, end, pattern, (...[registry, name, tail, wanted]) => {
      const text = `${registry}${name}${tail}`;
      if (matches(wanted, text, false)) assert.ok(matches(wanted, text, true));
      const image = parseKyvernoImage(text);
      assert.ok(image !== undefined);
      const found = matches(wanted, text, true);
      for (const spelling of spellingsOf(image, true)) {
        const other = parseKyvernoImage(spelling);
        // An upper-case host is one spelling more, which only those who write it have.
        assert.ok(other !== undefined);
        if (image.registry === image.registry.toLowerCase()) assert.equal(matches(wanted, spelling, true), found);
      }
      assert.ok(spellingsOf(image, true).includes(formatKyvernoImage(image)));
    }),
    { numRuns: 500 },
  );
});

test('§7 (i) no pattern takes exponential time', () => {
  const image = parseKyvernoImage(`ghcr.io/${'a'.repeat(900)}`);
  assert.ok(image !== undefined);
  assert.equal(matchesReferences([`${'*a'.repeat(1000)}b`], spellingsOf(image, true)), false);
});
