import type { Signer, SignerTrust } from '../../policy/model.ts';
import { SigningError } from '../../signing/error.ts';
import type { Authority, LogInstance } from '../../signing/trust/trust-material.ts';
import { nobody } from '../../signing/trust/trust-material.ts';
import type { VerificationPolicy } from '../../signing/verify/policy.ts';
import type { SignatureTrust } from '../context.ts';
import { readAuthorities, readLogs } from './pem.ts';

/** By what a signature counts: a key, an identity of authorities that others trust too, or a certificate of the signer's own. */
export type WayKind = 'key' | 'identity' | 'certificate';

/** What is trusted for one signer, read once. */
export interface OwnTrust {
  readonly logs?: readonly LogInstance[];
  readonly ctLogs?: readonly LogInstance[];
  readonly authorities?: readonly Authority[];
  readonly timestampAuthorities?: readonly Authority[];
}

/** Reads what a signer is trusted by otherwise than the gate says. @throws SigningError TRUSTED_ROOT_INVALID */
export function readOwnTrust({ name, trust = {} }: Pick<Signer, 'name' | 'trust'>): OwnTrust {
  const { logKeys, certificateLogKeys, authorities, timestampAuthorities } = trust;
  const of = (what: string): string => `${what} of the signer "${name}"`;
  return {
    ...(logKeys === undefined ? {} : { logs: readLogs(logKeys, of('The log keys')) }),
    ...(certificateLogKeys === undefined
      ? {}
      : { ctLogs: readLogs(certificateLogKeys, of('The keys of certificate logs')) }),
    ...(authorities === undefined ? {} : { authorities: readAuthorities(authorities, of('The authorities')) }),
    ...(timestampAuthorities === undefined
      ? {}
      : { timestampAuthorities: readAuthorities(timestampAuthorities, of('The timestamp authorities')) }),
  };
}

/** How many logs and authorities must vouch for signatures that count in one way. */
interface Demands {
  readonly logs: number;
  readonly scts: number;
  readonly timestamps: number;
}

/**
 * What must vouch for signatures that count in one way. Keys that are named for something ask for it, unless that is ignored. Private
 * authorities publish to no log of certificates.
 */
function demandsOf(
  way: WayKind,
  { log, logKeys, certificateLog, certificateLogKeys, authorities, timestampAuthorities }: SignerTrust,
  gate: Pick<SignatureTrust, 'logsForKeys' | 'timestamps'>,
): Demands {
  const usualLogs = way === 'key' ? gate.logsForKeys : 1;
  const logs = wants(log, logKeys, usualLogs);
  const isPrivate = way === 'certificate' || authorities !== undefined;
  const scts = way === 'key' ? 0 : wants(certificateLog, certificateLogKeys, isPrivate ? 0 : 1);
  const usualTimestamps = way === 'key' && logs === 0 ? 0 : gate.timestamps;
  return { logs, scts, timestamps: timestampAuthorities === undefined ? usualTimestamps : 1 };
}

function wants(said: 'required' | 'ignored' | undefined, keys: string | undefined, usual: number): number {
  if (said === 'ignored') return 0;
  return said === 'required' || keys !== undefined ? Math.max(1, usual) : usual;
}

/**
 * Whether signatures that count in one way can be judged only by what everybody trusts: the trusted root of a gate.
 *
 * @param hasAuthorities whether certificates have authorities of their own, or need none
 */
function needsRoot(
  way: WayKind,
  { logKeys, certificateLogKeys, timestampAuthorities }: SignerTrust,
  { logs, scts, timestamps }: Demands,
  hasAuthorities: boolean,
): boolean {
  return (
    (way !== 'key' && !hasAuthorities) ||
    (logs > 0 && logKeys === undefined) ||
    (scts > 0 && certificateLogKeys === undefined) ||
    (timestamps > 0 && timestampAuthorities === undefined)
  );
}

/** Whether a signer can be verified only by a trusted root, so that a gate knows whether it must have one. */
export function needsTrustedRoot(signer: Signer, gate: Pick<SignatureTrust, 'logsForKeys' | 'timestamps'>): boolean {
  const { keys, identities, certificates = [], trust = {} } = signer;
  const ways: readonly (readonly [WayKind, boolean])[] = [
    ['key', keys.length > 0],
    ['identity', identities.length > 0],
    ['certificate', certificates.length > 0],
  ];
  return ways.some(
    ([way, isThere]) =>
      isThere && needsRoot(way, trust, demandsOf(way, trust, gate), way === 'certificate' || 'authorities' in trust),
  );
}

/** What one way of a signer is verified by. */
export type WayTrust = Pick<VerificationPolicy, 'trust' | 'logs' | 'timestamps' | 'known'> & { readonly scts: number };

/**
 * What one way of a signer is verified by, or why that is not known yet.
 *
 * @param hasAuthorities whether certificates have authorities of their own, or need none
 */
export function trustFor(
  way: WayKind,
  { trust = {} }: Pick<Signer, 'trust'>,
  own: OwnTrust,
  gate: SignatureTrust,
  hasAuthorities: boolean,
): WayTrust | SigningError {
  const demands = demandsOf(way, trust, gate);
  if (gate.trust === undefined && needsRoot(way, trust, demands, hasAuthorities)) {
    return new SigningError('TRUSTED_ROOT_UNAVAILABLE', 'It is not known yet which authorities and logs are trusted');
  }
  const base = gate.trust ?? nobody;
  return { trust: { ...base, ...own }, ...demands, ...(gate.known === undefined ? {} : { known: gate.known }) };
}
