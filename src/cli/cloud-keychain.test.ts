import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testHost, testSettings } from '../../testing/test-host.ts';
import { cloudKeychain } from './cloud-keychain.ts';

// Nothing of this asks anybody: what would be asked is offline.
const env = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'shhh-shhh' };

test('the clouds of a command are asked for their own registries, and never where TLS proves nothing', async () => {
  for (const [registry, settings, isAsked] of [
    ['public.ecr.aws', {}, true],
    ['public.ecr.aws.evil.example', {}, false],
    ['docker.io', {}, false],
    ['localhost:5000', {}, false],
    ['public.ecr.aws', { plainHttp: ['public.ecr.aws'] }, false],
    ['public.ecr.aws', { insecure: ['public.ecr.aws:443'] }, false],
    ['public.ecr.aws', { plainHttp: ['other.example'] }, true],
  ] as const) {
    const keychain = cloudKeychain(testSettings({ offline: true, ...settings }), testHost({ env }));
    const found = keychain.find(registry, 'a');
    if (!isAsked) assert.equal(await found, undefined);
    else await assert.rejects(found, { code: 'CREDENTIALS_UNAVAILABLE', message: /Amazon ECR Public cannot be asked/ });
  }
});

test('a command goes on where this machine is nobody at a cloud', async () => {
  const host = testHost({ env: { AWS_EC2_METADATA_DISABLED: 'true' } });
  const keychain = cloudKeychain(testSettings({ offline: true }), host);
  for (const registry of ['public.ecr.aws', 'gcr.io', 'myteam.azurecr.io']) {
    assert.equal(await keychain.find(registry, 'a'), undefined);
  }
});
