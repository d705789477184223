import type { Descriptor } from '../../oci/descriptor.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import { bundleMediaType } from '../../signing/bundle/media-type.ts';
import { encodeBundle } from '../../signing/bundle/encode.ts';
import { entityAnnotations } from '../../signing/cosign/entity-annotations.ts';
import { formatEnvelope } from '../../signing/log/envelope-digest.ts';
import { attachBundle } from '../../signing/cosign/write-bundle.ts';
import { attachLegacy } from '../../signing/cosign/write-legacy.ts';
import type { SignedEntity } from '../../signing/entity.ts';

/** The form in which signatures are attached. */
export type SignatureFormat = 'bundle' | 'legacy' | 'both';

/** A signature to attach, and how. */
export interface Attachment {
  readonly subject: Descriptor;
  readonly entity: SignedEntity;
  readonly created: Date;
  readonly tagPrefix?: string;
  readonly signal: AbortSignal;
}

/** Attaches a statement as a bundle. @throws OciError */
export async function attachAsBundle(
  remote: RemoteRepository,
  predicateType: string,
  { subject, entity, created, signal }: Attachment,
): Promise<void> {
  const bytes = encodeBundle(entity);
  const content = 'dsse-envelope';
  await attachBundle(remote, subject, { bytes, mediaType: bundleMediaType, content, predicateType, created }, signal);
}

/** Attaches a signature over a payload at the `.sig` tag. @throws OciError, SigningError */
export async function attachAsSignature(
  remote: RemoteRepository,
  payload: Buffer,
  { subject, entity, tagPrefix, signal }: Attachment,
): Promise<void> {
  const annotations = entityAnnotations(entity);
  const prefix = tagPrefix === undefined ? {} : { prefix: tagPrefix };
  await attachLegacy(remote, subject.digest, { kind: 'signature', payload, annotations }, { ...prefix, signal });
}

/**
 * Attaches a statement at the `.att` tag.
 *
 * @param stamp has bytes stamped: cosign asks for a stamp of the layer there, not of the signature
 * @throws OciError, SigningError
 */
export async function attachAsAttestation(
  remote: RemoteRepository,
  predicateType: string,
  replace: boolean,
  stamp: (bytes: Buffer) => Promise<readonly Buffer[]>,
  { subject, entity, tagPrefix, signal }: Attachment,
): Promise<void> {
  const { content } = entity;
  if (content.kind !== 'envelope') throw new TypeError('An attestation is an envelope');
  const payload = Buffer.from(formatEnvelope(content));
  const annotations = entityAnnotations({ ...entity, timestamps: await stamp(payload) }, predicateType);
  const prefix = tagPrefix === undefined ? {} : { prefix: tagPrefix };
  await attachLegacy(
    remote,
    subject.digest,
    { kind: 'attestation', payload, annotations },
    { ...prefix, replace, signal },
  );
}
