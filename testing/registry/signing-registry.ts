import { join } from 'node:path';
import { encryptPrivateKey } from '../../src/signing/key/encrypted-key.ts';
import { generateKeyPair } from '../../src/signing/key/private-key.ts';
import { formatPublicKey } from '../../src/signing/key/public-key-pem.ts';
import type { BuiltContent } from '../image/image-builder.ts';
import { pushBuilt } from './push-built.ts';
import { type ServiceOfText, startServiceOf } from './service-of-text.ts';

/** A registry of our own that attaches a signed SBOM to each image. */
export interface SigningRegistry extends AsyncDisposable {
  readonly service: ServiceOfText;
  /** PEM of whose word its SBOMs are. */
  readonly publicKey: string;
  /** Pushes an image, and waits for its SBOM and findings. */
  push(repository: string, tag: string, content: BuiltContent): Promise<void>;
}

/** Starts one. @param folder with a vulnerability database in `cache/vulndb` */
export async function startSigningRegistry(folder: string): Promise<SigningRegistry> {
  const key = await generateKeyPair();
  const password = 'hold fast';
  const files = { 'registry.key': await encryptPrivateKey(key.privateKey, Buffer.from(password)), password };
  const scanning = '{enabled: true, cache: 0B, key: registry.key, keyPasswordFile: password}';
  const text = `registry:\n  listen: 127.0.0.1:0\n  scanning: ${scanning}\n`;
  const vulnerabilityDatabase = join(folder, 'cache', 'vulndb');
  const service = await startServiceOf(text, files, { more: { vulnerabilityDatabase } });
  return {
    service,
    publicKey: formatPublicKey(key.publicKey),
    async push(repository, tag, content) {
      await pushBuilt(service, repository, tag, content);
      for (let look = 0; ; look += 1) {
        const { body } = await service.ask('GET', `/v2/${repository}/referrers/${content.descriptor.digest}`);
        if ((JSON.parse(body) as { readonly manifests: readonly unknown[] }).manifests.length === 2) return;
        if (look >= 800) throw new Error('Nothing was attached');
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    },
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}
