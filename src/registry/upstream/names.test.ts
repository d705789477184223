import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RegistryError } from '../error.ts';
import { parseRoute } from '../route/parse-route.ts';
import { renameRoute, repositoryOf, sourceOf } from './names.ts';

const upstreams = [
  { name: 'docker.io', host: 'docker.io' },
  { name: 'ghcr.io', host: 'ghcr.io' },
  { name: 'mirror', host: 'registry.corp.example:5000' },
];
const own = ['images.example.org', 'images.example.org:5000'];

const same: readonly (readonly [url: string, repository: string])[] = [
  ['docker.io/library/nginx', 'docker.io/library/nginx'],
  ['docker.io/nginx', 'docker.io/library/nginx'],
  ['index.docker.io/nginx', 'docker.io/library/nginx'],
  ['registry-1.docker.io/grafana/grafana', 'docker.io/grafana/grafana'],
  ['library/nginx?ns=docker.io', 'docker.io/library/nginx'],
  ['nginx?ns=docker.io', 'docker.io/library/nginx'],
  ['nginx?ns=registry-1.docker.io', 'docker.io/library/nginx'],
  ['nginx?ns=index.docker.io:443', 'docker.io/library/nginx'],
  ['nginx?n=1&ns=DOCKER.IO', 'docker.io/library/nginx'],
  ['nginx?ns=docker.io&ns=docker.io', 'docker.io/library/nginx'],
  // containerd sends ns also to a mirror whose address has the upstream in its path.
  ['docker.io/library/nginx?ns=docker.io', 'docker.io/library/nginx'],
  ['docker.io/nginx?ns=docker.io', 'docker.io/library/nginx'],
  ['org/app?ns=ghcr.io', 'ghcr.io/org/app'],
  ['ghcr.io/app', 'ghcr.io/app'],
  ['a/b?ns=registry.corp.example:5000', 'mirror/a/b'],
  ['a/b?ns=registry.corp.example%3A5000', 'mirror/a/b'],
  ['mirror/a/b', 'mirror/a/b'],
  ['nginx?ns=docker%2Eio', 'docker.io/library/nginx'],
  ['nginx?%6Es=docker.io', 'docker.io/library/nginx'],
  ['team/app', 'team/app'],
  ['team/app?ns=', 'team/app'],
  ['team/app?ns=images.example.org', 'team/app'],
  ['team/app?ns=Images.example.org:5000', 'team/app'],
  ['team/docker.io/app', 'team/docker.io/app'],
  ['docker.iox/app', 'docker.iox/app'],
];

