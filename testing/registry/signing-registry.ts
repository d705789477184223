import { join } from 'node:path';
import { encryptPrivateKey } from '../../src/signing/key/encrypted-key.ts';
import { generateKeyPair } from '../../src/signing/key/private-key.ts';
import { formatPublicKey } from '../../src/signing/key/public-key-pem.ts';
import type { BuiltContent } from '../image/image-builder.ts';
import { pushBuilt } from './push-built.ts';
import { type ServiceOfText, startServiceOf } from './service-of-text.ts';

/** What a registry attaches to each image: SBOM and findings that it signed, the same unsigned, or nothing. */
export type Attaching = 'signed' | 'unsigned' | 'nothing';

/** A registry of our own that attaches an SBOM to each image. */
export interface SigningRegistry extends AsyncDisposable {
  readonly service: ServiceOfText;
  /** PEM of whose word its SBOMs are. */
  readonly publicKey: string;
  /** Pushes an image, and waits for the SBOM and findings of each of its manifests; itself, unless others are named. */
  push(repository: string, tag: string, content: BuiltContent, manifests?: readonly BuiltContent[]): Promise<void>;
}

const scanningOf: Readonly<Record<Attaching, string>> = {
  signed: '{enabled: true, cache: 0B, key: registry.key, keyPasswordFile: password}',
  unsigned: '{enabled: true, cache: 0B}',
  nothing: '{enabled: false}',
};

/** Starts one. @param folder with a vulnerability database in `cache/vulndb` */
export async function startSigningRegistry(folder: string, attaching: Attaching = 'signed'): Promise<SigningRegistry> {
  const key = await generateKeyPair();
  const password = 'hold fast';
  const files = { 'registry.key': await encryptPrivateKey(key.privateKey, Buffer.from(password)), password };
  const text = `registry:\n  listen: 127.0.0.1:0\n  scanning: ${scanningOf[attaching]}\n`;
  const vulnerabilityDatabase = join(folder, 'cache', 'vulndb');
  const service = await startServiceOf(text, files, { more: { vulnerabilityDatabase } });
  return {
    service,
    publicKey: formatPublicKey(key.publicKey),
    async push(repository, tag, content, manifests = [content]) {
      await pushBuilt(service, repository, tag, content);
      if (attaching === 'nothing') return;
      for (const { descriptor } of manifests) await attached(service, `${repository}/referrers/${descriptor.digest}`);
    },
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}

async function attached(service: ServiceOfText, referrers: string): Promise<void> {
  for (let look = 0; ; look += 1) {
    const { body } = await service.ask('GET', `/v2/${referrers}`);
    if ((JSON.parse(body) as { readonly manifests: readonly unknown[] }).manifests.length === 2) return;
    if (look >= 800) throw new Error('Nothing was attached');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
