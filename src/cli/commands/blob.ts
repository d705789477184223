import { createHash } from 'node:crypto';
import { basename, resolve } from 'node:path';
import { writeFileAtomic } from '../../base/atomic-file.ts';
import { CodecError } from '../../codec/error.ts';
import { decodeBase64 } from '../../codec/base64/decode.ts';
import { formatPem, parsePem } from '../../codec/pem/pem.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import { encodeBundle } from '../../signing/bundle/encode.ts';
import { parseBundle } from '../../signing/bundle/parse.ts';
import type { SignedEntity } from '../../signing/entity.ts';
import { signingLimits } from '../../signing/limits.ts';
import { signMessage, signStatement } from '../../signing/sign/sign-entity.ts';
import { buildStatement } from '../../signing/statement/build.ts';
import { predicateTypeOf } from '../../signing/statement/predicate-type.ts';
import type { Artifact, VerificationPolicy } from '../../signing/verify/policy.ts';
import { verifyEntity } from '../../signing/verify/verify-entity.ts';
import { verifyStatement } from '../../signing/verify/verify-statement.ts';
import { ConfigError } from '../config/error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import type { Settings } from '../config/settings.ts';
import { describeCauses, describeError } from '../describe-error.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { conditionOf } from '../signing/condition.ts';
import { verifyFailureStatus } from '../signing/failure-status.ts';
import { signerPolicyOf } from '../signing/policy.ts';
import { type PredicateOptions, predicateFor, statementIn } from '../signing/predicate.ts';
import { readInput } from '../signing/read-input.ts';
import { servicesOf } from '../signing/services.ts';
import { SigningSession } from '../signing/session.ts';
import { isKeyless, signerOf } from '../signing/signer.ts';
import { needsTrust, trustOf } from '../signing/trust.ts';
import { VerificationError } from '../../signing/verify/verification-error.ts';

/** Files of this size are signed whole in memory. */
const maxBlobBytes = 2_147_483_647;

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
  const bytes = await readInput(path, maxBlobBytes, 'the file', host);
  await using session = new SigningSession(settings, host);
  const services = await servicesOf(settings, host, await session.network(), isKeyless(settings), session.signal);
  const signer = await signerOf('message', services, options.yes, settings, host, session);
  const entity = await signMessage(bytes, signer, services, session.signal);
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
  const bytes = await readInput(path, maxBlobBytes, 'the file', host);
  const artifact = { algorithm: 'sha256', hex: createHash('sha256').update(bytes).digest('hex') } as const;
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

/** What a file is verified by besides the settings. */
export interface VerifyBlobOptions {
  readonly bundle?: string;
  /** A bare signature in base64, or the file that holds it. */
  readonly signature?: string;
  readonly certificate?: string;
  /** Only the digest of the file is at hand: `sha256:…`. */
  readonly digest?: string;
}

/** What a statement about a file must say besides. */
export interface VerifyBlobAttestationOptions extends VerifyBlobOptions {
  readonly type?: string;
  readonly checkClaims: boolean;
  readonly policies: readonly string[];
}

/** `verify-blob`: says whether a file was signed by whom it should. */
export function verifyBlobCommand(
  path: string | undefined,
  options: VerifyBlobOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  return judged(settings, host, async (session) => {
    const policy = await policyOf(settings, host, session);
    const artifact = await artifactOf(path, options, host);
    const entity = await entityOf(options, settings, host);
    if (entity.content.kind === 'envelope') {
      throw new VerificationError(
        'SIGNATURE_UNSUPPORTED',
        'The bundle states something of a file and does not sign it; use verify-blob-attestation',
        { check: 'shape', found: 'a statement', wanted: 'a signature' },
      );
    }
    await verifyEntity(entity, artifact, policy, host.now());
  });
}

/** `verify-blob-attestation`: says whether what is stated of a file was stated by whom it should. */
export async function verifyBlobAttestationCommand(
  path: string | undefined,
  options: VerifyBlobAttestationOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  const predicateType = options.type === undefined ? undefined : predicateTypeOf(options.type);
  if (options.type !== undefined && predicateType === undefined) {
    throw new ConfigError(
      'SETTING_INVALID',
      `"${options.type.slice(0, 100)}" is no type of predicate; write a name or a URI`,
    );
  }
  const condition = await conditionOf(options.policies, host);
  return judged(settings, host, async (session) => {
    const policy = await policyOf(settings, host, session);
    const artifact = await artifactOf(path, options, host, !options.checkClaims);
    const entity = await entityOf(options, settings, host);
    const statement = await verifyStatement(
      entity,
      artifact,
      {
        ...policy,
        annotations: new Map(),
        checkSubject: options.checkClaims,
        ...(predicateType === undefined ? {} : { predicateType }),
      },
      host.now(),
    );
    condition?.(statement);
  });
}

