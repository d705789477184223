import assert from 'node:assert/strict';
import type { Network } from '../../src/net/network.ts';
import { openNetwork } from '../../src/net/open-network.ts';
import { RegistryClient } from '../../src/oci/client/registry-client.ts';
import type { RemoteRepository } from '../../src/oci/client/remote-repository.ts';
import type { Digest } from '../../src/oci/digest.ts';
import { fallbackTag } from '../../src/oci/referrer.ts';
import { findAllAttachments } from '../../src/signing/cosign/find-all.ts';
import { simpleSigningMediaType } from '../../src/signing/cosign/media-types.ts';
import { attachmentTag } from '../../src/signing/cosign/tags.ts';
import { storeArtifact, storeIndexOf } from './attached.ts';
import { instantClock } from './instant-clock.ts';
import type { RegistryStore } from './store.ts';
import { makeSyntheticImage, storeIndex } from './synthetic-image.ts';
import { startTestRegistry, type TestRegistry, type TestRegistryOptions } from './test-registry.ts';

const clock = { clock: instantClock() };
const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
/** The media type of the config of an image. */
export const configType: string = 'application/vnd.oci.image.config.v1+json';
/** The repository of the source, and that of the target. */
export const sources: string = 'team/app';
export const targets: string = 'copy/app';

/** Two registries. */
export interface Stage extends AsyncDisposable {
  readonly source: TestRegistry;
  readonly target: TestRegistry;
  readonly from: RemoteRepository;
  readonly to: RemoteRepository;
  readonly network: Network;
  readonly digest: Digest;
  readonly child: Digest;
}

/** A source with an index that has everything attached that there is, and an empty target. */
export async function openStage(source: TestRegistryOptions = {}, target: TestRegistryOptions = {}): Promise<Stage> {
  const stack = new AsyncDisposableStack();
  const registries = [stack.use(await startTestRegistry(source)), stack.use(await startTestRegistry(target))] as const;
  const network = stack.use(openNetwork(clock));
  const [first, second] = registries;
  const images = { amd64: makeSyntheticImage([{ a: 'a' }]), arm64: makeSyntheticImage([{ a: 'a' }], 'arm64') };
  const digest = storeIndex(first.store, sources, 'v1', images) as Digest;
  const child = first.store.manifest(sources, 'v1-arm64')?.digest as Digest;
  attachAll(first.store, digest, child);
  return {
    source: first,
    target: second,
    from: { client: new RegistryClient(network, first.host), repository: sources },
    to: { client: new RegistryClient(network, second.host), repository: targets },
    network,
    digest,
    child,
    [Symbol.asyncDispose]: async () => await stack.disposeAsync(),
  };
}

/** A layer that holds a signature in the older form, whose words are those of a text. */
export function signature(text: string): { mediaType: string; bytes: Buffer; annotations: Record<string, string> } {
  const annotations = { 'dev.cosignproject.cosign/signature': Buffer.from(text).toString('base64') };
  return { mediaType: simpleSigningMediaType, bytes: Buffer.from('{}'), annotations };
}

function attachAll(store: RegistryStore, digest: Digest, child: Digest): void {
  storeArtifact(store, sources, { configType, layers: [signature('one')] }, attachmentTag(digest, 'signature'));
  storeArtifact(store, sources, { configType, layers: [signature('two')] }, attachmentTag(child, 'signature'));
  const layers = [{ mediaType: 'text/spdx+json', bytes: Buffer.from('{"spdx":1}') }];
  storeArtifact(store, sources, { configType, layers }, attachmentTag(digest, 'sbom'));
  const bundle = { mediaType: bundleType, bytes: Buffer.from('{"bundle":1}') };
  const annotations = { 'dev.sigstore.bundle.predicateType': 'https://sigstore.dev/cosign/sign/v1' };
  const one = storeArtifact(store, sources, {
    artifactType: bundleType,
    layers: [bundle],
    subject: digest,
    annotations,
  });
  const sbom = storeArtifact(store, sources, { artifactType: 'application/spdx+json', layers, subject: child });
  // A signature of the SBOM.
  const nested = storeArtifact(store, sources, { artifactType: bundleType, layers: [bundle], subject: sbom.digest });
  for (const [subject, entry] of [
    [digest, one],
    [child, sbom],
    [sbom.digest as Digest, nested],
  ] as const) {
    storeIndexOf(store, sources, fallbackTag(subject), [entry]);
  }
}

/** All that is attached to images, and what is attached to that, as sorted lines. */
export async function everything(remote: RemoteRepository, subjects: readonly Digest[]): Promise<readonly string[]> {
  const { attachments, problems } = await findAllAttachments(remote, subjects);
  assert.deepEqual(problems, []);
  return attachments
    .map(({ kind, form, descriptor, subject }) => `${kind} ${form} ${descriptor.digest} of ${subject}`)
    .sort();
}
