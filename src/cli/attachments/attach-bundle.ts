import { bundleMediaType } from '../../signing/bundle/media-type.ts';
import { parseBundle } from '../../signing/bundle/parse.ts';
import { creationTime } from '../../signing/cosign/created.ts';
import { attachBundle } from '../../signing/cosign/write-bundle.ts';
import { parseStatement } from '../../signing/statement/parse.ts';
import type { Host } from '../host.ts';
import type { ExistingImage } from './existing-image.ts';
import { warnOfOther } from './warn-of-other.ts';

/**
 * Attaches a bundle that was made elsewhere, byte for byte. It is read strictly first: what no verifier could read is
 * refused.
 *
 * @throws VerificationError for what is no such bundle; OciError
 */
export async function attachForeignBundle(
  image: ExistingImage,
  bytes: Buffer,
  host: Host,
  signal: AbortSignal,
): Promise<void> {
  const { content, mediaType = bundleMediaType } = parseBundle(bytes, { allowCertificateChain: true });
  const created = creationTime(host.env, host.now);
  if (content.kind === 'message') {
    const bundle = { bytes, mediaType, content: 'message-signature', created } as const;
    await attachBundle(image.attachments, image.descriptor, bundle, signal);
    return;
  }
  const { predicateType, subjects } = parseStatement(content.payload);
  const digests = subjects.flatMap((subject) => [...subject.digests].map(([name, hex]) => `${name}:${hex}`));
  await warnOfOther(digests, image, host);
  const bundle = { bytes, mediaType, content: 'dsse-envelope', predicateType, created } as const;
  await attachBundle(image.attachments, image.descriptor, bundle, signal);
}
