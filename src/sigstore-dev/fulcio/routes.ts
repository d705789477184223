import { formatPem } from '../../codec/pem/pem.ts';
import { RefusedError } from '../error.ts';
import type { FaultPlan } from '../fault.ts';
import { answerOf, type DevAnswer, type DevRequest, jsonAnswer } from '../http/message.ts';
import { grpcRefusal } from '../http/refusal.ts';
import type { Service } from '../http/router.ts';
import { bytesAt, type JsonObject, optionalObjectAt, optionalTextAt, parseRequest, textAt } from '../json/fields.ts';
import { signedMessage } from '../key/check-signature.ts';
import { parseSubmittedPem, readPublicKey, type SubmittedKey } from '../key/submitted-key.ts';
import type { Issuer } from '../oidc/issuer.ts';
import { issuerTable } from '../oidc/issuer-kind.ts';
import { authenticate } from './authenticate.ts';
import type { CodeAuthority, IssuedCertificate } from './authority.ts';
import { parseCertificateRequest } from './certificate-request.ts';
import type { Principal } from './principal.ts';

/** What Fulcio works with. */
export interface FulcioOptions {
  readonly authority: CodeAuthority;
  readonly issuers: readonly Issuer[];
  readonly faults: FaultPlan;
  readonly now: () => Date;
  /** Where the log's promise is: in the certificate, or beside it, with v1 in a header. */
  readonly sct: 'embedded' | 'detached';
}

const pemChain = 'application/pem-certificate-chain';

/** Fulcio: certificates for those whom an issuer vouches for (fulcio.proto and fulcio_legacy.proto). */
export function fulcioService(options: FulcioOptions): Service {
  const { authority, issuers, faults, sct } = options;
  const signV2 = ({ body, headers }: DevRequest): DevAnswer => {
    const request = parseRequest(body);
    const token = optionalTextAt(request, 'credentials', 'oidcIdentityToken') ?? bearerOf(headers.authorization);
    const principal = authenticate(token, issuers, options.now());
    const issued = authority.issue(principal, keyOfV2(request, principal), sct);
    if (faults.spoils('fulcio.protocol')) return jsonAnswer(200, { signedCertificateEmbeddedSct: { chain: {} } });
    return jsonAnswer(200, certificateV2(issued));
  };
  const signV1 = ({ body, headers }: DevRequest): DevAnswer => {
    const request = parseRequest(body);
    const principal = authenticate(bearerOf(headers.authorization), issuers, options.now());
    const { chain, detachedSct } = authority.issue(principal, keyOfV1(request, principal), sct);
    const headersOut = {
      'content-type': pemChain,
      ...(detachedSct === undefined ? {} : { SCT: Buffer.from(detachedSct).toString('base64') }),
    };
    return { status: 201, headers: headersOut, body: chain.map(certificatePem).join('') };
  };
  const bundle = (): string[] => authority.chain.map(certificatePem);
  const configuration = issuers.map(({ kind, name }) => ({
    issuerUrl: name,
    audience: 'sigstore',
    challengeClaim: kind === 'email' ? 'email' : 'sub',
    spiffeTrustDomain: kind === 'spiffe' ? (issuerTable[kind].subjectDomain ?? '') : '',
  }));
  return {
    name: 'fulcio',
    refuse: grpcRefusal,
    routes: [
      { method: 'POST', path: '/api/v2/signingCert', handle: signV2 },
      {
        method: 'GET',
        path: '/api/v2/trustBundle',
        handle: () => jsonAnswer(200, { chains: [{ certificates: bundle() }] }),
      },
      { method: 'GET', path: '/api/v2/configuration', handle: () => jsonAnswer(200, { issuers: configuration }) },
      { method: 'POST', path: '/api/v1/signingCert', handle: signV1 },
      { method: 'GET', path: '/api/v1/rootCert', handle: () => answerOf(pemChain, bundle().join('')) },
    ],
  };
}

function keyOfV2(request: JsonObject, principal: Principal): SubmittedKey {
  const csr = optionalTextAt(request, 'certificateSigningRequest');
  if (csr !== undefined) return parseCertificateRequest(bytesAt(request, 'certificateSigningRequest').toString());
  const asked = optionalObjectAt(request, 'publicKeyRequest');
  if (asked === undefined) {
    throw new RefusedError(
      'REQUEST_INVALID',
      'The request has neither a publicKeyRequest nor a certificateSigningRequest',
    );
  }
  const key = parseSubmittedPem(textAt(asked, 'publicKey', 'content'));
  return proven(key, principal, bytesAt(asked, 'proofOfPossession'));
}

/** v1 takes the key in base64, as DER or PEM. */
function keyOfV1(request: JsonObject, principal: Principal): SubmittedKey {
  const csr = optionalTextAt(request, 'certificateSigningRequest');
  if (csr !== undefined) return parseCertificateRequest(bytesAt(request, 'certificateSigningRequest').toString());
  const content = bytesAt(request, 'publicKey', 'content');
  const key = content.includes('-----BEGIN') ? parseSubmittedPem(content.toString()) : readPublicKey(content);
  return proven(key, principal, bytesAt(request, 'signedEmailAddress'));
}

function proven(key: SubmittedKey, { challenge }: Principal, proof: Buffer): SubmittedKey {
  if (key.certificate === undefined && signedMessage(key, Buffer.from(challenge), proof)) return key;
  throw new RefusedError('REQUEST_INVALID', 'The signature supplied in the request could not be verified');
}

function certificateV2({ chain, detachedSct }: IssuedCertificate): JsonObject {
  const certificates = { certificates: chain.map(certificatePem) };
  if (detachedSct === undefined) return { signedCertificateEmbeddedSct: { chain: certificates } };
  const signedCertificateTimestamp = Buffer.from(detachedSct).toString('base64');
  return { signedCertificateDetachedSct: { chain: certificates, signedCertificateTimestamp } };
}

function certificatePem(bytes: Buffer): string {
  return formatPem({ label: 'CERTIFICATE', bytes });
}

function bearerOf(authorization: string | undefined): string {
  const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) throw new RefusedError('UNAUTHENTICATED', 'The request has no identity token');
  return token;
}
