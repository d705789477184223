import type { Artifact } from '../../src/finding/scan-report.ts';
import { openNetwork } from '../../src/net/open-network.ts';
import { digestHex, type Digest } from '../../src/oci/digest.ts';
import type { Image } from '../../src/oci/image.ts';
import type { Inventory } from '../../src/package/inventory.ts';
import { encodeCycloneDx } from '../../src/sbom/cyclonedx/encode.ts';
import { documentOfReport } from '../../src/sbom/from-inventory.ts';
import { scanSignature } from '../../src/scan/scan-signature.ts';
import { artifactOfImage } from '../../src/scan/scan-target.ts';
import { encodeBundle } from '../../src/signing/bundle/encode.ts';
import { localSigner } from '../../src/signing/key/local-signer.ts';
import { generateKeyPair } from '../../src/signing/key/private-key.ts';
import { signMessage, signStatement } from '../../src/signing/sign/sign-entity.ts';
import { buildStatement } from '../../src/signing/statement/build.ts';
import { predicateTypes } from '../../src/signing/statement/predicate-type.ts';
import type { AcceptedKey } from '../../src/signing/verify/policy.ts';

/** A key that signs SBOMs as a registry does. */
export interface SbomSigner {
  readonly key: AcceptedKey;
  /** A bundle of a statement. */
  sign(digest: Digest, predicate: unknown, predicateType?: string): Promise<Buffer>;
  /** A bundle of an envelope whose payload is any bytes. */
  signPayload(payload: Buffer): Promise<Buffer>;
  /** A bundle of a signature over bytes that are no statement. */
  signBytes(bytes: Buffer): Promise<Buffer>;
}

/** Makes one, with a new key. */
export async function makeSbomSigner(name: string): Promise<SbomSigner> {
  const { privateKey, publicKey } = await generateKeyPair();
  const signer = localSigner(privateKey);
  const services = { network: openNetwork(), logs: [], timestampAuthorities: [] };
  const signPayload = async (payload: Buffer): Promise<Buffer> =>
    encodeBundle(await signStatement(payload, signer, services));
  return {
    key: { name, key: publicKey },
    signPayload,
    sign: (digest, predicate, predicateType = predicateTypes.cyclonedx) => {
      const subject = { algorithm: 'sha256', hex: digestHex(digest) } as const;
      return signPayload(buildStatement('registry.example/app', subject, predicateType, predicate));
    },
    signBytes: async (bytes) => encodeBundle(await signMessage(bytes, signer, services)),
  };
}

/** The SBOM that a registry makes of an image's inventory. */
export function storedBill(
  image: Image,
  inventory: Inventory,
  {
    signature = scanSignature(),
    artifact = artifactOfImage(image),
  }: { readonly signature?: string | undefined; readonly artifact?: Artifact } = {},
): Record<string, unknown> {
  const report = { artifact, inventory, createdAt: '1970-01-01T00:00:00Z' };
  const tool = { name: 'seaworthy', version: '0.1.0' };
  const document = documentOfReport(report, { tool, ...(signature === '' ? {} : { scanSignature: signature }) });
  return JSON.parse(encodeCycloneDx(document)) as Record<string, unknown>;
}
