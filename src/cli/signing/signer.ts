import type { Network } from '../../net/network.ts';
import type { LocalSignerOptions } from '../../signing/key/local-signer.ts';
import type { LogAddress } from '../../signing/sign/services.ts';
import type { CertifiedSigner, Signer } from '../../signing/signer.ts';
import { ConfigError } from '../config/error.ts';
import type { Settings } from '../config/settings.ts';
import type { Host } from '../host.ts';
import { identityTokenOf } from './identity-token.ts';
import { withOwnCertificate } from './own-certificate.ts';
import type { ChosenServices } from './services.ts';
import type { SigningSession } from './session.ts';

/** Whether the settings sign without a key of the user's own. */
export function isKeyless({ key }: Settings): boolean {
  return key.length === 0;
}

/** What is signed: a file, a statement in an envelope, or the payload of an image's signature in the older form. */
export type SignedKind = 'message' | 'statement' | 'payload';

/**
 * Opens what signs: the key that the user names, else a key for this command alone with a certificate from Fulcio.
 *
 * @param yes the user agreed already that names in certificates are public
 * @throws SigningError, ConfigError
 */
export async function signerOf(
  kind: SignedKind,
  services: ChosenServices,
  yes: boolean,
  settings: Settings,
  host: Host,
  session: SigningSession,
): Promise<Signer | CertifiedSigner> {
  const [reference, ...others] = settings.key;
  if (others.length > 0) throw new ConfigError('SETTING_INVALID', 'One key signs at a time; give --key once');
  if (reference !== undefined) {
    const signer = await keySigner(kind, reference, services, session);
    return withOwnCertificate(signer, settings, host);
  }
  const { fulcioUrl, issuerUrl, network } = services;
  if (settings.certificate !== undefined) {
    throw new ConfigError('SETTING_INVALID', '--certificate needs the key that it was made for; add --key');
  }
  if (fulcioUrl === undefined) {
    throw new ConfigError(
      'SETTING_INVALID',
      'Nothing says where to get a certificate; add --fulcio-url, or sign with --key',
    );
  }
  await confirm(yes, host);
  return keylessSigner(network, fulcioUrl, issuerUrl, settings, host, session);
}

async function keySigner(
  kind: SignedKind,
  reference: string,
  { logs }: ChosenServices,
  session: SigningSession,
): Promise<Signer> {
  const [{ parseKeyReference }, { loadSigner }] = await Promise.all([
    import('../../signing/key/key-reference.ts'),
    import('../../signing/key/load-key.ts'),
  ]);
  return loadSigner(parseKeyReference(reference), await session.keyDeps(), choicesFor(kind, logs));
}

/**
 * How to sign where a key leaves a choice, so that logs take it and as many verifiers as can be.
 *
 * Ed25519: logs that are told a digest only cannot verify the pure form. ECDSA: the digest that goes with the key, as Rekor v2
 * and files want it; but Rekor v1 verifies envelopes over SHA-256 alone, and so does cosign, which verifies payloads of
 * images likewise, whatever the curve.
 */
export function choicesFor(kind: SignedKind, logs: readonly LogAddress[]): LocalSignerOptions {
  const tiled = logs.some(({ version }) => version === 2);
  const digestOnly = tiled || (logs.length > 0 && kind !== 'statement');
  return {
    ed25519: digestOnly ? 'prehashed' : 'pure',
    ...(kind === 'message' || tiled ? {} : { hash: 'sha256' }),
  };
}

async function keylessSigner(
  network: Network,
  fulcioUrl: string,
  issuerUrl: string | undefined,
  settings: Settings,
  host: Host,
  session: SigningSession,
): Promise<CertifiedSigner> {
  const token = await identityTokenOf(settings, host, network, issuerUrl, session.signal);
  const { openKeylessSigner } = await import('../../signing/keyless/keyless-signer.ts');
  return openKeylessSigner(network, fulcioUrl, token, session.signal);
}

async function confirm(yes: boolean, host: Host): Promise<void> {
  if (yes) return;
  const question =
    'The name that you sign with, such as your address, will stand in public records that cannot be erased.\nGo on? [y/N] ';
  const answer = await host.ask?.(question, false);
  if (answer === undefined) {
    throw new ConfigError('SETTING_INVALID', 'Signing without a key publishes who signs; agree with --yes');
  }
  if (!/^y(?:es)?$/i.test(answer.trim())) throw new ConfigError('SETTING_INVALID', 'Nothing was signed');
}
