import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { promisify } from 'node:util';
import {
  attachWith,
  cosigns,
  needsCosign,
  openLab,
  pushImage,
  pushIndex,
  registries,
  verifyWith,
} from '../../testing/registry/cosign-lab.ts';
import type { Cosign } from '../../testing/registry/find-cosign.ts';
import { openNetwork } from '../../src/net/open-network.ts';
import { fetchManifest } from '../../src/oci/client/fetch-manifest.ts';
import { RegistryClient } from '../../src/oci/client/registry-client.ts';
import type { RemoteRepository } from '../../src/oci/client/remote-repository.ts';
import { headManifest } from '../../src/oci/client/head-manifest.ts';
import type { Digest } from '../../src/oci/digest.ts';
import { findAttachments } from '../../src/signing/cosign/attachments.ts';
import { cleanAttachments } from '../../src/signing/cosign/clean.ts';
import { copyImage } from '../../src/signing/cosign/copy.ts';
import { loadImage } from '../../src/signing/cosign/load.ts';
import { saveImage } from '../../src/signing/cosign/save.ts';
import { attachSbom } from '../../src/signing/cosign/write-legacy.ts';
import { startDockerRegistry } from '../../testing/registry/docker-registry.ts';
import { findProgram, needsProgram } from '../../testing/registry/find-program.ts';
import { makeSyntheticImage } from '../../testing/registry/synthetic-image.ts';
import { startTestRegistry } from '../../testing/registry/test-registry.ts';

const run = promisify(execFile);

for (const [where, start] of Object.entries(registries)) {
  for (const [from, startSource] of Object.entries(registries)) {
    if (from === where) continue;
    test(`a copy from ${from} to ${where} verifies with cosign`, needsCosign, async (t) => {
      await copies(t, startSource, start);
    });
  }
}

async function copies(
  t: TestContext,
  startSource: () => Promise<AsyncDisposable & { readonly host: string }>,
  startTarget: () => Promise<AsyncDisposable & { readonly host: string }>,
): Promise<void> {
  await using source = await startSource();
  await using target = await startTarget();
  for (const cosign of cosigns) {
    await t.test(`of what cosign ${cosign.major} signed`, async () => {
      await using lab = await openLab(cosign);
      const repository = `team/app${cosign.major}`;
      const here = lab.remote(source.host, repository);
      const there = lab.remote(target.host, `copy/of-${repository}`);
      const digest = await pushIndex(here, 'v1');
      await attachWith(cosign, lab.folder, `${source.host}/${repository}@${digest}`, ['--recursive']);
      const copied = await copyImage(here, 'v1', there, 'v1');
      assert.deepEqual([copied.digest, copied.problems], [digest, []]);
      assert.equal(copied.attachments.length, 5);
      const name = `${target.host}/${there.repository}`;
      await verifyWith(cosign, lab.folder, `${name}:v1`);
      for (const { digest: child } of await childrenOf(there, digest)) {
        await cosign.run(lab.folder, 'verify', '--key', 'cosign.pub', '--insecure-ignore-tlog', `${name}@${child}`);
      }
      if (findProgram('crane') !== undefined) {
        await run(findProgram('crane') as string, ['validate', '--insecure', '--remote', `${name}:v1`]);
      }
      assert.equal((await copyImage(here, 'v1', there, 'v1')).digest, digest);
      assert.deepEqual(await shapes(there, digest), await shapes(here, digest));
    });
  }
}

async function childrenOf(remote: RemoteRepository, digest: Digest): Promise<readonly { readonly digest: Digest }[]> {
  const { bytes } = await fetchManifest(remote.client, remote.repository, digest);
  return (JSON.parse(bytes.toString()) as { manifests: { digest: Digest }[] }).manifests;
}

async function shapes(remote: RemoteRepository, digest: Digest): Promise<readonly string[]> {
  const { attachments } = await findAttachments(remote, digest);
  return attachments.map(({ kind, form, descriptor }) => `${kind} ${form} ${descriptor.digest}`).sort();
}

