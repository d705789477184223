import { resolve } from 'node:path';
import { writeFileAtomic } from '../../base/atomic-file.ts';
import { fetchManifest } from '../../oci/client/fetch-manifest.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { digestAlgorithm, digestHex } from '../../oci/digest.ts';
import { limits } from '../../oci/limits.ts';
import { parseManifest } from '../../oci/manifest.ts';
import { isManifestMediaType } from '../../oci/media-type.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import { encodeBundle } from '../../signing/bundle/encode.ts';
import { creationTime } from '../../signing/cosign/created.ts';
import type { SignedEntity } from '../../signing/entity.ts';
import { SigningError } from '../../signing/error.ts';
import { buildSimpleSigning } from '../../signing/image/simple-signing.ts';
import type { HashAlgorithm } from '../../signing/key/key-type.ts';
import { signMessage, signStatement } from '../../signing/sign/sign-entity.ts';
import type { Signer } from '../../signing/signer.ts';
import { buildSignStatement } from '../../signing/statement/build.ts';
import { signPredicateType } from '../../signing/statement/predicate-type.ts';
import { ConfigError } from '../config/error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import type { Settings } from '../config/settings.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { attachAsBundle, attachAsSignature, type SignatureFormat } from '../signing/attach.ts';
import { payloadReference } from '../signing/cosign-json.ts';
import { type ChosenServices, requireTimes, servicesOf } from '../signing/services.ts';
import { type ResolvedImage, SigningSession } from '../signing/session.ts';
import { isKeyless, signerOf } from '../signing/signer.ts';
import { readAnnotations } from '../signing/verify-options.ts';

/** How `sign` signs besides the settings. */
export interface SignOptions {
  readonly annotations: readonly string[];
  readonly recursive: boolean;
  readonly format: SignatureFormat;
  readonly yes: boolean;
  /** False: nothing is attached. */
  readonly upload: boolean;
  readonly tagPrefix?: string;
  /** Files to write what was made into besides. */
  readonly bundle?: string;
  readonly outputSignature?: string;
  readonly outputPayload?: string;
  /** What the payload of the older form calls the image. */
  readonly containerIdentity?: string;
}

/** `sign`: signs images by their digests and attaches the signatures. */
export async function signCommand(
  names: readonly string[],
  options: SignOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  if (names.length === 0) throw new ConfigError('SETTING_INVALID', 'Nothing says which image to sign; name one');
  await using session = new SigningSession(settings, host);
  const images = [];
  for (const name of names) {
    const image = await session.resolve(name);
    if (image.reference.digest === undefined) await warnOfTag(image, host);
    images.push(image);
  }
  const services = await servicesOf(settings, host, await session.network(), isKeyless(settings), session.signal);
  requireTimes(services, options.format, settings);
  const first = options.format === 'legacy' ? 'payload' : 'statement';
  const signer = await signerOf(first, services, options.yes, settings, host, session);
  const work = { options, settings, host, session, services, signer };
  for (const image of images) {
    for (const subject of await subjectsOf(image, options.recursive, session)) await signOne(image, subject, work);
  }
  return exitCode.ok;
}

interface Work {
  readonly options: SignOptions;
  readonly settings: Settings;
  readonly host: Host;
  readonly session: SigningSession;
  readonly services: ChosenServices;
  readonly signer: Signer;
}

async function signOne(image: ResolvedImage, subject: Descriptor, work: Work): Promise<void> {
  const { options, host, session, services, signer } = work;
  const { signal } = session;
  const annotations = readAnnotations(options.annotations);
  const created = creationTime(host.env, host.now);
  const shared = {
    subject,
    created,
    signal,
    ...(options.tagPrefix === undefined ? {} : { tagPrefix: options.tagPrefix }),
  };
  if (options.format !== 'legacy') {
    const digest = { algorithm: digestAlgorithm(subject.digest) as HashAlgorithm, hex: digestHex(subject.digest) };
    const payload = buildSignStatement(digest, annotations);
    const entity = await signStatement(payload, signer, services, signal);
    if (options.upload) await attachAsBundle(image.attachments, signPredicateType, { ...shared, entity });
    await writeFiles(entity, payload, options, host);
  }
  if (options.format !== 'bundle') {
    const reference = options.containerIdentity ?? payloadReference(image);
    const payload = buildSimpleSigning(reference, subject.digest, annotations);
    const entity = await signMessage(payload, await payloadSigner(work), services, signal);
    if (options.upload) await attachAsSignature(image.attachments, payload, { ...shared, entity });
    if (options.format === 'legacy') await writeFiles(entity, payload, options, host);
  }
  const { registry, repository } = image.reference;
  const done = options.upload ? 'Signed' : 'Signed, without attaching it,';
  await host.stderr.write(`${cleanText(`${done} ${registry}/${repository}@${subject.digest}`)}\n`);
}

/** Some keys sign payloads in another way than statements; a certificate's key signs both alike. */
async function payloadSigner({ signer, options, services, settings, host, session }: Work): Promise<Signer> {
  if (options.format === 'legacy' || isKeyless(settings)) return signer;
  return signerOf('payload', services, options.yes, settings, host, session);
}

async function writeFiles(entity: SignedEntity, payload: Buffer, options: SignOptions, host: Host): Promise<void> {
  const { bundle, outputSignature, outputPayload, upload } = options;
  const signature = entity.content.signature.toString('base64');
  if (bundle !== undefined) await writeFileAtomic(resolve(host.cwd, bundle), encodeBundle(entity));
  if (outputPayload !== undefined) await writeFileAtomic(resolve(host.cwd, outputPayload), payload);
  if (outputSignature !== undefined) await writeFileAtomic(resolve(host.cwd, outputSignature), signature);
  // cosign: what is not attached is printed.
  else if (!upload && bundle === undefined) await host.stdout.write(`${signature}\n`);
}

/** The image, and with `--recursive` every manifest that an index leads to, each once. */
async function subjectsOf(image: ResolvedImage, recursive: boolean, session: SigningSession): Promise<Descriptor[]> {
  const { client, repository } = image.image;
  const found = new Map<string, Descriptor>();
  const waiting = [image.digest];
  for (let digest = waiting.shift(); digest !== undefined; digest = waiting.shift()) {
    if (found.has(digest)) continue;
    if (found.size === limits.indexEntries) {
      throw new SigningError('LIMIT_EXCEEDED', `${image.name} leads to more than ${limits.indexEntries} manifests`);
    }
    const { descriptor, bytes } = await fetchManifest(client, repository, digest, session.signal);
    found.set(digest, descriptor);
    if (!recursive) break;
    const manifest = parseManifest(bytes, descriptor.mediaType);
    if (manifest.kind !== 'index') continue;
    for (const entry of manifest.manifests) if (isManifestMediaType(entry.mediaType)) waiting.push(entry.digest);
  }
  return [...found.values()];
}

async function warnOfTag({ name, digest }: ResolvedImage, host: Host): Promise<void> {
  const sentence = `${name} is a tag, which may be moved while you sign; what is signed is ${digest}. Name images by digest`;
  await host.stderr.write(`${cleanText(sentence)}\n`);
}
