import type { Digest } from '../../oci/digest.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import { chooseStatement } from '../../signing/notation/trust-policy.ts';
import { verifyNotationImage } from '../../signing/notation/verify-image.ts';
import { VerificationError } from '../../signing/verify/verification-error.ts';
import { ConfigError } from '../config/error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { exitCode, verifyExitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { notationElement, type NotationOutcome, notationReport } from '../signing/notation-report.ts';
import { type NotationTrust, notationTrustOf, type NotationTrustOptions } from '../signing/notation-trust.ts';
import { SigningSession } from '../signing/session.ts';
import { sayFacts, tellFailure, tellUnread } from '../signing/tell-failure.ts';

/** What is asked of images besides the settings. */
export interface VerifyNotationOptions extends NotationTrustOptions {
  readonly annotations: readonly string[];
  readonly output: 'json' | 'text' | 'report';
  readonly maxSignatures: number;
}

/** `verify-notation`: says whether images have signatures of Notary Project that a trust policy accepts. */
export async function verifyNotationCommand(
  names: readonly string[],
  options: VerifyNotationOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  await using session = new SigningSession(settings, host, { registryOffline: true });
  let trust: NotationTrust;
  let annotations: ReadonlyMap<string, string>;
  try {
    annotations = readMetadata(options.annotations);
    trust = await notationTrustOf(options, host);
  } catch (error) {
    return await tellFailure(error, { settings, host, session });
  }
  const outcomes: NotationOutcome[] = [];
  let status: number = exitCode.ok;
  for (const name of names) {
    try {
      const outcome = await look(name, trust, annotations, options, session, host);
      outcomes.push(outcome);
      const one = await tell(outcome, host);
      status ||= one;
    } catch (error) {
      const one = await tellFailure(error, { settings, host, session });
      status ||= one;
    }
  }
  await print(outcomes, options, host);
  return status;
}

/** `name=value`, where the value may hold commas, as notation takes it. @throws ConfigError SETTING_INVALID */
function readMetadata(texts: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)] as const;
      throw new ConfigError('SETTING_INVALID', `"${text.slice(0, 100)}" is no annotation; write NAME=VALUE`);
    }),
  );
}

async function look(
  name: string,
  { statements, readStore }: NotationTrust,
  annotations: ReadonlyMap<string, string>,
  { maxSignatures }: VerifyNotationOptions,
  session: SigningSession,
  host: Host,
): Promise<NotationOutcome> {
  const image = await session.resolve(name, { beside: true });
  const repository = `${image.reference.registry}/${image.reference.repository}`;
  const statement = chooseStatement(statements, repository);
  if (statement === undefined) {
    const message = `The trust policy has no statement about ${repository}, and so nothing of it is trusted`;
    const wanted = `a statement with the scope ${repository}, or *`;
    throw new VerificationError('POLICY_MISSING', message, { check: 'trust-policy', wanted });
  }
  const { verification } = statement;
  if (verification === undefined) return { image, statement };
  const artifact = await session.describe(image);
  const policy = { verification, readStore, annotations, most: maxSignatures };
  const result = await verifyNotationImage(image.image, artifact, policy, host.now(), session.signal);
  return { image, statement, result };
}

/** Says on stderr what was checked, or what was found and what would have passed; gives the exit status. */
async function tell({ image, statement, result }: NotationOutcome, host: Host): Promise<number> {
  const { name, digest } = image;
  const say = (text: string): Promise<void> => host.stderr.write(`${cleanText(text)}\n`);
  const policy = `the statement "${statement.name}" of the trust policy`;
  if (result === undefined) {
    await say(`Not verified ${name} (${digest}): ${policy} skips its signatures`);
    return exitCode.ok;
  }
  const { verified, failed, problems } = result;
  for (const { subject, message } of problems) await say(`${subject}: ${message}`);
  if (verified.length > 0) {
    const count = verified.length === 1 ? '1 signature holds' : `${verified.length} signatures hold`;
    await say(`Verified ${name} (${digest}): ${count}, by ${policy}`);
    await say(`  checked: ${distinct(verified.flatMap(({ signature }) => signature.passed))}`);
    for (const error of verified.flatMap(({ signature }) => signature.logged)) {
      await say(`  failed, and the policy only logs it: ${error.code}: ${error.message}`);
      await sayFacts(error, host);
    }
    const waived = distinct(verified.flatMap(({ signature }) => signature.waived));
    if (waived !== '') await say(`  not checked, as the policy skips it: ${waived}`);
    return exitCode.ok;
  }
  for (const { manifest, error } of failed) {
    await say(`signature ${shortDigest(manifest)}: ${error.code}: ${error.message}`);
    await sayFacts(error, host);
  }
  if (failed.length === 0) {
    if (problems.length > 0) return await tellUnread(`${name} (${digest})`, 'signature of Notary Project', host);
    await say(
      `error NO_SIGNATURES: ${name} (${digest}) has no signature of Notary Project; sign it with "notation sign"`,
    );
    return verifyExitCode.unsigned;
  }
  await say(`error NO_MATCHING_SIGNATURES: ${name} (${digest}) has no signature that ${policy} accepts`);
  return verifyExitCode.noMatch;
}

async function print(
  outcomes: readonly NotationOutcome[],
  { output }: VerifyNotationOptions,
  host: Host,
): Promise<void> {
  if (output === 'report') {
    await host.stdout.write(`${JSON.stringify(outcomes.map(notationReport), undefined, 2)}\n`);
    return;
  }
  for (const { image, result } of outcomes) {
    const elements = (result?.verified ?? []).map(({ signature }) => notationElement(image, signature));
    if (elements.length === 0) continue;
    await host.stdout.write(
      output === 'json'
        ? `\n${JSON.stringify(elements)}\n`
        : `${elements.map((one) => JSON.stringify(one)).join('\n')}\n`,
    );
  }
}

function distinct(names: readonly string[]): string {
  return [...new Set(names)].join(', ');
}

function shortDigest(digest: Digest): string {
  return digest.slice(0, 19);
}
