import { RefusedError } from '../error.ts';
import { optionalTextAt, textAt } from '../json/fields.ts';
import { type IssuerKind, issuerTable } from '../oidc/issuer-kind.ts';
import type { Claims } from '../oidc/jwt.ts';
import { generalName, otherName } from '../../codec/x509/extension.ts';
import { buildIdentityOf } from './build-identity.ts';
import { type FulcioExtensions, usernameOid } from './extensions.ts';

/** Whom a certificate is for. */
export interface Principal {
  /** What proves possession of the key when it is signed. */
  readonly challenge: string;
  /** A GeneralName in DER. */
  readonly name: Buffer;
  readonly extensions: FulcioExtensions;
}

const mailAddress = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** Whom the claims of a verified token speak of (pkg/identity of fulcio). @throws RefusedError */
export function principalOf(kind: IssuerKind, claims: Claims): Principal {
  const issuer = textAt(claims, 'iss');
  const subject = textAt(claims, 'sub');
  const build = buildIdentityOf(kind, claims);
  const [challenge, name] = build === undefined ? nameOf(kind, claims, subject) : [subject, uriName(build.uri)];
  return { challenge, name, extensions: { ...build?.extensions, issuer, issuerV2: issuer, tokenSubject: subject } };
}

function nameOf(kind: IssuerKind, claims: Claims, subject: string): readonly [challenge: string, name: Buffer] {
  const domain = issuerTable[kind].subjectDomain ?? '';
  switch (kind) {
    case 'kubernetes': {
      const namespace = textAt(claims, 'kubernetes.io', 'namespace');
      const account = textAt(claims, 'kubernetes.io', 'serviceaccount', 'name');
      return [subject, uriName(`https://kubernetes.io/namespaces/${namespace}/serviceaccounts/${account}`)];
    }
    case 'spiffe':
      if (URL.parse(subject)?.protocol !== 'spiffe:' || URL.parse(subject)?.host !== domain) {
        throw new RefusedError('REQUEST_INVALID', `The subject is not of the trust domain ${domain}`);
      }
      return [subject, uriName(subject)];
    case 'uri':
      if (URL.parse(subject)?.origin !== domain) {
        throw new RefusedError('REQUEST_INVALID', `The subject is not a URI below ${domain}`);
      }
      return [subject, uriName(subject)];
    case 'username':
      if (/[@!]/.test(subject)) throw new RefusedError('REQUEST_INVALID', 'The subject is not the name of a user');
      return [subject, otherName(usernameOid, `${subject}!${domain}`)];
    default:
      return mailOf(claims);
  }
}

function mailOf(claims: Claims): readonly [challenge: string, name: Buffer] {
  const address = optionalTextAt(claims, 'email') ?? '';
  const verified = claims['email_verified'];
  // Some issuers write the flag as a text.
  if (verified !== true && verified !== 'true') {
    throw new RefusedError('UNAUTHENTICATED', 'The issuer did not verify the address of the token');
  }
  if (!mailAddress.test(address)) throw new RefusedError('REQUEST_INVALID', 'The token has no mail address');
  return [address, generalName('email', address)];
}

function uriName(uri: string): Buffer {
  if (!URL.canParse(uri)) throw new RefusedError('REQUEST_INVALID', 'The claims make no URI');
  return generalName('uri', uri);
}
