import { createHash } from 'node:crypto';
import type { Descriptor } from '../../../oci/descriptor.ts';
import type { Digest } from '../../../oci/digest.ts';
import { bundleMediaType } from '../../../signing/bundle/media-type.ts';
import { predicateTypes } from '../../../signing/statement/predicate-type.ts';
import { findManifest } from '../../../store/metadata/manifests.ts';
import {
  findAttachments,
  putAttachment,
  repositoriesOf,
  scannedImages,
} from '../../../store/metadata/scan-attachments.ts';
import { findScan, readInventory } from '../../../store/metadata/scans.ts';
import type { Content } from '../../content/content.ts';
import { removeManifest } from '../../content/delete.ts';
import { RegistryError } from '../../error.ts';
import { askWithInventory } from '../../../scan/process/ask-with-inventory.ts';
import type { EvidenceCache } from '../evidence-cache.ts';
import type { ScanEvidence } from '../evidence.ts';
import type { ScanPool } from '../../../scan/process/pool/scan-pool.ts';
import { type AttachedDocument, attachDocument, noJournal } from './attach-document.ts';
import type { ReportSigner } from './report-signer.ts';
import { billMediaType, findingsMediaType, findingsPredicate, findingsReport, reportMark } from './report.ts';

/** What attaching needs. */
export interface AttachParts {
  readonly content: Content;
  readonly evidence: EvidenceCache;
  readonly pool: ScanPool;
  readonly signer: ReportSigner | undefined;
  /** Of this program. */
  readonly version: string;
  /** The registry's address as clients know it, for the names of what is signed. */
  readonly host: string;
}

/** Repositories of one image that get what is attached. */
const mostRepositories = 100;
/** Milliseconds for one bill of materials. */
const billTime = 120_000;

type Kind = 'sbom' | 'findings';

/**
 * Attaches a bill of materials and the findings to an image, in every repository that has it, in the place of those that it attached
 * before. What is attached and still true stays as it is. Done twice, it changes nothing.
 */
export async function attachEvidence(parts: AttachParts, digest: Digest, signal: AbortSignal): Promise<void> {
  const { content, evidence, signer } = parts;
  const { database } = content;
  const known = await evidence.find(digest);
  const scan = await findScan(database, digest);
  const kept = await readInventory(database, digest);
  if (known === undefined || scan === undefined || kept === undefined) return;
  const key = signer?.hint ?? 'unsigned';
  const marks: Readonly<Record<Kind, string>> = {
    sbom: `${key} ${kept.signature} ${createHash('sha256').update(kept.inventory).digest('base64url')}`,
    findings: `${key} ${reportMark(known)}`,
  };
  let bill: Promise<Buffer> | undefined;
  for (const { id, name, mediaType, size } of await repositoriesOf(database, digest, mostRepositories)) {
    const subject: Descriptor = { mediaType, digest, size };
    const before = await findAttachments(database, id, scan.id);
    for (const kind of ['sbom', 'findings'] as const) {
      signal.throwIfAborted();
      const old = before.find((one) => one.kind === kind);
      const isThere = old !== undefined && (await findManifest(database, name, old.digest)) !== undefined;
      if (isThere && old.mark === marks[kind]) continue;
      if (kind === 'sbom') bill ??= makeBill(parts, kept, signal);
      const document = await documentOf(parts, { kind, name, known, bill: await bill });
      const attached = await attachDocument(content, name, subject, document);
      await database.transaction((queries) =>
        putAttachment(queries, id, scan.id, { kind, mark: marks[kind], ...attached }),
      );
      if (isThere && old.digest !== attached.digest) await removeOld(content, name, old.digest);
    }
  }
}

/**
 * Does the same for stored images after one of them, so many at a time.
 *
 * @returns the last one; undefined when there are no more
 */
export async function attachToAll(parts: AttachParts, after: number, signal: AbortSignal): Promise<number | undefined> {
  const images = await scannedImages(parts.content.database, after, 100);
  for (const { digest } of images) await attachEvidence(parts, digest, signal);
  return images.at(-1)?.id;
}

async function makeBill(
  { pool, version }: AttachParts,
  { inventory, signature }: { readonly inventory: Uint8Array; readonly signature: string },
  signal: AbortSignal,
): Promise<Buffer> {
  const task = { kind: 'bill', version, signature } as const;
  return await askWithInventory(pool, task, inventory, { time: billTime, signal });
}

async function documentOf(
  { signer, version, host, content }: AttachParts,
  {
    kind,
    name,
    known,
    bill,
  }: { readonly kind: Kind; readonly name: string; readonly known: ScanEvidence; readonly bill: Buffer | undefined },
): Promise<AttachedDocument> {
  const created = new Date(content.now());
  if (signer === undefined) {
    return kind === 'sbom'
      ? { bytes: bill ?? Buffer.alloc(0), mediaType: billMediaType, created }
      : { bytes: Buffer.from(JSON.stringify(findingsReport(known))), mediaType: findingsMediaType, created };
  }
  const predicateType = kind === 'sbom' ? predicateTypes.cyclonedx : predicateTypes.vuln;
  const predicate: unknown = kind === 'sbom' ? JSON.parse(String(bill)) : findingsPredicate(known, version);
  const bytes = await signer.sign(`${host}/${name}`, known.digest, predicateType, predicate);
  return { bytes, mediaType: bundleMediaType, predicateType, created };
}

async function removeOld(content: Content, repository: string, digest: Digest): Promise<void> {
  try {
    await removeManifest(content, repository, digest, noJournal);
  } catch (error) {
    // Somebody was faster, or named it by a tag that may not go.
    if (!(error instanceof RegistryError)) throw error;
  }
}
