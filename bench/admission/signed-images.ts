import { simpleSigningMediaType } from '../../src/signing/cosign/media-types.ts';
import { entityAnnotations } from '../../src/signing/cosign/entity-annotations.ts';
import { attachmentTag } from '../../src/signing/cosign/tags.ts';
import { buildSimpleSigning } from '../../src/signing/image/simple-signing.ts';
import { localSigner } from '../../src/signing/key/local-signer.ts';
import { generateKeyPair } from '../../src/signing/key/private-key.ts';
import { formatPublicKey } from '../../src/signing/key/public-key-pem.ts';
import { signMessage } from '../../src/signing/sign/sign-entity.ts';
import type { Signer } from '../../src/signing/signer.ts';
import { openNetwork } from '../../src/net/open-network.ts';
import type { Digest } from '../../src/oci/digest.ts';
import { storeArtifact } from '../../testing/registry/attached.ts';
import { makeSyntheticImage, storeImage } from '../../testing/registry/synthetic-image.ts';
import { startTestRegistry, type TestRegistry } from '../../testing/registry/test-registry.ts';

/** A registry in this process whose images are signed. */
export interface SignedImages extends AsyncDisposable {
  readonly registry: TestRegistry;
  readonly signer: Signer;
  /** PEM of the signer's public key. */
  readonly key: string;
  /** Makes images of one repository and signs each, in cosign's older form; gives their names by tag. */
  make(repository: string, count: number): Promise<readonly string[]>;
}

/** Starts one. */
export async function openSignedImages(): Promise<SignedImages> {
  await using opened = new AsyncDisposableStack();
  const registry = opened.use(await startTestRegistry());
  const network = opened.use(openNetwork({}));
  const signer = localSigner((await generateKeyPair()).privateKey);
  const services = { network, logs: [], timestampAuthorities: [] };
  const { store, host } = registry;
  let made = 0;
  const makeOne = async (repository: string): Promise<string> => {
    const tag = `v${(made += 1)}`;
    const digest = storeImage(store, repository, tag, makeSyntheticImage([{ version: tag }])) as Digest;
    const bytes = buildSimpleSigning(`${host}/${repository}`, digest, new Map());
    const annotations = entityAnnotations(await signMessage(bytes, signer, services));
    const layer = { mediaType: simpleSigningMediaType, bytes, annotations };
    storeArtifact(store, repository, { layers: [layer] }, attachmentTag(digest, 'signature'));
    return `${host}/${repository}:${tag}`;
  };
  const held = opened.move();
  return {
    registry,
    signer,
    key: formatPublicKey(signer.publicKey),
    async make(repository, count) {
      const names: string[] = [];
      for (let at = 0; at < count; at += 1) names.push(await makeOne(repository));
      return names;
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}
