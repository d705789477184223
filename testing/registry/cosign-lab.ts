import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openNetwork } from '../../src/net/open-network.ts';
import { blobOf, pushBlob, pushManifest } from '../../src/oci/client/push.ts';
import { RegistryClient } from '../../src/oci/client/registry-client.ts';
import type { RemoteRepository } from '../../src/oci/client/remote-repository.ts';
import type { Digest } from '../../src/oci/digest.ts';
import { temporaryDirectory } from '../image/temporary-directory.ts';
import { startDockerRegistry } from './docker-registry.ts';
import { type Cosign, findCosign } from './find-cosign.ts';
import { findProgram } from './find-program.ts';
import { startOwnRegistry } from './own-registry.ts';
import { makeSyntheticImage, type SyntheticImage } from './synthetic-image.ts';
import { startTestRegistry } from './test-registry.ts';

/** The two versions, where they are installed. */
export const two: Cosign | undefined = findCosign(2);
export const three: Cosign | undefined = findCosign(3);

/** Options for a test that needs both: skips with the reason when one is absent. */
export const needsCosign: { readonly skip: string | false } = {
  skip: two === undefined || three === undefined ? 'no cosign 2 and 3 on PATH or in .tools' : false,
};
/** Those that are installed. */
export const cosigns: readonly Cosign[] = [two, three].filter((cosign) => cosign !== undefined);

/** The registries that a signature must survive in. */
export const registries: Readonly<Record<string, () => Promise<AsyncDisposable & { readonly host: string }>>> = {
  "this program's registry": () => startOwnRegistry(),
  // In one page, since cosign reads no further.
  'a registry with the referrers API': () => startTestRegistry(),
  'a registry without it': () => startTestRegistry({ referrers: false, etag: true, conditional: true }),
  ...(findProgram('docker-registry') === undefined ? {} : { 'docker-registry': () => startDockerRegistry() }),
};

/** What a test with cosign works in. */
export interface Lab extends AsyncDisposable {
  readonly folder: string;
  readonly key: KeyObject;
  remote(host: string, repository: string): RemoteRepository;
}

/** A folder with cosign's key pair, and a network. */
export async function openLab(cosign: Cosign): Promise<Lab> {
  const directory = temporaryDirectory();
  const folder = directory.path;
  await cosign.run(folder, 'generate-key-pair');
  directory.write('predicate.json', '{"a":1}');
  directory.write('sbom.json', '{"bomFormat":"CycloneDX","specVersion":"1.5"}');
  const mediaType = 'application/vnd.dev.sigstore.signingconfig.v0.2+json';
  directory.write('config.json', '{}');
  directory.write('signing.json', JSON.stringify({ mediaType, rekorTlogConfig: {}, tsaConfig: {} }));
  const network = openNetwork();
  return {
    folder,
    key: createPublicKey(readFileSync(join(folder, 'cosign.pub'))),
    remote: (host, repository) => ({ client: new RegistryClient(network, host), repository }),
    async [Symbol.asyncDispose]() {
      await network[Symbol.asyncDispose]();
      directory[Symbol.dispose]();
    },
  };
}

/** Pushes an image; returns its digest. */
export async function pushImage(remote: RemoteRepository, tag: string, image: SyntheticImage): Promise<Digest> {
  const { client, repository } = remote;
  for (const blob of [image.config, ...image.layers]) await pushBlob(client, repository, blobOf(blob));
  return await pushManifest(client, repository, tag, { mediaType: image.mediaType, bytes: image.manifest });
}

/** Pushes an index of two images; returns its digest. */
export async function pushIndex(remote: RemoteRepository, tag: string): Promise<Digest> {
  const manifests = [];
  for (const architecture of ['amd64', 'arm64']) {
    const image = makeSyntheticImage([{ base: 'base' }, { architecture }], architecture);
    const digest = await pushImage(remote, architecture, image);
    manifests.push({
      mediaType: image.mediaType,
      digest,
      size: image.manifest.length,
      platform: { os: 'linux', architecture },
    });
  }
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
  return await pushManifest(remote.client, remote.repository, tag, { mediaType, bytes });
}

/** Signs, attests and attaches as each version does. */
export async function attachWith(
  cosign: Cosign,
  folder: string,
  image: string,
  more: readonly string[] = [],
): Promise<void> {
  const log = cosign.major === 3 ? ['--signing-config', 'signing.json'] : ['--tlog-upload=false'];
  await cosign.run(folder, 'sign', '--key', 'cosign.key', '-y', ...log, ...more, image);
  const predicate = ['--predicate', 'predicate.json', '--type', 'custom'];
  await cosign.run(folder, 'attest', '--key', 'cosign.key', '-y', ...log, ...predicate, image);
  const sbom = ['--sbom', 'sbom.json', '--type', 'cyclonedx', '--input-format', 'json'];
  await cosign.run(folder, 'attach', 'sbom', ...sbom, image);
}

/** Verifies a signature and a custom attestation; rejects when cosign does not take them. */
export async function verifyWith(cosign: Cosign, folder: string, image: string, key = 'cosign.pub'): Promise<void> {
  const args = ['--key', key, '--insecure-ignore-tlog', image];
  await cosign.run(folder, 'verify', ...args);
  await cosign.run(folder, 'verify-attestation', '--type', 'custom', ...args);
}
