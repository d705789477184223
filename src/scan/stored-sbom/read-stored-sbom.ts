import { digestAlgorithm, digestHex, type Digest } from '../../oci/digest.ts';
import type { Image } from '../../oci/image.ts';
import type { Inventory } from '../../package/inventory.ts';
import { SbomError } from '../../sbom/error.ts';
import { foreignCataloger } from '../../sbom/foreign-package.ts';
import { checkStructure } from '../../sbom/json.ts';
import { sbomLimits } from '../../sbom/limits.ts';
import { sbomFormat } from '../../sbom/list.ts';
import type { SbomDocument } from '../../sbom/model.ts';
import { inventoryOfDocument } from '../../sbom/to-inventory.ts';
import { parseBundle } from '../../signing/bundle/parse.ts';
import type { HashAlgorithm } from '../../signing/key/key-type.ts';
import { predicateTypes } from '../../signing/statement/predicate-type.ts';
import type { AcceptedKey, Artifact } from '../../signing/verify/policy.ts';
import { VerificationError } from '../../signing/verify/verification-error.ts';
import {
  type StatementPolicy,
  type VerifiedStatement,
  verifyStatement,
} from '../../signing/verify/verify-statement.ts';
import { scanSignature } from '../scan-signature.ts';
import { storedSbomLimits } from './limits.ts';

/** The image that an SBOM must be of. */
export type SbomImage = Pick<Image, 'imageId' | 'layers'> & { readonly manifestDigest: Digest };

/** What is made of a signed SBOM. */
export type SbomReading =
  | { readonly kind: 'trusted'; readonly inventory: Inventory; readonly key: AcceptedKey }
  /** Says what is wrong with it; `signed` where one of the keys did sign it. */
  | { readonly kind: 'unusable'; readonly reason: string; readonly signed: boolean };

/**
 * Reads an SBOM that a registry of Seaworthy attached to an image and signed. It stands for the image's layers only when one of the keys signed it over
 * this very image, and when this program would make the same list of the same layers, whole.
 *
 * @param bytes a bundle, of which nothing is verified
 * @throws the signal's reason
 */
export async function readStoredSbom(
  bytes: Uint8Array,
  image: SbomImage,
  keys: readonly AcceptedKey[],
  now: Date,
  signal?: AbortSignal,
): Promise<SbomReading> {
  let signed = false;
  try {
    const { statement, signer } = await verifyBill(bytes, image.manifestDigest, keys, now);
    if (signer.kind !== 'key') throw new TypeError('Keys alone were asked for');
    signed = true;
    const format = sbomFormat('cyclonedx-json');
    const document = await format?.decoder?.decode({ bytes, json: statement.predicate }, sbomLimits, signal);
    const fault = document === undefined ? 'it is in no known format' : faultOf(document, image);
    if (document === undefined || fault !== undefined) return { kind: 'unusable', reason: fault ?? '', signed };
    return { kind: 'trusted', inventory: inventoryOfDocument(document), key: signer.key };
  } catch (error) {
    if (!(error instanceof VerificationError) && !(error instanceof SbomError)) throw error;
    return { kind: 'unusable', reason: error.message, signed };
  }
}

/** Its size and shape are bounded before anything is made of it: the signature says whose it is, not that it is small. */
async function verifyBill(
  bytes: Uint8Array,
  digest: Digest,
  keys: readonly AcceptedKey[],
  now: Date,
): Promise<VerifiedStatement> {
  checkStructure(bytes, { depth: storedSbomLimits.bundleDepth, values: storedSbomLimits.bundleValues });
  const entity = parseBundle(bytes);
  if (entity.content.kind === 'envelope') {
    checkStructure(entity.content.payload, {
      depth: sbomLimits.depth + storedSbomLimits.statementDepth,
      values: sbomLimits.values,
    });
  }
  const artifact: Artifact = {
    kind: 'digest',
    algorithm: digestAlgorithm(digest) as HashAlgorithm,
    hex: digestHex(digest),
  };
  return await verifyStatement(entity, artifact, policyOf(keys), now);
}

/** A registry's own key signs without a log: who has the key is all that is asked. */
function policyOf(keys: readonly AcceptedKey[]): StatementPolicy {
  return {
    trust: { authorities: [], timestampAuthorities: [], logs: [], ctLogs: [] },
    signer: { kind: 'key', keys },
    logs: 0,
    timestamps: 0,
    predicateType: predicateTypes.cyclonedx,
    annotations: new Map(),
    checkSubject: true,
  };
}

/** Why a document that a key did sign does not stand for the image's layers; undefined when it does. */
function faultOf(document: SbomDocument, image: SbomImage): string | undefined {
  const { subject, packages, problems } = document;
  // First: what another version wrote may be read wrongly in every other way.
  if (document.scanSignature === undefined) return 'it does not say which version of Seaworthy listed its packages';
  if (document.scanSignature !== scanSignature()) return 'a version of Seaworthy made it that lists packages otherwise';
  const isSame =
    subject.manifestDigest === image.manifestDigest &&
    subject.imageId === image.imageId &&
    subject.layers.length === image.layers.length &&
    subject.layers.every(({ diffId, digest }, at) => {
      const layer = image.layers[at];
      return diffId === layer?.diffId && digest === layer.descriptor?.digest;
    });
  if (!isSame) return 'it describes another image';
  const lost = problems.find(
    ({ code }) => code === 'SBOM_COMPONENTS_UNIDENTIFIED' || code === 'SBOM_COMPONENTS_MALFORMED',
  );
  if (lost !== undefined) return `it is damaged: ${lost.message}`;
  if (packages.some(({ cataloger }) => cataloger === foreignCataloger))
    return 'it is damaged: a package lacks its facts';
  const gap = problems.find(({ incomplete }) => incomplete === true);
  return gap === undefined ? undefined : `it is incomplete: ${gap.subject}: ${gap.message}`;
}
