import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { fetchManifest, resolveDigest } from '../../src/oci/client/fetch-manifest.ts';
import { fixedKeychain } from '../../src/oci/client/keychain/keychain.ts';
import { openRegistryImage } from '../../src/oci/client/open-registry-image.ts';
import { blobOf, pushBlob, pushManifest } from '../../src/oci/client/push.ts';
import { RegistryClient } from '../../src/oci/client/registry-client.ts';
import { parseReference } from '../../src/oci/reference.ts';
import type { Network } from '../../src/net/network.ts';
import { openNetwork } from '../../src/net/open-network.ts';
import { makeCertificate } from '../../testing/registry/certificate.ts';
import { startDockerRegistry } from '../../testing/registry/docker-registry.ts';
import { findProgram, needsProgram } from '../../testing/registry/find-program.ts';
import { makeSyntheticImage } from '../../testing/registry/synthetic-image.ts';
import { startTestRegistry } from '../../testing/registry/test-registry.ts';

const run = promisify(execFile);
const defaultPlatform = { os: 'linux', architecture: 'amd64' };
const noise = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 2_654_435_761) >>> 11));
const image = makeSyntheticImage([{ 'etc/os-release': 'ID=test\n' }, { 'opt/noise': noise }]);
const keychain = fixedKeychain({ kind: 'password', username: 'sailor', password: 'hold-fast' });

/** Pushes the image in every way there is, and pulls it again. */
async function roundTrip(network: Network, host: string): Promise<void> {
  const client = new RegistryClient(network, host, { keychain });
  const [config, small, large] = [image.config, ...image.layers].map(blobOf);
  assert.ok(config !== undefined && small !== undefined && large !== undefined);
  assert.equal(await pushBlob(client, 'team/app', config), 'pushed');
  assert.equal(await pushBlob(client, 'team/app', config), 'present');
  assert.equal(await pushBlob(client, 'team/base', small), 'pushed');
  assert.equal(await pushBlob(client, 'team/app', small, { mountFrom: 'team/base' }), 'mounted');
  assert.equal(await pushBlob(client, 'team/app', large, { chunkBytes: 65_536 }), 'pushed');
  const manifest = { mediaType: image.mediaType, bytes: image.manifest };
  const digest = await pushManifest(client, 'team/app', 'v1', manifest);
  assert.equal(await resolveDigest(client, 'team/app', 'v1'), digest);

  for (const reference of [`${host}/team/app:v1`, `${host}/team/app@${digest}`]) {
    await using opened = await openRegistryImage(network, parseReference(reference), { defaultPlatform, keychain });
    assert.equal(opened.manifestDigest, digest);
    const layers: Buffer[] = [];
    for (const layer of opened.layers) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of layer.open()) chunks.push(chunk);
      layers.push(gunzipSync(Buffer.concat(chunks)));
    }
    assert.deepEqual(layers, image.tars);
  }
  await assert.rejects(fetchManifest(client, 'team/app', 'v2'), { code: 'IMAGE_NOT_FOUND' });
  await assert.rejects(fetchManifest(client, 'team/none', 'v1'), { code: 'IMAGE_NOT_FOUND' });
}

test('the registry client pushes to and pulls from docker-registry', needsProgram('docker-registry'), async () => {
  await using registry = await startDockerRegistry();
  await using network = openNetwork();
  await roundTrip(network, registry.host);
});

test('the registry client proves who asks to docker-registry', needsProgram('docker-registry'), async () => {
  await using registry = await startDockerRegistry({ password: true });
  await using network = openNetwork();
  await roundTrip(network, registry.host);
  const stranger = new RegistryClient(network, registry.host);
  await assert.rejects(fetchManifest(stranger, 'team/app', 'v1'), { code: 'UNAUTHORIZED' });
});

test(
  'the registry client trusts a private authority for docker-registry',
  needsProgram('docker-registry'),
  async () => {
    const authority = makeCertificate('Test authority');
    const tls = makeCertificate('registry', { issuer: authority, ips: ['127.0.0.1'] });
    await using registry = await startDockerRegistry({ tls });
    const authorities = [{ name: 'ca.pem', pem: Buffer.from(authority.cert) }];
    await using network = openNetwork({ tls: { authorities } });
    await roundTrip(network, registry.host);
    await using stranger = openNetwork();
    const client = new RegistryClient(stranger, registry.host);
    await assert.rejects(fetchManifest(client, 'team/app', 'v1'), {
      code: 'REGISTRY_UNAVAILABLE',
      message: /not trusted/,
    });
  },
);

test(
  'crane finds an image valid that the registry client pushed',
  needsProgram('crane', 'docker-registry'),
  async () => {
    await using registry = await startDockerRegistry();
    await using network = openNetwork();
    await roundTrip(network, registry.host);
    const crane = findProgram('crane') as string;
    const { stdout, stderr } = await run(crane, ['validate', '--remote', `${registry.host}/team/app:v1`]);
    assert.match(`${stdout}${stderr}`, /PASS/);
  },
);

test('crane and the test registry understand each other', needsProgram('crane'), async () => {
  await using from = await startTestRegistry();
  await using to = await startTestRegistry();
  await using network = openNetwork();
  await roundTrip(network, from.host);
  const crane = findProgram('crane') as string;
  await run(crane, ['copy', `${from.host}/team/app:v1`, `${to.host}/team/copy:v2`]);
  const source = await fetchManifest(new RegistryClient(network, from.host), 'team/app', 'v1');
  const copy = await fetchManifest(new RegistryClient(network, to.host), 'team/copy', 'v2');
  assert.equal(copy.descriptor.digest, source.descriptor.digest);
  await run(crane, ['validate', '--remote', `${to.host}/team/copy:v2`]);
});
