import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { issueAuthority, issueLeaf } from './issue.ts';
import {
  type CertificateLifetimes,
  type CertificatePlan,
  type CertificateState,
  defaultLifetimes,
  type KeyedCertificate,
} from './model.ts';
import { holdsAt, isIssuedBy, readCertificate, readKeyed } from './read-keyed.ts';

/** One thing that a rotation did. */
export type RotationStep =
  /** There was nothing, or nothing that could be used: nobody can connect until the new authority is published. */
  | 'begun-anew'
  /** The authority has a successor; its leaf is served on. */
  | 'authority-made'
  | 'leaf-made'
  /** No leaf of it is served any more. */
  | 'previous-dropped';

/** What a look at certificates comes to. */
export interface Rotation {
  readonly state: CertificateState;
  /** What was done; where that is nothing, the state is the one that was given. */
  readonly steps: readonly RotationStep[];
  /** What whoever connects is to trust from now on: one or two authorities, in PEM. */
  readonly bundle: string;
}

/** Makes keys and certificates: the only chance in a rotation. */
export interface CertificateIssuer {
  readonly authority: (now: number, lifetimes: CertificateLifetimes) => KeyedCertificate;
  readonly leaf: (
    authority: KeyedCertificate,
    plan: CertificatePlan,
    now: number,
    lifetimes: CertificateLifetimes,
  ) => KeyedCertificate;
}

const ownIssuer: CertificateIssuer = { authority: issueAuthority, leaf: issueLeaf };

/**
 * What is to become of certificates now. An authority is replaced in an order in which nobody is ever served a leaf that they do not
 * trust: the bundle has both authorities first; when it is published (`isPublished`), a leaf of the new one is served; and the old
 * authority leaves the bundle when its leaf has been gone for a while. What is damaged or over is replaced at once: it serves nobody.
 *
 * @param stored undefined where there is nothing, or nothing that can be understood
 * @param now milliseconds since 1970
 */
export function planRotation(
  stored: CertificateState | undefined,
  now: number,
  plan: CertificatePlan,
  issuer: CertificateIssuer = ownIssuer,
): Rotation {
  const lifetimes = { ...defaultLifetimes, ...plan.lifetimes };
  const steps: RotationStep[] = [];
  let state = stored;
  if (state === undefined || !isAuthorityGood(state.authority, now, lifetimes)) {
    state = succeed(state, issuer.authority(now, lifetimes), now, lifetimes);
    steps.push('authority-made');
  }
  if (wantsLeaf(state, now, plan, lifetimes)) {
    const leaf = issuer.leaf(state.authority, plan, now, lifetimes);
    // Before that, nothing that is trusted was served.
    if (steps.length > 0) steps.splice(0, 1, 'begun-anew');
    steps.push('leaf-made');
    state = { ...state, leaf, leafSince: now };
  }
  if (state.previous !== undefined && isPreviousDone(state, now, lifetimes)) {
    const { previous: _, ...kept } = state;
    state = kept;
    steps.push('previous-dropped');
  }
  return { state, steps, bundle: bundleOf(state) };
}

/** All that whoever connects is to trust: the authority first. */
function bundleOf({ authority, previous }: CertificateState): string {
  return [authority.certificate, ...(previous === undefined ? [] : [previous])].map(ended).join('');
}

/** Another authority in the place of one that is nearly over, or cannot be used. */
function succeed(
  state: CertificateState | undefined,
  authority: KeyedCertificate,
  now: number,
  lifetimes: CertificateLifetimes,
): CertificateState {
  const leaf = state?.leaf ?? { certificate: '', key: '' };
  const known = state === undefined ? [] : [state.authority.certificate, state.previous];
  const holding = known.filter((pem) => pem !== undefined && holds(readCertificate(pem), now, lifetimes)) as string[];
  const served = readKeyed(leaf);
  // Where an authority was replaced before its leaf was, the leaf is of the one before it.
  const previous = holding.find((pem) => isOf(served, pem)) ?? holding[0];
  const successor = { authority, isPublished: false, leaf };
  return previous === undefined ? successor : { ...successor, previous };
}

function isAuthorityGood(authority: KeyedCertificate, now: number, lifetimes: CertificateLifetimes): boolean {
  const read = readKeyed(authority);
  return read !== undefined && read.ca && holds(read, now, lifetimes) && !isNearlyOver(read, now, lifetimes);
}

function wantsLeaf(
  { authority, previous, leaf, isPublished }: CertificateState,
  now: number,
  { dnsNames }: CertificatePlan,
  lifetimes: CertificateLifetimes,
): boolean {
  const read = readKeyed(leaf);
  if (read === undefined || !holds(read, now, lifetimes)) return true;
  if (isOf(read, authority.certificate)) {
    return isNearlyOver(read, now, lifetimes) || !dnsNames.every((name) => isFor(read, name));
  }
  const before = previous === undefined ? undefined : readCertificate(previous);
  const isTrusted = before !== undefined && holds(before, now, lifetimes) && isIssuedBy(read, before);
  return !isTrusted || isPublished;
}

function isPreviousDone(
  { authority, previous = '', leaf, leafSince = Infinity }: CertificateState,
  now: number,
  lifetimes: CertificateLifetimes,
): boolean {
  const read = readCertificate(previous);
  // By no clock does it hold any more.
  if (read === undefined || now >= read.validToDate.getTime() + lifetimes.skew) return true;
  return isOf(readKeyed(leaf), authority.certificate) && now >= leafSince + lifetimes.overlap;
}

function isOf(leaf: X509Certificate | undefined, authority: string): boolean {
  const issuer = readCertificate(authority);
  return leaf !== undefined && issuer !== undefined && isIssuedBy(leaf, issuer);
}

function holds(certificate: X509Certificate | undefined, now: number, { skew }: CertificateLifetimes): boolean {
  return certificate !== undefined && holdsAt(certificate, now, skew);
}

function isNearlyOver({ validToDate }: X509Certificate, now: number, { renewBefore }: CertificateLifetimes): boolean {
  return now >= validToDate.getTime() - renewBefore;
}

function ended(pem: string): string {
  return pem.endsWith('\n') ? pem : `${pem}\n`;
}

/** Clients compare addresses with addresses, and names with names (RFC 9525, 6.3). */
function isFor(certificate: X509Certificate, name: string): boolean {
  return (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined;
}
