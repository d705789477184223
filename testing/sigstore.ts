import { createHash } from 'node:crypto';
import { derTag } from '../src/codec/der/tag.ts';
import { derBoolean, derInteger, derOid, derSequence, derValue } from '../src/codec/der/write.ts';
import { formatPem, parsePem } from '../src/codec/pem/pem.ts';
import type { KeyType } from '../src/signing/key/key-type.ts';
import { type DevKey, makeDevKey, signWith } from '../src/sigstore-dev/key/dev-key.ts';
import type { IssuerKind } from '../src/sigstore-dev/oidc/issuer-kind.ts';
import { type Sigstore, type SigstoreOptions, startSigstore } from '../src/sigstore-dev/sigstore.ts';

// Tests of lower floors reach the development sigstore by this file alone.
export { freshKeyRing } from '../src/sigstore-dev/key/key-ring.ts';
export type { Sigstore } from '../src/sigstore-dev/sigstore.ts';

/** How a test has something signed. */
export interface TestSigning {
  readonly issuer?: IssuerKind;
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Ed25519 keys sign digests in a form of their own, which this does not make. */
  readonly key?: Exclude<KeyType, 'ed25519'>;
  /** The log; 1 by default, 0 for none. */
  readonly rekor?: 0 | 1 | 2;
  /** Whether a timestamp is asked for; with Rekor v2 by default, which tells no time itself. */
  readonly timestamp?: boolean;
}

/** A bundle in JSON, as loose as tests need it to change parts. */
// oxlint-disable-next-line typescript/no-explicit-any
export type LooseBundle = any;

/** Starts a whole sigstore on loopback, with keys of its own; `faults` make it go wrong. */
export function startTestSigstore(options: SigstoreOptions = {}): Promise<Sigstore> {
  return startSigstore(options);
}

/** A certificate for a new key, as a client of Fulcio gets it. DER, the leaf first. */
export async function certify(
  sigstore: Sigstore,
  { issuer = 'email', claims = {}, key: type = 'ecdsa-p256' }: TestSigning = {},
): Promise<{ readonly key: DevKey; readonly chain: readonly Buffer[] }> {
  const key = makeDevKey(type);
  const token = sigstore.token(issuer, claims);
  const said = JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString()) as Record<string, string>;
  const challenge = (issuer === 'email' ? said['email'] : said['sub']) as string;
  const content = formatPem({ label: 'PUBLIC KEY', bytes: key.spki });
  const answer = await post(`${sigstore.url}/api/v2/signingCert`, {
    credentials: { oidcIdentityToken: token },
    publicKeyRequest: {
      publicKey: { algorithm: 'ECDSA', content },
      proofOfPossession: signWith(key, Buffer.from(challenge)).toString('base64'),
    },
  });
  const issued = answer['signedCertificateEmbeddedSct'] ?? answer['signedCertificateDetachedSct'];
  const { certificates } = (issued as { chain: { certificates: string[] } }).chain;
  return { key, chain: certificates.map((pem) => (parsePem(pem)[0] as { bytes: Buffer }).bytes) };
}

/** Signs bytes keyless and makes a bundle of version 0.3 with all that the services answer. */
export async function signMessage(
  sigstore: Sigstore,
  message: Uint8Array,
  how: TestSigning = {},
): Promise<LooseBundle> {
  const { key, chain } = await certify(sigstore, how);
  const signature = signWith(key, message);
  const digest = createHash(key.hash).update(message).digest();
  const proposed = { kind: 'hashedrekord', apiVersion: '0.0.1', spec: hashedSpec(key, chain, digest, signature) };
  return bundleOf(await materialOf(sigstore, key, chain, { signature, digest, proposed }, how), {
    messageSignature: {
      messageDigest: { algorithm: hashNames[key.hash], digest: digest.toString('base64') },
      signature: signature.toString('base64'),
    },
  });
}

