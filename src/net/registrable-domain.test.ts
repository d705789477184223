import assert from 'node:assert/strict';
import { test } from 'node:test';
import { registrableDomain } from './registrable-domain.ts';

const cases: readonly (readonly [host: string, domain: string | undefined])[] = [
  ['docker.io', 'docker.io'],
  ['auth.docker.io', 'docker.io'],
  ['Registry-1.Docker.IO.', 'docker.io'],
  ['registry.gitlab.com', 'gitlab.com'],
  ['a.b.example.co.uk', 'example.co.uk'],
  ['example.co.uk', 'example.co.uk'],
  // A doubt is decided for the longer name.
  ['eu.gcr.io', 'eu.gcr.io'],
  ['gcr.io', 'gcr.io'],
  ['one.azurecr.io', 'one.azurecr.io'],
  ['data.one.azurecr.io', 'one.azurecr.io'],
  ['azurecr.io', undefined],
  ['bucket.s3.amazonaws.com', 's3.amazonaws.com'],
  ['localhost', undefined],
  ['127.0.0.1', undefined],
  ['::1', undefined],
];

for (const [host, domain] of cases) {
  test(`registrableDomain() of ${host} is ${domain}`, () => {
    assert.equal(registrableDomain(host), domain);
  });
}
