import { resolve } from 'node:path';
import { writeFileAtomic } from '../../base/atomic-file.ts';
import { digestAlgorithm, digestHex } from '../../oci/digest.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import { encodeBundle } from '../../signing/bundle/encode.ts';
import { creationTime } from '../../signing/cosign/created.ts';
import type { HashAlgorithm } from '../../signing/key/key-type.ts';
import { signStatement, stampsOf } from '../../signing/sign/sign-entity.ts';
import { buildStatement } from '../../signing/statement/build.ts';
import { ConfigError } from '../config/error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { attachAsAttestation, attachAsBundle, type SignatureFormat } from '../signing/attach.ts';
import { payloadReference } from '../signing/cosign-json.ts';
import { type PredicateOptions, predicateFor, statementIn } from '../signing/predicate.ts';
import { requireTimes, servicesOf } from '../signing/services.ts';
import { type ResolvedImage, SigningSession } from '../signing/session.ts';
import { isKeyless, signerOf } from '../signing/signer.ts';

/** How `attest` attests besides the settings. */
export interface AttestOptions extends PredicateOptions {
  readonly format: SignatureFormat;
  readonly yes: boolean;
  /** False: nothing is attached. */
  readonly upload: boolean;
  /** Takes away attestations of the same type in the older form. */
  readonly replace: boolean;
  readonly tagPrefix?: string;
  readonly bundle?: string;
}

/** `attest`: states something of images, signs it and attaches it. */
export async function attestCommand(
  names: readonly string[],
  options: AttestOptions,
  resolved: ResolvedSettings,
  host: Host,
): Promise<number> {
  const { settings } = resolved;
  if (names.length === 0) throw new ConfigError('SETTING_INVALID', 'Nothing says which image to attest of; name one');
  await using session = new SigningSession(settings, host);
  const images: ResolvedImage[] = [];
  for (const name of names) images.push(await session.resolve(name));
  const prepared = [];
  // What is stated is found out before anybody logs in: certificates live for minutes, scans may take longer.
  for (const image of images) prepared.push({ image, ...(await payloadFor(image, options, resolved, host)) });
  const services = await servicesOf(settings, host, await session.network(), isKeyless(settings), session.signal);
  requireTimes(services, options.format, settings);
  const signer = await signerOf('statement', services, options.yes, settings, host, session);
  const created = creationTime(host.env, host.now);
  for (const { image, payload, predicateType } of prepared) {
    const entity = await signStatement(payload, signer, services, session.signal);
    const subject = await session.describe(image);
    const { signal } = session;
    const shared = {
      subject,
      entity,
      created,
      signal,
      ...(options.tagPrefix === undefined ? {} : { tagPrefix: options.tagPrefix }),
    };
    if (options.upload && options.format !== 'legacy') await attachAsBundle(image.attachments, predicateType, shared);
    if (options.upload && options.format !== 'bundle') {
      const stamp = (bytes: Buffer) => stampsOf(bytes, services, signal);
      await attachAsAttestation(image.attachments, predicateType, options.replace, stamp, shared);
    }
    const bytes = encodeBundle(entity);
    if (options.bundle !== undefined) await writeFileAtomic(resolve(host.cwd, options.bundle), bytes);
    else if (!options.upload) await host.stdout.write(`${bytes.toString('utf8')}\n`);
    const { registry, repository } = image.reference;
    const done = options.upload ? 'Attested' : 'Attested, without attaching it,';
    await host.stderr.write(`${cleanText(`${done} ${predicateType} of ${registry}/${repository}@${image.digest}`)}\n`);
  }
  return exitCode.ok;
}

async function payloadFor(
  image: ResolvedImage,
  options: AttestOptions,
  resolved: ResolvedSettings,
  host: Host,
): Promise<{ readonly payload: Buffer; readonly predicateType: string }> {
  const { digest, reference } = image;
  const artifact = { algorithm: digestAlgorithm(digest) as HashAlgorithm, hex: digestHex(digest) };
  const given = await statementIn(options, [artifact], host);
  if (given !== undefined) return given;
  // The scan reads what was resolved, whatever the tag says by then.
  const name = `${reference.registry}/${reference.repository}@${digest}`;
  const { predicateType, predicate } = await predicateFor(options, name, resolved, host);
  return { payload: buildStatement(payloadReference(image), artifact, predicateType, predicate), predicateType };
}
