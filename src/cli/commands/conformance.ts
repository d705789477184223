import { resolve } from 'node:path';
import { writeFileAtomic } from '../../base/atomic-file.ts';
import { encodeBundle } from '../../signing/bundle/encode.ts';
import { signingLimits } from '../../signing/limits.ts';
import { signStatement } from '../../signing/sign/sign-entity.ts';
import { verifyBundle } from '../../signing/blob/verify-bundle.ts';
import type { Artifact } from '../../signing/verify/policy.ts';
import { describeError } from '../describe-error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { readInput } from '../signing/read-input.ts';
import { servicesOf } from '../signing/services.ts';
import { SigningSession } from '../signing/session.ts';
import { signerOf } from '../signing/signer.ts';
import { verificationPolicyOf } from '../signing/verification-policy.ts';
import { signBlobCommand } from './blob.ts';

const maxBytes = 2_147_483_647;

/** `conformance sign-bundle` (sigstore-conformance, docs/cli_protocol.md): signs a file, or the statement in it. */
export async function conformanceSignCommand(
  path: string,
  { bundle, inToto }: { readonly bundle: string; readonly inToto: boolean },
  resolved: ResolvedSettings,
  host: Host,
): Promise<number> {
  if (!inToto) return signBlobCommand(path, { bundle, yes: true }, resolved, host);
  const { settings } = resolved;
  const statement = await readInput(path, maxBytes, 'the file', host);
  await using session = new SigningSession(settings, host);
  const services = await servicesOf(settings, host, await session.network(), true, session.signal);
  const signer = await signerOf('statement', services, true, settings, host, session);
  const entity = await signStatement(statement, signer, services, session.signal);
  await writeFileAtomic(resolve(host.cwd, bundle), encodeBundle(entity));
  return exitCode.ok;
}

/** `conformance verify-bundle`: says by its status whether a bundle is of a file, or of a digest. */
export async function conformanceVerifyCommand(
  target: string,
  bundle: string,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  await using session = new SigningSession(settings, host);
  try {
    const policy = await verificationPolicyOf(settings, host, session);
    const bytes = await readInput(bundle, signingLimits.attachmentBytes, '--bundle', host);
    await verifyBundle(bytes, await artifactOf(target, host), policy, host.now());
    return exitCode.ok;
  } catch (error) {
    await host.stderr.write(`${describeError(error)}\n`);
    return exitCode.findings;
  }
}

async function artifactOf(target: string, host: Host): Promise<Artifact> {
  const hex = /^sha256:([a-f0-9]{64})$/.exec(target)?.[1];
  if (hex !== undefined) return { kind: 'digest', algorithm: 'sha256', hex };
  const bytes = await readInput(target, maxBytes, 'the file', host);
  return { kind: 'bytes', bytes };
}
