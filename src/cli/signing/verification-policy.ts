import { KnownSignatures } from '../../signing/certificate/known-signatures.ts';
import type { VerificationPolicy } from '../../signing/verify/policy.ts';
import type { Settings } from '../config/settings.ts';
import type { Host } from '../host.ts';
import { signerPolicyOf } from './policy.ts';
import type { SigningSession } from './session.ts';
import { needsTrust, trustOf } from './trust.ts';

/**
 * What every signature must have, as the settings say: who signed, and who vouches for that.
 *
 * @throws ConfigError SETTING_INVALID, SigningError, NetError for what the user decided
 */
export async function verificationPolicyOf(
  settings: Settings,
  host: Host,
  session: SigningSession,
): Promise<VerificationPolicy> {
  const signer = await signerPolicyOf(settings, host, (references) => session.loadKeys(references));
  const { insecureIgnoreTlog, useSignedTimestamps } = settings;
  const needed = needsTrust(signer, settings);
  const trust = await trustOf(settings, host, await session.network(), needed, session.signal);
  return {
    trust,
    signer,
    logs: insecureIgnoreTlog ? 0 : 1,
    timestamps: useSignedTimestamps ? 1 : 0,
    known: new KnownSignatures(),
  };
}
