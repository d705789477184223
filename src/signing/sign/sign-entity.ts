import { createHash, type Hash } from 'node:crypto';
import { bundleMediaType } from '../bundle/media-type.ts';
import type { EnvelopeContent, LogEntry, MessageContent, SignedEntity, SignerMaterial } from '../entity.ts';
import { SigningError } from '../error.ts';
import { keyHint } from '../key/key-hint.ts';
import type { LoggedVerifier } from '../log/body/body.ts';
import type { LogService } from '../log/service.ts';
import type { CertifiedSigner, Signer } from '../signer.ts';
import { preAuthenticationEncoding } from '../statement/pre-authentication-encoding.ts';
import { statementPayloadType } from '../statement/statement.ts';
import { timestampClient } from '../timestamp/client.ts';
import type { LogAddress, SigningServices } from './services.ts';

/** Signs a statement: an envelope around it (DSSE v1.0), and whatever the services have to say of it. @throws SigningError */
export async function signStatement(
  payload: Buffer,
  signer: Signer | CertifiedSigner,
  services: SigningServices,
  signal?: AbortSignal,
): Promise<SignedEntity> {
  const encoded = preAuthenticationEncoding(statementPayloadType, payload);
  const signature = await signer.sign(encoded, signal);
  return witness({ kind: 'envelope', payloadType: statementPayloadType, payload, signature }, signer, services, signal);
}

/**
 * Signs a message as it is.
 *
 * @param message chunks where it is too large to be held whole; they are read once
 * @throws SigningError, LIMIT_EXCEEDED among them for chunks and a key that must see the whole message
 */
export async function signMessage(
  message: Uint8Array | AsyncIterable<Uint8Array>,
  signer: Signer | CertifiedSigner,
  services: SigningServices,
  signal?: AbortSignal,
): Promise<SignedEntity> {
  const hash = createHash(signer.hash);
  const signature =
    message instanceof Uint8Array
      ? await signer.sign(message, signal)
      : await signChunks(hashed(message, hash), signer, signal);
  if (message instanceof Uint8Array) hash.update(message);
  const digest = { algorithm: signer.hash, value: hash.digest() };
  return witness({ kind: 'message', signature, digest }, signer, services, signal);
}

function signChunks(chunks: AsyncIterable<Uint8Array>, signer: Signer, signal?: AbortSignal): Promise<Buffer> {
  if (signer.signStream !== undefined) return signer.signStream(chunks, signal);
  const message = 'The key signs the whole of a message at once, and this one is too large for that';
  throw new SigningError('LIMIT_EXCEEDED', `${message}; sign with an ECDSA or RSA key, or attest its digest`);
}

/** The same chunks, which are hashed on their way. */
async function* hashed(chunks: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

/** Has bytes stamped by every authority. @throws SigningError */
export function stampsOf(
  bytes: Buffer,
  { network, timestampAuthorities }: Pick<SigningServices, 'network' | 'timestampAuthorities'>,
  signal?: AbortSignal,
): Promise<readonly Buffer[]> {
  return Promise.all(timestampAuthorities.map((url) => timestampClient(network, url)(bytes, signal)));
}

/** Has a signature stamped and logged. Stamps come first: a certificate may expire while a slow log is waited for. */
async function witness(
  content: MessageContent | EnvelopeContent,
  signer: Signer | CertifiedSigner,
  { network, logs, timestampAuthorities }: SigningServices,
  signal: AbortSignal | undefined,
): Promise<SignedEntity> {
  const timestamps = await stampsOf(content.signature, { network, timestampAuthorities }, signal);
  const logEntries = await Promise.all(
    logs.map((log) => submit(log, content, signer, { network, baseUrl: log.url, signal })),
  );
  return {
    format: 'bundle',
    mediaType: bundleMediaType,
    material: materialOf(signer),
    logEntries,
    timestamps,
    content,
  };
}

async function submit(
  { version }: LogAddress,
  content: MessageContent | EnvelopeContent,
  signer: Signer | CertifiedSigner,
  service: LogService,
): Promise<LogEntry> {
  const verifier = verifierOf(signer);
  if (version === 1) {
    const { submitToRekorV1 } = await import('../log/rekor-v1.ts');
    if (content.kind === 'envelope') return submitToRekorV1(service, { kind: 'dsse', content, verifier });
    if (signer.form === 'pure') {
      const message = 'The log cannot verify Ed25519 signatures of this kind, since it is told a digest only';
      throw new SigningError('KEY_INVALID', `${message}; sign with another key, or with --tlog-upload=false`);
    }
    return submitToRekorV1(service, { kind: 'hashedrekord', content, digest: digestOf(content), verifier });
  }
  const { submitToRekorV2 } = await import('../log/rekor-v2.ts');
  const scheme = { key: signer.publicKey, hash: signer.hash, pure: signer.form === 'pure' };
  return content.kind === 'envelope'
    ? submitToRekorV2(service, { content, verifier, scheme })
    : submitToRekorV2(service, { content, digest: digestOf(content).value, verifier, scheme });
}

function digestOf({ digest }: MessageContent): NonNullable<MessageContent['digest']> {
  if (digest === undefined) throw new TypeError('A message that is signed here has a digest');
  return digest;
}

function verifierOf(signer: Signer | CertifiedSigner): LoggedVerifier {
  const leaf = 'certificates' in signer ? signer.certificates[0] : undefined;
  return leaf === undefined ? { kind: 'public-key', spki: signer.publicKey.spki } : { kind: 'certificate', der: leaf };
}

function materialOf(signer: Signer | CertifiedSigner): SignerMaterial {
  return 'certificates' in signer
    ? { kind: 'certificate', certificates: signer.certificates }
    : { kind: 'public-key', hint: keyHint(signer.publicKey) };
}