const refused: readonly (readonly [url: string, code: string, words: RegExp])[] = [
  ['nginx?ns=quay.io', 'DENIED', /no upstream of this one/],
  ['nginx?ns=registry.corp.example', 'DENIED', /no upstream of this one/],
  ['nginx?ns=docker.io.', 'DENIED', /no upstream of this one/],
  ['nginx?ns=docker.io/library', 'DENIED', /no upstream of this one/],
  ['nginx?n%73=quay.io', 'DENIED', /no upstream of this one/],
  ['nginx?ns=docker.io:80', 'DENIED', /no upstream of this one/],
  ['nginx?ns=docker.io:443:443', 'DENIED', /no upstream of this one/],
  ['nginx?ns=docker.io%2F..%2Fghcr.io', 'DENIED', /no upstream of this one/],
  ['nginx?ns=docker.io%00', 'DENIED', /no upstream of this one/],
  ['nginx?ns=docker.io%0d%0aHost:ghcr.io', 'DENIED', /no upstream of this one/],
  ['nginx?ns=+docker.io', 'DENIED', /no upstream of this one/],
  ['nginx?ns=https://docker.io', 'DENIED', /no upstream of this one/],
  ['nginx?ns=ghcr.io@docker.io', 'DENIED', /no upstream of this one/],
  // The Kelvin sign, which is k in lower case.
  ['nginx?ns=doc%E2%84%AAer.io', 'DENIED', /no upstream of this one/],
  ['nginx?ns=docker%25.io', 'DENIED', /no upstream of this one/],
  ['nginx?ns=docker.io&ns=ghcr.io', 'NAME_INVALID', /several ns/],
  ['nginx?ns=images.example.org&ns=docker.io', 'NAME_INVALID', /several ns/],
  ['ghcr.io/a/b?ns=docker.io', 'NAME_INVALID', /names the upstream ghcr.io, and the ns parameter docker.io/],
  ['docker.io', 'NAME_INVALID', /name of an upstream/],
  ['docker.io?ns=docker.io', 'NAME_INVALID', /name of an upstream/],
  // Whoever asks need not be logged in: the host of an upstream is told to nobody who did not name it.
  ['mirror/a/b?ns=docker.io', 'NAME_INVALID', /^(?!.*corp).*names the upstream mirror, and the ns parameter docker.io/],
  ['mirror', 'NAME_INVALID', /^(?!.*corp).*name of an upstream/],
  ['Library/nginx?ns=docker.io', 'NAME_INVALID', /not the name of a repository/],
  ['docker.io/../app', 'NAME_INVALID', /not the name of a repository/],
  ['docker.io./app', 'NAME_INVALID', /not the name of a repository/],
  ['Docker.io/app', 'NAME_INVALID', /not the name of a repository/],
  ['docker.io%2F..%2Fghcr.io/app', 'NAME_INVALID', /encoded in a way/],
  ['docker.io%2fnginx', 'NAME_INVALID', /encoded in a way/],
  ['library%2Fnginx?ns=docker.io', 'NAME_INVALID', /encoded in a way/],
  ['docker.io%252Fapp', 'NAME_INVALID', /not the name of a repository/],
  ['docker.io//app', 'NAME_INVALID', /not the name of a repository/],
  ['docker.io:443/app', 'NAME_INVALID', /not the name of a repository/],
  [`${'a'.repeat(240)}?ns=registry-1.docker.io`, 'NAME_INVALID', /not the name of a repository/],
];

const kinds = ['manifests/v1', 'blobs/uploads/', 'tags/list', `blobs/sha256:${'a'.repeat(64)}`] as const;

function rename(url: string, kind: string): string {
  const [path = '', query = ''] = url.split('?');
  const route = parseRoute(`/v2/${path}/${kind}`);
  assert.ok(route !== undefined);
  const renamed = renameRoute(route, query, upstreams, own);
  assert.ok('repository' in renamed);
  assert.deepEqual({ ...renamed, repository: '' }, { ...route, repository: '' });
  return renamed.repository;
}

for (const [url, repository] of same) {
  test(`renameRoute() takes ${url} for ${repository}`, () => {
    for (const kind of kinds) assert.equal(rename(url, kind), repository);
  });
}

for (const [url, code, words] of refused) {
  test(`renameRoute() refuses ${url.slice(0, 60)}`, () => {
    for (const kind of kinds) {
      assert.throws(
        () => rename(url, kind),
        (error) => error instanceof RegistryError && error.code === code && words.test(error.message),
      );
    }
  });
}

test('renameRoute() leaves what is about no repository as it is', () => {
  for (const path of ['/v2/', '/v2/_catalog']) {
    const route = parseRoute(path);
    assert.ok(route !== undefined);
    assert.equal(renameRoute(route, 'ns=quay.io', upstreams, own), route);
  }
});

for (const [repository, source] of [
  ['docker.io/library/nginx', 'docker.io/library/nginx'],
  ['mirror/a/b', 'registry.corp.example:5000/a/b'],
  ['team/app', undefined],
  ['mirrors/a', undefined],
] as const) {
  test(`sourceOf() tells where ${repository} comes from, and repositoryOf() the way back`, () => {
    assert.equal(sourceOf(repository, upstreams), source);
    assert.equal(source === undefined ? undefined : repositoryOf(source, upstreams), source && repository);
  });
}

test('repositoryOf() takes no host for another one that begins alike, and no name for a host', () => {
  for (const source of ['registry.corp.example:50000/a', 'registry.corp.example/a', 'mirror/a', 'docker.iox/a'])
    assert.equal(repositoryOf(source, upstreams), undefined);
});
