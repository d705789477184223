import type { Signer, SignerCertificate, SignerIdentity, TextSpec } from '../../policy/model.ts';
import { CodecError } from '../../codec/error.ts';
import { formatName } from '../../signing/certificate/distinguished-name.ts';
import type { Certificate } from '../../signing/certificate/certificate.ts';
import { claimOf } from '../../signing/certificate/fulcio-extensions.ts';
import { isSubsetOf, parseSubjectName, readSubjectName } from '../../signing/notation/subject-name.ts';
import type { NotationPolicy, VerifiedNotationSignature } from '../../signing/notation/verify-envelope.ts';
import { levels } from '../../signing/notation/verification-level.ts';
import { checkPinned } from '../../signing/verify/check-certificate-chain.ts';
import type { TextMatcher } from '../../signing/verify/text-matcher.ts';
import { VerificationError } from '../../signing/verify/verification-error.ts';
import { readCertificates } from './pem.ts';
import { compileText } from './text-matcher.ts';

/** How signatures of Notary Project count for a signer. */
export interface NotationWay {
  readonly policy: NotationPolicy;
  /** Who signed must be one that is meant. @throws VerificationError */
  readonly check: (verified: VerifiedNotationSignature) => void;
}

/**
 * How signatures of Notary Project count for a certificate of a signer: its authorities are the trust store, its identities are
 * compared with the subject (trust-store-trust-policy.md). All that the strict level asks is enforced. Authorities that are trusted
 * elsewhere vouch for nothing here, nor do transparency logs.
 *
 * @param timestampAuthorities one of whose roots must vouch for the time, where there are some
 * @throws SigningError TRUSTED_ROOT_INVALID
 */
export function notationWay(
  { name, trust = {} }: Signer,
  { leaf, authorities = trust.authorities, identities }: SignerCertificate,
  annotations: NotationPolicy['annotations'],
): NotationWay {
  const of = (what: string): string => `${what} of the signer "${name}"`;
  const { timestampAuthorities } = trust;
  const pinned = leaf === undefined ? undefined : readCertificates(leaf, of('The certificate'))[0];
  const trusted =
    authorities === undefined
      ? pinned === undefined
        ? []
        : [pinned]
      : readCertificates(authorities, of('The authorities'));
  // Of timestamps a root alone is taken, as notation does.
  const stamping =
    timestampAuthorities === undefined
      ? []
      : readCertificates(timestampAuthorities, of('The timestamp authorities')).filter(({ issuer, subject }) =>
          issuer.equals(subject),
        );
  const wanted = identities?.map(compileNotationIdentity);
  return {
    policy: {
      verification: {
        level: 'strict',
        enforcement: levels.strict,
        timestamps: timestampAuthorities === undefined ? 'afterCertExpiry' : 'always',
        stores: [
          { type: 'ca', name: 'policy' },
          ...(timestampAuthorities === undefined ? [] : [{ type: 'tsa', name: 'policy' } as const]),
        ],
        identities: '*',
      },
      readStore: ({ type }) => Promise.resolve(type === 'ca' ? trusted : type === 'tsa' ? stamping : []),
      annotations,
    },
    check({ chain }) {
      const [signer] = chain as readonly [Certificate];
      if (trust.log === 'required' || trust.certificateLog === 'required') {
        const message = 'A signature of Notary Project is in no log, and one is asked for';
        throw new VerificationError('LOG_ENTRY_MISSING', message, { check: 'log-entry', wanted: 'an entry of a log' });
      }
      if (pinned !== undefined) checkPinned(signer, pinned);
      if (wanted === undefined || wanted.some((one) => one.matches(signer))) return;
      throw new VerificationError('IDENTITY_MISMATCH', 'The certificate names somebody else than who was asked for', {
        check: 'identity',
        found: `${formatName(signer.subject)} from ${formatName(signer.issuer)}`,
        wanted: wanted.map((one) => one.wanted).join(', or '),
      });
    },
  };
}

interface NotationIdentity {
  readonly wanted: string;
  matches(signer: Certificate): boolean;
}

function compileNotationIdentity({ subject, issuer, claims = {} }: SignerIdentity): NotationIdentity {
  const byIssuer = issuer === undefined ? undefined : compileText(issuer);
  const bySubject = subject === undefined ? undefined : compileSubject(subject);
  const byClaims = Object.entries(claims).map(([claim, value]) => [claim, compileText(value)] as const);
  return {
    wanted: `${bySubject?.wanted ?? 'anybody'}${byIssuer === undefined ? '' : ` from ${byIssuer.wanted}`}`,
    matches: (signer) =>
      (bySubject?.matches(signer) ?? true) &&
      (byIssuer?.matches(formatName(signer.issuer)) ?? true) &&
      byClaims.every(([claim, value]) => claimMatches(signer, claim, value)),
  };
}

function claimMatches(signer: Certificate, claim: string, value: TextMatcher): boolean {
  try {
    const found = claimOf(signer, claim);
    return found !== undefined && value.matches(found);
  } catch (error) {
    if (error instanceof CodecError) return false;
    throw error;
  }
}

/**
 * An exact text is the whole name, or a name as trust policies have it: C, ST and O at least, and then the subject must have all that it
 * says ("Trusted Identities"). Other texts are compared with the whole name.
 */
function compileSubject(spec: TextSpec): NotationIdentity {
  const whole = compileText(spec);
  const parts = 'exact' in spec ? quietly(() => parseSubjectName(spec.exact)) : undefined;
  return {
    wanted: whole.wanted,
    matches(signer) {
      if (whole.matches(formatName(signer.subject))) return true;
      const subject = parts === undefined ? undefined : quietly(() => readSubjectName(signer.subject));
      return parts !== undefined && subject !== undefined && isSubsetOf(parts, subject);
    },
  };
}

function quietly<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof CodecError) return undefined;
    throw error;
  }
}