for (const cosign of cosigns) {
  test(
    `what is saved of what cosign ${cosign.major} signed is loaded by it, and the reverse`,
    needsCosign,
    async () => {
      await using lab = await openLab(cosign);
      await using registry = await startTestRegistry();
      await using bare = await startTestRegistry({ referrers: false });
      // Cosign 3 pushes the manifest of a bundle before the bundle.
      await using careless = await startTestRegistry({ checkReferences: false });
      const here = lab.remote(registry.host, 'team/app');
      const digest = await pushImage(here, 'v1', makeSyntheticImage([{ a: 'a' }, { b: 'b' }]));
      const { folder } = lab;
      await attachWith(cosign, folder, `${registry.host}/team/app@${digest}`);

      const ours = join(folder, 'ours');
      assert.equal((await saveImage(here, 'v1', ours)).attachments.length, 3);
      await cosign.run(folder, 'load', '--dir', ours, `${careless.host}/loaded/app:v1`);
      await verifyWith(cosign, folder, `${careless.host}/loaded/app:v1`);

      await cosign.run(folder, 'save', '--dir', join(folder, 'theirs'), `${registry.host}/team/app:v1`);
      for (const [layout, count] of [
        ['theirs', 2],
        ['ours', 3],
      ] as const) {
        for (const { host } of [registry, bare]) {
          const target = lab.remote(host, `loaded/${layout}`);
          const loaded = await loadImage(join(folder, layout), target, 'v1');
          assert.deepEqual([loaded.digest, loaded.attachments.length], [digest, count], `${layout} ${host}`);
          await verifyWith(cosign, folder, `${host}/loaded/${layout}:v1`);
        }
      }
      for (const layout of ['ours', 'theirs']) {
        if (findProgram('crane') === undefined) continue;
        await run(findProgram('crane') as string, [
          'validate',
          '--insecure',
          '--remote',
          `${bare.host}/loaded/${layout}:v1`,
        ]);
      }
    },
  );

  test(`what cosign ${cosign.major} attached is cleaned away, and the image stays`, needsCosign, async () => {
    await using lab = await openLab(cosign);
    for (const start of Object.values(registries).slice(0, 3)) {
      await using registry = await start();
      const remote = lab.remote(registry.host, 'team/app');
      const digest = await pushImage(remote, 'v1', makeSyntheticImage([{ a: 'a' }]));
      const image = `${registry.host}/team/app:v1`;
      await attachWith(cosign, lab.folder, `${registry.host}/team/app@${digest}`);
      assert.deepEqual(
        (await cleanAttachments(remote, digest, 'signature')).removed.map(({ kind }) => kind),
        ['signature'],
      );
      const args = ['--key', 'cosign.pub', '--insecure-ignore-tlog'];
      await cosign.run(lab.folder, 'verify-attestation', '--type', 'custom', ...args, image);
      assert.equal((await cleanAttachments(remote, digest, 'all')).removed.length, 2);
      await assert.rejects(cosign.run(lab.folder, 'verify', ...args, image), { code: 10 });
      assert.equal((await headManifest(remote.client, 'team/app', 'v1'))?.digest, digest);
      assert.deepEqual(await shapes(remote, digest), []);
    }
  });
}

/**
 * cosign 2 pushes a tag's list of images while one of them is still under way, which docker-registry refuses at times; the next try
 * finds it there.
 */
async function copyWith(cosign: Cosign, folder: string, from: string, to: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await cosign.run(folder, 'copy', from, to);
      return;
    } catch (error) {
      if (tries === 5 || !String(error).includes('MANIFEST_BLOB_UNKNOWN')) throw error;
    }
  }
}

for (const cosign of cosigns) {
  test(
    `what cosign ${cosign.major} copies is read, and its tag for the image is taken for no list`,
    needsCosign,
    async () => {
      await using lab = await openLab(cosign);
      await using source = await startTestRegistry();
      for (const start of Object.values(registries)) {
        await using target = await start();
        const here = lab.remote(source.host, 'team/app');
        const there = lab.remote(target.host, 'copy/app');
        const digest = await pushIndex(here, 'v1');
        await attachWith(cosign, lab.folder, `${source.host}/team/app@${digest}`);
        await copyWith(cosign, lab.folder, `${source.host}/team/app:v1`, `${target.host}/copy/app:v1`);
        // Only tags: cosign 3 leaves its own bundles behind.
        const tagged = (await shapes(here, digest)).filter((shape) => shape.includes(' tag '));
        assert.deepEqual(await shapes(there, digest), tagged);
        await copyImage(here, 'v1', there, 'v1');
        assert.deepEqual(await shapes(there, digest), await shapes(here, digest));
        await verifyWith(cosign, lab.folder, `${target.host}/copy/app:v1`);
      }
    },
  );
}

test(
  'cleaning docker-registry, which deletes nothing by default, says so',
  needsProgram('docker-registry'),
  async () => {
    await using registry = await startDockerRegistry();
    await using network = openNetwork();
    const remote = { client: new RegistryClient(network, registry.host), repository: 'team/app' };
    const digest = await pushIndex(remote, 'v1');
    await attachSbom(remote, digest, { bytes: Buffer.from('{}'), mediaType: 'text/spdx+json' });
    const refusal = { name: 'OciError', code: 'DELETE_UNSUPPORTED' };
    await assert.rejects(cleanAttachments(remote, digest, 'all'), refusal);
  },
);
