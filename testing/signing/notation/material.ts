import type { EnvelopeParts } from './maker.ts';
import { makeNotationAuthority, makeNotationSigner, makeSubject } from './maker.ts';
import type { CertificateParts, MadeCertificate } from '../certificate-maker.ts';

/** One case: what is signed how, whom the policy trusts, and what both must say. */
export interface Case {
  readonly envelope?: Partial<EnvelopeParts>;
  readonly format?: 'jws' | 'cose';
  /** Changes the envelope. */
  readonly spoil?: (envelope: string) => string;
  readonly payload?: (payload: { targetArtifact: Record<string, unknown> }) => unknown;
  /** Changes the statement of the trust policy. */
  readonly statement?: object;
  /** How signatures are verified, in place of `strict`. */
  readonly level?: object;
  /** Trust stores by `type/name`. */
  readonly stores?: Readonly<Record<string, readonly Pick<MadeCertificate, 'der'>[]>>;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Whether it holds. */
  readonly good?: true;
  /** Where notation says something else than its specification wants, or than we can find out, and why. */
  readonly theirs?: { readonly good: boolean; readonly why: string };
}

/** Cases by name. */
export type Cases = Readonly<Record<string, Case>>;

/** What a certificate may be valid from and to. */
export type Period = Required<Pick<CertificateParts, 'notBefore' | 'notAfter'>>;

/** In milliseconds. */
export const minute: number = 60_000;
/** In milliseconds. */
export const day: number = 1440 * minute;
/** When all is signed; notation has no clock but the machine's. */
export const now: Date = new Date(Math.floor(Date.now() / 1000) * 1000);
/** A day around now. */
export const inTime: Period = { notBefore: new Date(now.getTime() - day), notAfter: new Date(now.getTime() + day) };

/** A verification level with changes. */
export function level(name: string, override?: object): object {
  return { level: name, ...(override === undefined ? {} : { override }) };
}

/** The subject of most signers, and more. */
export function us(...more: readonly (readonly [string, string])[]): Buffer {
  return makeSubject([['C', 'US'], ['ST', 'WA'], ['O', 'acme'], ...more]); // prettier-ignore
}

/** The root that most policies trust. */
export const root: MadeCertificate = makeNotationAuthority('root');
/** Stands below it. */
export const middle: MadeCertificate = makeNotationAuthority('middle', { issuer: root });
/** Another root of the same name. */
export const other: MadeCertificate = makeNotationAuthority('root');

/** A signer, below the intermediate where nothing else is said. */
export function signer(parts: CertificateParts = {}, issuer: MadeCertificate = middle): MadeCertificate {
  return makeNotationSigner(issuer, { ...inTime, subject: us(['CN', 'signer']), ...parts });
}

/** The signer of most cases. */
export const usual: MadeCertificate = signer();
/** From the signer to the root. */
export const chain: readonly MadeCertificate[] = [usual, middle, root];
