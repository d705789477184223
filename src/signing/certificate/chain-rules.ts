import { errorMessage } from '../../base/error.ts';
import { CodecError } from '../../codec/error.ts';
import type { VerificationErrorCode } from '../verify/verification-error.ts';
import type { Certificate } from './certificate.ts';
import { formatName } from './distinguished-name.ts';
import {
  extensionOid,
  keyUsageBit,
  purposeOid,
  readBasicConstraints,
  readExtendedKeyUsage,
  readKeyUsage,
} from './extensions.ts';
import { findForbiddenName } from './name-constraints.ts';

/** What a certificate is used for here. */
export type Purpose = 'code-signing' | 'time-stamping';

/** Why a chain does not hold. */
export interface ChainFailure {
  readonly code: VerificationErrorCode;
  readonly message: string;
  readonly found?: string;
  readonly wanted?: string;
  readonly cause?: unknown;
}

const oids: Readonly<Record<Purpose, string>> = {
  'code-signing': purposeOid.codeSigning,
  'time-stamping': purposeOid.timeStamping,
};

/** RFC 5280, 4.2.1.12: the bits that agree with a purpose, any of them. */
const usages: Readonly<Record<Purpose, readonly number[]>> = {
  'code-signing': [keyUsageBit.digitalSignature],
  'time-stamping': [keyUsageBit.digitalSignature, keyUsageBit.nonRepudiation],
};

const understood: ReadonlySet<string> = new Set(Object.values(extensionOid));

/**
 * What keeps a certificate from being the one that signs: it is not valid at one of the times, belongs to an authority,
 * lacks the purpose, or has a critical extension that is not understood (RFC 5280, 6.1.3 to 6.1.5; RFC 3161, 2.3).
 */
export function findLeafFailure(leaf: Certificate, purpose: Purpose, times: readonly Date[]): ChainFailure | undefined {
  return guarded(leaf, () => {
    const common = findCommonFailure(leaf, times);
    if (common !== undefined) return common;
    const usage = readKeyUsage(leaf);
    if (readBasicConstraints(leaf)?.isAuthority === true || usage?.has(keyUsageBit.keyCertSign) === true) {
      return {
        code: 'CERTIFICATE_PURPOSE',
        message: `The certificate ${nameOf(leaf)} is an authority's, not a signer's`,
      };
    }
    const purposes = readExtendedKeyUsage(leaf) ?? [];
    if (!purposes.includes(oids[purpose])) return wrongPurpose(leaf, purposes.join(', '), oids[purpose]);
    if (purpose === 'time-stamping') {
      // RFC 3161, 2.3: this purpose and no other, and critical.
      const isCritical = leaf.extensions.get(extensionOid.extendedKeyUsage)?.critical === true;
      const found = `${purposes.join(', ')}${isCritical ? '' : ', not critical'}`;
      if (purposes.length > 1 || !isCritical) return wrongPurpose(leaf, found, `${oids[purpose]} alone, critical`);
    }
    if (usage !== undefined && !usages[purpose].some((bit) => usage.has(bit))) {
      return wrongPurpose(leaf, `key usage ${[...usage].join(', ')}`, `key usage ${usages[purpose].join(' or ')}`);
    }
    return undefined;
  });
}

/**
 * What keeps a certificate from being the issuer of those below it, the leaf first: it is not valid at one of the times
 * (CVE-2026-24122), is no authority, may not sign certificates, has too many below it, is for other purposes, or may not
 * give the names below (RFC 5280, 6.1.3 and 6.1.4). The anchor keeps the same rules as all others.
 */
export function findIssuerFailure(
  issuer: Certificate,
  below: readonly Certificate[],
  purpose: Purpose,
  times: readonly Date[],
): ChainFailure | undefined {
  return guarded(issuer, () => {
    const common = findCommonFailure(issuer, times);
    if (common !== undefined) return common;
    const constraints = readBasicConstraints(issuer);
    const usage = readKeyUsage(issuer);
    if (constraints?.isAuthority !== true || usage?.has(keyUsageBit.keyCertSign) === false) {
      return { code: 'CERTIFICATE_PURPOSE', message: `The certificate ${nameOf(issuer)} may not issue certificates` };
    }
    const authorities = below.length - 1;
    if (constraints.pathLength !== undefined && authorities > constraints.pathLength) {
      return {
        code: 'CERTIFICATE_PURPOSE',
        message: `The authority ${nameOf(issuer)} has too many authorities below it`,
        found: `${authorities}`,
        wanted: `at most ${constraints.pathLength}`,
      };
    }
    const purposes = readExtendedKeyUsage(issuer);
    if (purposes !== undefined && !purposes.includes(oids[purpose]) && !purposes.includes(purposeOid.any)) {
      return wrongPurpose(issuer, purposes.join(', '), oids[purpose]);
    }
    for (const certificate of below) {
      const forbidden = findForbiddenName(issuer, certificate);
      if (forbidden === undefined) continue;
      const message = `The authority ${nameOf(issuer)} may not give a name that stands below it`;
      return { code: 'CERTIFICATE_PURPOSE', message, found: forbidden };
    }
    return undefined;
  });
}

/** A certificate as messages name it: by its subject, or the serial number where it has none. */
export function nameOf({ subject, serialNumber }: Certificate): string {
  return subject.length > 2 ? shortName(subject) : `with the serial number ${serialNumber.toString('hex')}`;
}

/** A name in DER as messages have it. @throws CodecError */
export function shortName(name: Buffer): string {
  const text = formatName(name);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** A time for people, also one that does not exist. */
export function formatTime(time: Date): string {
  return Number.isNaN(time.getTime()) ? 'a time that does not exist' : time.toISOString();
}

function findCommonFailure(certificate: Certificate, times: readonly Date[]): ChainFailure | undefined {
  const { notBefore, notAfter, extensions } = certificate;
  const outside = times.find((time) => !(notBefore <= time && time <= notAfter));
  if (outside !== undefined) {
    return {
      code: 'NOT_VALID_THEN',
      message: `The certificate ${nameOf(certificate)} was not valid when the signature was made`,
      found: formatTime(outside),
      wanted: `${notBefore.toISOString()} to ${notAfter.toISOString()}`,
    };
  }
  for (const [oid, { critical }] of extensions) {
    if (!critical || understood.has(oid)) continue;
    const message = `The certificate ${nameOf(certificate)} has a critical extension that is not understood`;
    return { code: 'CERTIFICATE_PURPOSE', message, found: oid };
  }
  return undefined;
}

function wrongPurpose(certificate: Certificate, found: string, wanted: string): ChainFailure {
  const message = `The certificate ${nameOf(certificate)} is not for this purpose`;
  return { code: 'CERTIFICATE_PURPOSE', message, found: found === '' ? 'none' : found, wanted };
}

function guarded(certificate: Certificate, find: () => ChainFailure | undefined): ChainFailure | undefined {
  try {
    return find();
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    const message = `The certificate ${nameOf(certificate)} cannot be read: ${errorMessage(cause)}`;
    return { code: 'CERTIFICATE_MALFORMED', message, cause };
  }
}
