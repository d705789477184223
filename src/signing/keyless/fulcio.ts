import { CodecError } from '../../codec/error.ts';
import { parsePem } from '../../codec/pem/pem.ts';
import { decodeBase64 } from '../../codec/base64/decode.ts';
import { parseCertificate } from '../certificate/parse.ts';
import type { Network } from '../../net/network.ts';
import { signingLimits } from '../limits.ts';
import { askService, jsonOfAnswer, protocolError } from '../service.ts';
import type { Signer } from '../signer.ts';
import { buildCertificateRequest } from './certificate-request.ts';
import type { IdentityToken } from './token/identity-token.ts';

/** What Fulcio issued. */
export interface IssuedCertificate {
  /** DER, the leaf first. */
  readonly chain: readonly Buffer[];
  /** The log's promise where it is not in the certificate (RFC 6962, 3.2). */
  readonly detachedSct?: Buffer;
}

const name = 'Fulcio';

/**
 * Asks Fulcio for a certificate that says whose key this is (fulcio.proto, `CreateSigningCertificate`).
 *
 * @param url Fulcio's address, without a path
 * @throws SigningError SERVICE_PROTOCOL, also when the certificate is for another key
 */
export async function fetchCertificate(
  network: Network,
  url: string,
  signer: Signer,
  token: IdentityToken,
  signal?: AbortSignal,
): Promise<IssuedCertificate> {
  const request = Buffer.from(await buildCertificateRequest(signer, signal)).toString('base64');
  const answer = await askService(
    network,
    {
      name,
      method: 'POST',
      url: `${url.replace(/\/+$/, '')}/api/v2/signingCert`,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token.text}` },
      body: Buffer.from(JSON.stringify({ certificateSigningRequest: request })),
      // A second certificate for the same key does no harm: none is used but the one that arrives.
      idempotent: true,
      secrets: [token.text],
    },
    signal,
  );
  const document = jsonOfAnswer(answer, name);
  const detached = asObject(document['signedCertificateDetachedSct']);
  const holder = asObject(document['signedCertificateEmbeddedSct']) ?? detached;
  const chain = chainOf(asObject(holder?.['chain'])?.['certificates']);
  const [leaf] = chain;
  if (leaf === undefined) throw protocolError(name, 'its answer holds no certificate');
  try {
    if (!parseCertificate(leaf).publicKey.spki.equals(signer.publicKey.spki)) {
      throw protocolError(name, 'the certificate is for another key');
    }
    const sct = holder === detached ? detached?.['signedCertificateTimestamp'] : undefined;
    return { chain, ...(typeof sct === 'string' && sct !== '' ? { detachedSct: decodeBase64(sct) } : {}) };
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    throw protocolError(name, error.message, error);
  }
}

function chainOf(value: unknown): readonly Buffer[] {
  if (!Array.isArray(value) || value.length > signingLimits.chain) return [];
  try {
    return value.flatMap((text) => (typeof text === 'string' ? parsePem(text).map(({ bytes }) => bytes) : []));
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    throw protocolError(name, error.message, error);
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
