import { CodecError } from '../../codec/error.ts';
import { layerAnnotations } from '../../signing/cosign/annotations.ts';
import { parseEnvelope } from '../../signing/cosign/envelope.ts';
import { attachLegacy } from '../../signing/cosign/write-legacy.ts';
import { signingLimits } from '../../signing/limits.ts';
import { parseStatement } from '../../signing/statement/parse.ts';
import { attachForeignBundle } from '../attachments/attach-bundle.ts';
import { splitDocuments } from '../attachments/split-documents.ts';
import { type ExistingImage, existingImage } from '../attachments/existing-image.ts';
import { guarded } from '../attachments/guarded.ts';
import { tellDone } from '../attachments/tell.ts';
import { warnOfOther } from '../attachments/warn-of-other.ts';
import { ConfigError } from '../config/error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { readInput } from '../signing/read-input.ts';

/** What `attach attestation` is given besides the settings. */
export interface AttachAttestationOptions {
  /** Files with one document, or one a line; `-` is standard input. */
  readonly attestation: readonly string[];
  readonly tagPrefix?: string;
}

/** `attach attestation`: attaches bundles, and envelopes at the `.att` tag. */
export async function attachAttestationCommand(
  name: string,
  { attestation: files, tagPrefix }: AttachAttestationOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  if (files.length === 0) throw new ConfigError('SETTING_INVALID', 'Nothing says what to attach; add --attestation');
  return await guarded(settings, host, async (session) => {
    const { signal } = session;
    const documents: Buffer[] = [];
    for (const file of files) {
      documents.push(
        ...splitDocuments(await readInput(file, signingLimits.attachmentBytes, '--attestation', host), file),
      );
    }
    const image = await existingImage(session, name);
    for (const bytes of documents) {
      if (isBundle(bytes)) await attachForeignBundle(image, bytes, host, signal);
      else await attachEnvelope(image, bytes, tagPrefix, host, signal);
    }
    const what = documents.length === 1 ? 'the attestation' : `${documents.length} attestations`;
    await tellDone(`Attached ${what} to ${name} (${image.digest})`, settings, host);
    return exitCode.ok;
  });
}

async function attachEnvelope(
  image: ExistingImage,
  payload: Buffer,
  prefix: string | undefined,
  host: Host,
  signal: AbortSignal,
): Promise<void> {
  const { subjects, predicateType } = parseStatement(envelopeOf(payload).payload);
  await warnOfOther(
    subjects.flatMap(({ digests }) => [...digests].map(([algorithm, hex]) => `${algorithm}:${hex}`)),
    image,
    host,
  );
  const annotations = { [layerAnnotations.signature]: '', [layerAnnotations.predicateType]: predicateType };
  const options = { signal, ...(prefix === undefined ? {} : { prefix }) };
  await attachLegacy(image.attachments, image.digest, { kind: 'attestation', payload, annotations }, options);
}

function envelopeOf(bytes: Buffer): ReturnType<typeof parseEnvelope> {
  try {
    return parseEnvelope(bytes);
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    throw new ConfigError('SETTING_INVALID', `--attestation has neither a bundle nor an envelope: ${cause.message}`, {
      cause,
    });
  }
}

/** Read whole later; an envelope has no such field. */
function isBundle(bytes: Buffer): boolean {
  const { verificationMaterial } = JSON.parse(bytes.toString('utf8')) as { readonly verificationMaterial?: unknown };
  return verificationMaterial !== undefined;
}