async function judged(
  settings: Settings,
  host: Host,
  verify: (session: SigningSession) => Promise<void>,
): Promise<number> {
  await using session = new SigningSession(settings, host);
  try {
    await verify(session);
    await host.stderr.write('Verified OK\n');
    return exitCode.ok;
  } catch (error) {
    if (host.signal.aborted) throw host.signal.reason;
    if (error instanceof ConfigError) throw error;
    await host.stderr.write(`${describeError(error)}\n`);
    if (error instanceof VerificationError) {
      const { found, wanted } = error.facts;
      if (found !== undefined) await host.stderr.write(`${cleanText(`  found:  ${found}`)}\n`);
      if (wanted !== undefined) await host.stderr.write(`${cleanText(`  wanted: ${wanted}`)}\n`);
    }
    if (settings.debug) await host.stderr.write(`${describeCauses(error).join('\n')}\n`);
    return verifyFailureStatus(error);
  }
}

/** The policy of the settings, for one signature. */
export async function policyOf(settings: Settings, host: Host, session: SigningSession): Promise<VerificationPolicy> {
  const signer = await signerPolicyOf(settings, host, (references) => session.loadKeys(references));
  const { insecureIgnoreTlog, useSignedTimestamps } = settings;
  const needed = needsTrust(signer, settings);
  const trust = await trustOf(settings, host, await session.network(), needed, session.signal);
  return { trust, signer, logs: insecureIgnoreTlog ? 0 : 1, timestamps: useSignedTimestamps ? 1 : 0 };
}

async function artifactOf(
  path: string | undefined,
  { digest }: VerifyBlobOptions,
  host: Host,
  optional = false,
): Promise<Artifact> {
  if (path !== undefined && digest !== undefined) {
    throw new ConfigError('SETTING_INVALID', 'Give the file or its digest, not both');
  }
  if (path !== undefined) return { kind: 'bytes', bytes: await readInput(path, maxBlobBytes, 'the file', host) };
  if (digest === undefined && optional) return { kind: 'bytes', bytes: Buffer.alloc(0) };
  const match = /^(sha256|sha384|sha512):([a-f0-9]+)$/.exec(digest ?? '');
  const [, algorithm, hex] = match ?? [];
  if (algorithm === undefined || hex === undefined || hex.length !== Number(algorithm.slice(3)) / 4) {
    throw new ConfigError('SETTING_INVALID', 'Nothing says what to verify; name a file, or --digest sha256:HEX');
  }
  return { kind: 'digest', algorithm: algorithm as 'sha256' | 'sha384' | 'sha512', hex };
}

async function entityOf(options: VerifyBlobOptions, settings: Settings, host: Host): Promise<SignedEntity> {
  const { bundle, signature, certificate } = options;
  if (bundle !== undefined) {
    if (signature !== undefined || certificate !== undefined) {
      throw new ConfigError(
        'SETTING_INVALID',
        '--bundle holds signature and certificate; leave --signature and --certificate out',
      );
    }
    const bytes = await readInput(bundle, signingLimits.attachmentBytes, '--bundle', host);
    return parseBundle(bytes, { allowCertificateChain: settings.allowCertificateChain });
  }
  if (signature === undefined)
    throw new ConfigError('SETTING_INVALID', 'Nothing says where the signature is; add --bundle FILE');
  return {
    format: 'legacy',
    material:
      certificate === undefined
        ? { kind: 'public-key' }
        : { kind: 'certificate', certificates: await certificatesOf(certificate, host) },
    logEntries: [],
    timestamps: [],
    content: { kind: 'message', signature: await bareSignature(signature, host) },
  };
}

/** cosign takes the signature itself or a file with it, in base64 or as it is. */
async function bareSignature(text: string, host: Host): Promise<Buffer> {
  const decode = (value: string): Buffer | undefined => {
    try {
      return decodeBase64(value.trim());
    } catch (error) {
      if (error instanceof CodecError) return undefined;
      throw error;
    }
  };
  const given = text.length > 40 && !text.includes('.') ? decode(text) : undefined;
  if (given !== undefined && given.length > 0) return given;
  const bytes = await readInput(text, signingLimits.keyBytes, '--signature', host);
  return decode(bytes.toString('latin1')) ?? bytes;
}

async function certificatesOf(path: string, host: Host): Promise<readonly Buffer[]> {
  const text = (await readInput(path, signingLimits.keyBytes, '--certificate', host)).toString('latin1');
  try {
    // cosign writes PEM, and older versions base64 of it.
    const pem = text.includes('-----BEGIN') ? text : decodeBase64(text.trim()).toString('latin1');
    const blocks = parsePem(pem).filter(({ label }) => label === 'CERTIFICATE');
    if (blocks.length > 0) return blocks.map(({ bytes }) => bytes);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
  }
  throw new ConfigError('SETTING_INVALID', `${path} holds no certificate; check --certificate`);
}