/** Signs a statement keyless, in an envelope, and makes a bundle of version 0.3. */
export async function signStatement(
  sigstore: Sigstore,
  statement: unknown,
  how: TestSigning = {},
): Promise<LooseBundle> {
  const { key, chain } = await certify(sigstore, how);
  const payload = Buffer.from(JSON.stringify(statement));
  const payloadType = 'application/vnd.in-toto+json';
  const encoded = Buffer.concat([
    Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `),
    payload,
  ]);
  const signature = signWith(key, encoded);
  const digest = createHash(key.hash).update(encoded).digest();
  const signatures = [{ sig: signature.toString('base64') }];
  const envelope = { payload: payload.toString('base64'), payloadType, signatures };
  const verifiers = [base64(formatPem({ label: 'CERTIFICATE', bytes: chain[0] as Buffer }))];
  const proposedContent = { envelope: JSON.stringify(envelope), verifiers };
  const proposed = { kind: 'dsse', apiVersion: '0.0.1', spec: { proposedContent } };
  const material = await materialOf(sigstore, key, chain, { signature, digest, proposed }, how);
  return bundleOf(material, { dsseEnvelope: envelope });
}

/** A statement of in-toto about one image. */
export function statementAbout(sha256: string, predicateType = 'https://sigstore.dev/cosign/sign/v1'): unknown {
  return { _type: 'https://in-toto.io/Statement/v1', subject: [{ digest: { sha256 } }], predicateType, predicate: {} };
}

/** A request of RFC 3161 over bytes, with a nonce where one is given. */
export function timestampRequest(bytes: Uint8Array, nonce?: bigint): Buffer {
  const sha256 = derSequence(derOid('2.16.840.1.101.3.4.2.1'), derValue(derTag.null));
  const digest = derValue(derTag.octetString, createHash('sha256').update(bytes).digest());
  const nonces = nonce === undefined ? [] : [derInteger(nonce)];
  return derSequence(derInteger(1), derSequence(sha256, digest), ...nonces, derBoolean(true));
}

/** Sends JSON and gives what came back. */
export async function post(url: string, value: unknown): Promise<Record<string, unknown>> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(value) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Record<string, unknown>;
}

const hashNames = { sha256: 'SHA2_256', sha384: 'SHA2_384', sha512: 'SHA2_512' } as const;
const keyDetails = {
  'ecdsa-p256': 'PKIX_ECDSA_P256_SHA_256',
  'ecdsa-p384': 'PKIX_ECDSA_P384_SHA_384',
  'ecdsa-p521': 'PKIX_ECDSA_P521_SHA_512',
  ed25519: 'PKIX_ED25519_PH',
  rsa: 'PKIX_RSA_PKCS1V15_2048_SHA256',
} as const;

interface Signed {
  readonly signature: Buffer;
  readonly digest: Buffer;
  /** What Rekor v1 is asked to log. */
  readonly proposed: unknown;
}

async function materialOf(
  sigstore: Sigstore,
  key: DevKey,
  chain: readonly Buffer[],
  { signature, digest, proposed }: Signed,
  { rekor = 1, timestamp = rekor === 2 }: TestSigning,
): Promise<LooseBundle> {
  const rawBytes = (chain[0] as Buffer).toString('base64');
  const tlogEntries: unknown[] = [];
  if (rekor === 1) tlogEntries.push(entryOf(await post(`${sigstore.url}/api/v1/log/entries`, proposed)));
  if (rekor === 2) {
    const verifier = { x509Certificate: { rawBytes }, keyDetails: keyDetails[key.type] };
    const request = {
      digest: digest.toString('base64'),
      signature: { content: signature.toString('base64'), verifier },
    };
    tlogEntries.push(await post(`${sigstore.url}/api/v2/log/entries`, { hashedRekordRequestV002: request }));
  }
  const material = { certificate: { rawBytes }, tlogEntries };
  if (!timestamp) return material;
  const headers = { 'content-type': 'application/timestamp-query' };
  const body = new Uint8Array(timestampRequest(signature));
  const response = await fetch(sigstore.tsaUrl, { method: 'POST', headers, body });
  const signedTimestamp = Buffer.from(await response.arrayBuffer()).toString('base64');
  return { ...material, timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp }] } };
}

/** An entry of Rekor v1 in the form of bundles (`TransparencyLogEntry`). */
function entryOf(answer: Record<string, unknown>): unknown {
  const [entry] = Object.values(answer) as LooseBundle[];
  const { inclusionProof: proof, signedEntryTimestamp } = entry.verification;
  const { kind, apiVersion: version } = JSON.parse(Buffer.from(entry.body, 'base64').toString());
  const fromHex = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');
  return {
    logIndex: String(entry.logIndex),
    logId: { keyId: fromHex(entry.logID) },
    kindVersion: { kind, version },
    integratedTime: String(entry.integratedTime),
    ...(signedEntryTimestamp === undefined ? {} : { inclusionPromise: { signedEntryTimestamp } }),
    ...(proof === undefined
      ? {}
      : {
          inclusionProof: {
            logIndex: String(proof.logIndex),
            rootHash: fromHex(proof.rootHash),
            treeSize: String(proof.treeSize),
            hashes: proof.hashes.map(fromHex),
            checkpoint: { envelope: proof.checkpoint },
          },
        }),
    canonicalizedBody: entry.body,
  };
}

function bundleOf(verificationMaterial: unknown, content: object): LooseBundle {
  return { mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json', verificationMaterial, ...content };
}

function hashedSpec(key: DevKey, [leaf]: readonly Buffer[], digest: Buffer, signature: Buffer): unknown {
  const content = base64(formatPem({ label: 'CERTIFICATE', bytes: leaf as Buffer }));
  return {
    data: { hash: { algorithm: key.hash, value: digest.toString('hex') } },
    signature: { content: signature.toString('base64'), publicKey: { content } },
  };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
