import { CodecError } from '../../codec/error.ts';
import { layerAnnotations } from '../../signing/cosign/annotations.ts';
import { legacyEntity } from '../../signing/cosign/legacy-entity.ts';
import { attachLegacy } from '../../signing/cosign/write-legacy.ts';
import { parseSimpleSigning } from '../../signing/image/simple-signing.ts';
import { signingLimits } from '../../signing/limits.ts';
import { VerificationError } from '../../signing/verify/verification-error.ts';
import { attachForeignBundle } from '../attachments/attach-bundle.ts';
import { type ExistingImage, existingImage } from '../attachments/existing-image.ts';
import { guarded } from '../attachments/guarded.ts';
import { logPromise } from '../attachments/log-promise.ts';
import { tellDone } from '../attachments/tell.ts';
import { warnOfOther } from '../attachments/warn-of-other.ts';
import { ConfigError } from '../config/error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { readInput } from '../signing/read-input.ts';

/** What `attach signature` is given besides the settings: files, all but the prefix. */
export interface AttachSignatureOptions {
  readonly signature?: string;
  readonly payload?: string;
  readonly certificate?: string;
  readonly certificateChain?: string;
  readonly rekorResponse?: string;
  readonly tsr?: string;
  /** A bundle, which has all of the others in it. */
  readonly bundle?: string;
  readonly tagPrefix?: string;
}

/** `attach signature`: attaches a signature that was made elsewhere, as a bundle or at the `.sig` tag. */
export async function attachSignatureCommand(
  name: string,
  options: AttachSignatureOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  const { bundle: given, tagPrefix: prefix, ...bare } = options;
  // As with cosign, a payload that comes alone is a bundle.
  const bundle = given ?? (bare.signature === undefined ? bare.payload : undefined);
  if (given === undefined ? bare.payload === undefined : bare.signature !== undefined || bare.payload !== undefined) {
    const message = 'A signature comes as --bundle, or as --signature and --payload; give one or the other';
    throw new ConfigError('SETTING_INVALID', message);
  }
  return await guarded(settings, host, async (session) => {
    const { signal } = session;
    const attach: (image: ExistingImage) => Promise<unknown> =
      bundle === undefined ? await bareSignature(bare, prefix, host, signal) : await bundled(bundle, host, signal);
    const image = await existingImage(session, name);
    await attach(image);
    await tellDone(`Attached the signature to ${name} (${image.digest})`, settings, host);
    return exitCode.ok;
  });
}

async function bundled(
  file: string,
  host: Host,
  signal: AbortSignal,
): Promise<(image: ExistingImage) => Promise<void>> {
  const bytes = await readInput(file, signingLimits.attachmentBytes, '--bundle', host);
  return (image) => attachForeignBundle(image, bytes, host, signal);
}

async function bareSignature(
  options: Omit<AttachSignatureOptions, 'bundle' | 'tagPrefix'>,
  prefix: string | undefined,
  host: Host,
  signal: AbortSignal,
): Promise<(image: ExistingImage) => Promise<void>> {
  const read = async (path: string | undefined, option: string): Promise<Buffer | undefined> =>
    path === undefined ? undefined : await readInput(path, signingLimits.trustBytes, option, host);
  const payload = (await read(options.payload, '--payload')) ?? Buffer.alloc(0);
  const signature = isSignature(options.signature)
    ? options.signature
    : (await read(options.signature, '--signature'))?.toString('utf8').trim();
  const certificate = await read(options.certificate, '--certificate');
  const chain = await read(options.certificateChain, '--certificate-chain');
  const response = await read(options.rekorResponse, '--rekor-response');
  const stamp = await read(options.tsr, '--tsr');
  const annotations = {
    [layerAnnotations.signature]: signature ?? '',
    ...(certificate === undefined ? {} : { [layerAnnotations.certificate]: certificate.toString('utf8') }),
    ...(certificate === undefined && chain === undefined
      ? {}
      : { [layerAnnotations.chain]: chain?.toString('utf8') ?? '' }),
    ...(response === undefined ? {} : { [layerAnnotations.bundle]: promiseIn(response) }),
    ...(stamp === undefined
      ? {}
      : { [layerAnnotations.timestamp]: JSON.stringify({ SignedRFC3161Timestamp: stamp.toString('base64') }) }),
  };
  // Read as a verifier reads it: what nobody could read is refused.
  legacyEntity('signature', payload, annotations);
  return async (image) => {
    await warnOfOther(imageIn(payload), image, host);
    const more = { signal, ...(prefix === undefined ? {} : { prefix }) };
    await attachLegacy(image.attachments, image.digest, { kind: 'signature', payload, annotations }, more);
  };
}

/** cosign takes the signature itself too, which is no likely name of a file. */
function isSignature(text: string | undefined): text is string {
  return text !== undefined && /^[A-Za-z0-9+/]{64,2048}={0,2}$/.test(text);
}

function promiseIn(bytes: Buffer): string {
  try {
    return logPromise(bytes);
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    throw new ConfigError('SETTING_INVALID', `--rekor-response cannot be read: ${cause.message}`, { cause });
  }
}

function imageIn(payload: Buffer): readonly string[] {
  try {
    return [parseSimpleSigning(payload).digest];
  } catch (error) {
    if (error instanceof VerificationError) return [];
    throw error;
  }
}
