import type { Digest } from '../../oci/digest.ts';
import type { ImagePolicy, ImageVerification } from '../../signing/image/verify-image.ts';
import { verifyImage } from '../../signing/image/verify-image.ts';
import type { VerifiedStatement } from '../../signing/verify/verify-statement.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import { ConfigError } from '../config/error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import type { Settings } from '../config/settings.ts';
import { exitCode, verifyExitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { conditionOf } from '../signing/condition.ts';
import { cosignElement } from '../signing/cosign-json.ts';
import { type ResolvedImage, SigningSession } from '../signing/session.ts';
import { sayFacts, tellFailure, tellUnread } from '../signing/tell-failure.ts';
import { verificationPolicyOf } from '../signing/verification-policy.ts';
import { verificationReport } from '../signing/verification-report.ts';
import { sayTypes, wantedType } from '../signing/wanted-type.ts';
import { readAnnotations, type VerifyOptions } from '../signing/verify-options.ts';

/** What `verify-attestation` asks for besides. */
export interface AttestationOptions {
  /** A name or URI. */
  readonly type: string;
  /** Files with conditions in CEL. */
  readonly policies: readonly string[];
}

/** What was found out about one image. */
interface Outcome {
  readonly image: ResolvedImage;
  readonly result: ImageVerification;
}

/** `verify`: says whether images are signed, and by whom. */
export function verifyCommand(
  names: readonly string[],
  options: VerifyOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  return verifyAll(names, { kind: 'signature' }, options, undefined, settings, host);
}

/** `verify-attestation`: says whether something is attested of images, and what. */
export async function verifyAttestationCommand(
  names: readonly string[],
  options: VerifyOptions,
  { type, policies }: AttestationOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  const wanted = { kind: 'attestation', predicateType: wantedType(type) } as const;
  const condition = await conditionOf(policies, host);
  return verifyAll(names, wanted, options, condition, settings, host);
}

async function verifyAll(
  names: readonly string[],
  wanted: ImagePolicy['wanted'],
  options: VerifyOptions,
  condition: ImagePolicy['condition'],
  settings: Settings,
  host: Host,
): Promise<number> {
  if (names.length === 0) throw new ConfigError('SETTING_INVALID', 'Nothing says which image to verify; name one');
  await using session = new SigningSession(settings, host, { registryOffline: !options.localImage });
  let policy: ImagePolicy;
  try {
    policy = await policyOf(wanted, options, condition, settings, host, session);
  } catch (error) {
    return await tellFailure(error, { settings, host, session });
  }
  const outcomes: Outcome[] = [];
  let status: number = exitCode.ok;
  for (const name of names) {
    try {
      const image = options.localImage ? await session.openLocal(name, options.tagPrefix) : await session.resolve(name);
      const result = await verifyImage(image.attachments, image.digest, policy, host.now(), session.signal);
      outcomes.push({ image, result });
      const one = await tell(image, result, policy, host);
      status ||= one;
    } catch (error) {
      const one = await tellFailure(error, { settings, host, session });
      status ||= one;
    }
  }
  await print(outcomes, options, policy, host);
  return status;
}

async function policyOf(
  wanted: ImagePolicy['wanted'],
  options: VerifyOptions,
  condition: ImagePolicy['condition'],
  settings: Settings,
  host: Host,
  session: SigningSession,
): Promise<ImagePolicy> {
  return {
    ...(await verificationPolicyOf(settings, host, session)),
    annotations: readAnnotations(options.annotations),
    checkSubject: options.checkClaims,
    wanted,
    layouts: options.layouts,
    signers: options.signatures,
    allowCertificateChain: settings.allowCertificateChain,
    ...(options.tagPrefix === undefined ? {} : { tagPrefix: options.tagPrefix }),
    ...(condition === undefined ? {} : { condition }),
  };
}

/** Says on stderr what was checked, or what was found and what would have passed; gives the exit status. */
async function tell(
  { name, digest }: ResolvedImage,
  { verified, failed, problems, signers }: ImageVerification,
  policy: ImagePolicy,
  host: Host,
): Promise<number> {
  const say = (text: string): Promise<void> => host.stderr.write(`${cleanText(text)}\n`);
  for (const { subject, message } of problems) await say(`${subject}: ${message}`);
  const what = policy.wanted.kind === 'signature' ? 'signature' : 'attestation';
  if (signers >= policy.signers) {
    await say(`Verified ${name} (${digest}): ${verified.length} ${what}${verified.length === 1 ? ' holds' : 's hold'}`);
    const checks = [...new Set(verified.flatMap((one) => one.verified.passed))];
    await say(`  checked: ${checks.join(', ')}`);
    const waived = [...new Set(verified.flatMap((one) => one.verified.waived))];
    if (waived.length > 0) await say(`  not checked, as you asked: ${waived.join(', ')}`);
    if (!policy.checkSubject) await say('  not checked, as you asked: that the signature is of this image');
    return exitCode.ok;
  }
  for (const { manifest, layout, error } of failed) {
    await say(
      `${layout === 'bundle' ? 'bundle' : 'older signature'} ${shortDigest(manifest)}: ${error.code}: ${error.message}`,
    );
    await sayFacts(error, host);
  }
  if (verified.length === 0 && failed.length === 0) {
    if (problems.length > 0) return await tellUnread(`${name} (${digest})`, what, host);
    await say(
      `error NO_SIGNATURES: ${name} (${digest}) has no ${what}; sign it with "seaworthy ${what === 'signature' ? 'sign' : 'attest'}"`,
    );
    return verifyExitCode.unsigned;
  }
  if (policy.wanted.kind === 'attestation')
    await sayTypes(
      failed.map(({ error }) => error),
      host,
    );
  const enough =
    verified.length === 0 ? `no ${what} that matches` : `${signers} of the ${policy.signers} signers that are wanted`;
  await say(`error NO_MATCHING_SIGNATURES: ${name} (${digest}) has ${enough}`);
  return verifyExitCode.noMatch;
}

async function print(
  outcomes: readonly Outcome[],
  options: VerifyOptions,
  policy: ImagePolicy,
  host: Host,
): Promise<void> {
  if (options.output === 'report') {
    const reports = outcomes.map(({ image, result }) => verificationReport(image, result, policy.signers));
    await host.stdout.write(`${JSON.stringify(reports, undefined, 2)}\n`);
    return;
  }
  const passed = outcomes.filter(({ result }) => result.signers >= policy.signers);
  if (policy.wanted.kind === 'attestation') {
    // cosign: one envelope a line.
    for (const { result } of passed) {
      for (const { verified } of result.verified)
        await host.stdout.write(`${envelopeLine(verified as VerifiedStatement)}\n`);
    }
    return;
  }
  for (const { image, result } of passed) {
    const elements = result.verified.map((attachment) => cosignElement(image, attachment));
    await host.stdout.write(
      options.output === 'json'
        ? `\n${JSON.stringify(elements)}\n`
        : `${elements.map((one) => JSON.stringify(one)).join('\n')}\n`,
    );
  }
}

function envelopeLine({ entity: { content } }: VerifiedStatement): string {
  if (content.kind !== 'envelope') return '';
  const { payloadType, payload, signature, keyId = '' } = content;
  return JSON.stringify({
    payloadType,
    payload: payload.toString('base64'),
    signatures: [{ keyid: keyId, sig: signature.toString('base64') }],
  });
}

function shortDigest(digest: Digest): string {
  return digest.slice(0, 19);
}
