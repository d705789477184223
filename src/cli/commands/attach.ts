import { decodeBase64 } from '../../codec/base64/decode.ts';
import { CodecError } from '../../codec/error.ts';
import { parseBundle } from '../../signing/bundle/parse.ts';
import { bundleMediaType } from '../../signing/bundle/media-type.ts';
import { layerAnnotations } from '../../signing/cosign/annotations.ts';
import { creationTime } from '../../signing/cosign/created.ts';
import { parseEnvelope, predicateTypeIn } from '../../signing/cosign/envelope.ts';
import { attachBundle } from '../../signing/cosign/write-bundle.ts';
import { attachLegacy, attachSbom } from '../../signing/cosign/write-legacy.ts';
import { signingLimits } from '../../signing/limits.ts';
import { parseStatement } from '../../signing/statement/parse.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import { ConfigError } from '../config/error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { guarded } from '../signing/guarded.ts';
import { readInput } from '../signing/read-input.ts';
import type { ResolvedImage } from '../signing/session.ts';

/** Media types of the SBOMs that cosign attaches. */
const sbomTypes: Readonly<Record<string, string>> = {
  spdx: 'text/spdx',
  'spdx+json': 'text/spdx+json',
  cyclonedx: 'application/vnd.cyclonedx+xml',
  'cyclonedx+json': 'application/vnd.cyclonedx+json',
  syft: 'application/vnd.syft+json',
};

/** `attach sbom`: puts a bill of materials beside an image, unsigned. */
export function attachSbomCommand(
  name: string,
  file: string,
  type: string | undefined,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  return guarded(settings, host, async (session) => {
    const bytes = await readInput(file, signingLimits.attachmentBytes, '--sbom', host);
    const mediaType = type === undefined ? guessType(bytes) : sbomTypes[type];
    if (mediaType === undefined) {
      const types = Object.keys(sbomTypes).join(', ');
      throw new ConfigError('SETTING_INVALID', `Nothing says what ${file} is; add --type with one of ${types}`);
    }
    const image = await session.resolve(name);
    await attachSbom(image.attachments, image.digest, { bytes, mediaType }, { signal: session.signal });
    await host.stderr.write(
      'Nobody signed what was attached; "seaworthy attest --sbom" makes an SBOM that can be verified\n',
    );
    return done('SBOM', image, host);
  });
}

function guessType(bytes: Buffer): string | undefined {
  const start = bytes.subarray(0, 4096).toString('utf8');
  if (start.startsWith('SPDXVersion:')) return sbomTypes['spdx'];
  if (start.includes('"spdxVersion"')) return sbomTypes['spdx+json'];
  if (start.includes('"bomFormat"')) return sbomTypes['cyclonedx+json'];
  return start.includes('http://cyclonedx.org/schema/bom') ? sbomTypes['cyclonedx'] : undefined;
}

/** What `attach signature` is given. */
export interface AttachSignatureOptions {
  readonly signature: string;
  readonly payload: string;
  readonly certificate?: string;
  readonly certificateChain?: string;
  readonly rekorResponse?: string;
  readonly tsr?: string;
}

/** `attach signature`: puts a signature that was made elsewhere at an image's `.sig` tag. */
export function attachSignatureCommand(
  name: string,
  options: AttachSignatureOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  return guarded(settings, host, async (session) => {
    const text = async (path: string | undefined, option: string): Promise<string | undefined> =>
      path === undefined ? undefined : (await readInput(path, signingLimits.trustBytes, option, host)).toString('utf8');
    const payload = await readInput(options.payload, signingLimits.trustBytes, '--payload', host);
    const signature = ((await text(options.signature, '--signature')) ?? '').trim();
    try {
      decodeBase64(signature);
    } catch (cause) {
      if (!(cause instanceof CodecError)) throw cause;
      throw new ConfigError('SETTING_INVALID', `${options.signature} holds no signature in base64`, { cause });
    }
    const certificate = await text(options.certificate, '--certificate');
    const chain = await text(options.certificateChain, '--certificate-chain');
    const bundle = await text(options.rekorResponse, '--rekor-response');
    const stamp =
      options.tsr === undefined ? undefined : await readInput(options.tsr, signingLimits.keyBytes, '--tsr', host);
    const annotations = {
      [layerAnnotations.signature]: signature,
      ...(certificate === undefined
        ? {}
        : { [layerAnnotations.certificate]: certificate, [layerAnnotations.chain]: chain ?? '' }),
      ...(bundle === undefined ? {} : { [layerAnnotations.bundle]: bundle }),
      ...(stamp === undefined
        ? {}
        : { [layerAnnotations.timestamp]: JSON.stringify({ SignedRFC3161Timestamp: stamp.toString('base64') }) }),
    };
    const image = await session.resolve(name);
    await attachLegacy(
      image.attachments,
      image.digest,
      { kind: 'signature', payload, annotations },
      { signal: session.signal },
    );
    return done('signature', image, host);
  });
}

/** `attach attestation`: puts a bundle, or an envelope in the older form, beside an image. */
export function attachAttestationCommand(
  name: string,
  files: readonly string[],
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  return guarded(settings, host, async (session) => {
    const image = await session.resolve(name);
    const { signal } = session;
    for (const file of files) {
      const bytes = await readInput(file, signingLimits.attachmentBytes, '--attestation', host);
      if (isEnvelope(bytes)) {
        const predicateType = predicateTypeIn(bytes);
        const annotations = {
          [layerAnnotations.signature]: '',
          ...(predicateType === undefined ? {} : { [layerAnnotations.predicateType]: predicateType }),
        };
        await attachLegacy(
          image.attachments,
          image.digest,
          { kind: 'attestation', payload: bytes, annotations },
          { signal },
        );
      } else {
        const { content } = parseBundle(bytes, { allowCertificateChain: true });
        const created = creationTime(host.env, host.now);
        const stated =
          content.kind === 'envelope' ? { predicateType: parseStatement(content.payload).predicateType } : {};
        const kind = content.kind === 'envelope' ? 'dsse-envelope' : 'message-signature';
        const bundle = { bytes, mediaType: bundleMediaType, content: kind, created, ...stated } as const;
        await attachBundle(image.attachments, await session.describe(image), bundle, signal);
      }
      await done('attestation', image, host);
    }
    return exitCode.ok;
  });
}

function isEnvelope(bytes: Buffer): boolean {
  try {
    parseEnvelope(bytes);
    return true;
  } catch (error) {
    if (error instanceof CodecError) return false;
    throw error;
  }
}

async function done(what: string, { name, digest }: ResolvedImage, host: Host): Promise<number> {
  await host.stderr.write(`${cleanText(`Attached the ${what} to ${name} (${digest})`)}\n`);
  return exitCode.ok;
}
