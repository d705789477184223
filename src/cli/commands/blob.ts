import { basename, resolve } from 'node:path';
import { writeFileAtomic } from '../../base/atomic-file.ts';
import { formatPem } from '../../codec/pem/pem.ts';
import { encodeBundle } from '../../signing/bundle/encode.ts';
import type { SignedEntity } from '../../signing/entity.ts';
import { hashChunks } from '../../signing/key/hash-chunks.ts';
import { signMessage, signStatement } from '../../signing/sign/sign-entity.ts';
import { buildStatement } from '../../signing/statement/build.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { openBlob } from '../signing/open-blob.ts';
import { type PredicateOptions, predicateFor, statementIn } from '../signing/predicate.ts';
import { servicesOf } from '../signing/services.ts';
import { SigningSession } from '../signing/session.ts';
import { isKeyless, signerOf } from '../signing/signer.ts';

/** How `sign-blob` signs besides the settings. */
export interface SignBlobOptions {
  readonly bundle?: string;
  readonly outputSignature?: string;
  readonly outputCertificate?: string;
  readonly yes: boolean;
}

/** `sign-blob`: signs a file. */
export async function signBlobCommand(
  path: string,
  options: SignBlobOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  const content = await openBlob(path, host);
  await using session = new SigningSession(settings, host);
  const services = await servicesOf(settings, host, await session.network(), isKeyless(settings), session.signal);
  const signer = await signerOf('message', services, options.yes, settings, host, session);
  const entity = await signMessage(content, signer, services, session.signal);
  await writeEntity(entity, options, host);
  return exitCode.ok;
}

/** `attest-blob`: states something of a file. */
export async function attestBlobCommand(
  path: string,
  options: SignBlobOptions & PredicateOptions,
  resolved: ResolvedSettings,
  host: Host,
): Promise<number> {
  const { settings } = resolved;
  const content = await openBlob(path, host);
  const { sha256 } = await hashChunks(content instanceof Uint8Array ? [content] : content, ['sha256'], host.signal);
  const artifact = { algorithm: 'sha256', hex: sha256.toString('hex') } as const;
  const given = await statementIn(options, [artifact], host);
  let payload = given?.payload;
  if (payload === undefined) {
    const { predicateType, predicate } = await predicateFor(options, undefined, resolved, host);
    payload = buildStatement(basename(path), artifact, predicateType, predicate);
  }
  await using session = new SigningSession(settings, host);
  const services = await servicesOf(settings, host, await session.network(), isKeyless(settings), session.signal);
  const signer = await signerOf('statement', services, options.yes, settings, host, session);
  await writeEntity(await signStatement(payload, signer, services, session.signal), options, host);
  return exitCode.ok;
}

async function writeEntity(entity: SignedEntity, options: SignBlobOptions, host: Host): Promise<void> {
  const { bundle, outputSignature, outputCertificate } = options;
  const signature = `${entity.content.signature.toString('base64')}\n`;
  if (bundle !== undefined) await writeFileAtomic(resolve(host.cwd, bundle), encodeBundle(entity));
  if (outputSignature !== undefined) await writeFileAtomic(resolve(host.cwd, outputSignature), signature);
  if (outputCertificate !== undefined && entity.material.kind === 'certificate') {
    const pem = entity.material.certificates.map((bytes) => formatPem({ label: 'CERTIFICATE', bytes })).join('');
    await writeFileAtomic(resolve(host.cwd, outputCertificate), pem);
  }
  if (bundle === undefined && outputSignature === undefined) {
    // What has to be proven later is in the bundle; a bare signature is enough only where a key alone decides.
    const proven =
      entity.logEntries.length > 0 || entity.timestamps.length > 0 || entity.material.kind === 'certificate';
    await host.stdout.write(proven ? `${encodeBundle(entity).toString('utf8')}\n` : signature);
  }
}
