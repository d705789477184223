import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isGoogleRegistry } from './registry-host.ts';

test('isGoogleRegistry() knows the registries of every location', () => {
  for (const host of [
    'gcr.io',
    'us.gcr.io',
    'eu.gcr.io',
    'asia.gcr.io',
    'us-docker.pkg.dev',
    'europe-docker.pkg.dev',
    'europe-west1-docker.pkg.dev',
    'northamerica-northeast1-docker.pkg.dev',
    'docker.me-central2.rep.pkg.dev',
  ]) {
    assert.ok(isGoogleRegistry(host), host);
  }
});

test('isGoogleRegistry() takes nothing for a registry of Google that only looks like one, or needs no token', () => {
  for (const host of [
    'gcr.io.evil.tld',
    'evilgcr.io',
    'evil.gcr.io',
    'gcr.io:443',
    'mirror.gcr.io',
    'us-docker.pkg.dev.evil.tld',
    'us-docker.pkg.dev:80',
    'usdocker.pkg.dev',
    '-docker.pkg.dev',
    'evil.us-docker.pkg.dev',
    'us-npm.pkg.dev',
    'npm.us-central1.rep.pkg.dev',
    'docker.a.b.rep.pkg.dev',
    'pkg.dev',
    '',
  ]) {
    assert.ok(!isGoogleRegistry(host), host);
  }
});
