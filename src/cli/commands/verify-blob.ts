import { hashChunks } from '../../signing/key/hash-chunks.ts';
import type { Artifact } from '../../signing/verify/policy.ts';
import { VerificationError } from '../../signing/verify/verification-error.ts';
import { verifyEntity } from '../../signing/verify/verify-entity.ts';
import { verifyStatement } from '../../signing/verify/verify-statement.ts';
import { ConfigError } from '../config/error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import type { Settings } from '../config/settings.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { type BlobSignatureOptions, readBlobSignature } from '../signing/blob-signature.ts';
import { conditionOf } from '../signing/condition.ts';
import { openBlob } from '../signing/open-blob.ts';
import { SigningSession } from '../signing/session.ts';
import { tellFailure } from '../signing/tell-failure.ts';
import { verificationPolicyOf } from '../signing/verification-policy.ts';
import { sayTypes, wantedType } from '../signing/wanted-type.ts';

/** What a file is verified by besides the settings. */
export interface VerifyBlobOptions extends BlobSignatureOptions {
  /** Only the digest of the file is at hand: `sha256:…`. */
  readonly digest?: string;
}

/** What a statement about a file must say besides. */
export interface VerifyBlobAttestationOptions extends VerifyBlobOptions {
  /** A name or URI. */
  readonly type: string;
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
    const policy = await verificationPolicyOf(settings, host, session);
    const artifact = await artifactOf(path, options, host, session.signal);
    const entity = await readBlobSignature(options, settings, host);
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
  const predicateType = wantedType(options.type);
  const condition = await conditionOf(options.policies, host);
  return judged(settings, host, async (session) => {
    const policy = await verificationPolicyOf(settings, host, session);
    const artifact = await artifactOf(path, options, host, session.signal, !options.checkClaims);
    const entity = await readBlobSignature(options, settings, host);
    const statement = await verifyStatement(
      entity,
      artifact,
      { ...policy, annotations: new Map(), checkSubject: options.checkClaims, predicateType },
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
    if (error instanceof ConfigError) throw error;
    const status = await tellFailure(error, { settings, host, session }, { facts: true });
    if (error instanceof VerificationError) await sayTypes([error], host);
    return status;
  }
}

async function artifactOf(
  path: string | undefined,
  { digest }: VerifyBlobOptions,
  host: Host,
  signal: AbortSignal,
  optional = false,
): Promise<Artifact> {
  if (path !== undefined && digest !== undefined) {
    throw new ConfigError('SETTING_INVALID', 'Give the file or its digest, not both');
  }
  if (path !== undefined) {
    const content = await openBlob(path, host);
    if (content instanceof Uint8Array) return { kind: 'bytes', bytes: content };
    return { kind: 'digests', digests: await hashChunks(content, ['sha256', 'sha384', 'sha512'], signal) };
  }
  if (digest === undefined && optional) return { kind: 'bytes', bytes: Buffer.alloc(0) };
  const match = /^(sha256|sha384|sha512):([a-f0-9]+)$/.exec(digest ?? '');
  const [, algorithm, hex] = match ?? [];
  if (algorithm === undefined || hex === undefined || hex.length !== Number(algorithm.slice(3)) / 4) {
    throw new ConfigError('SETTING_INVALID', 'Nothing says what to verify; name a file, or --digest sha256:HEX');
  }
  return { kind: 'digest', algorithm: algorithm as 'sha256' | 'sha384' | 'sha512', hex };
}
