import assert from 'node:assert/strict';
import { createHash, createPublicKey, type KeyObject, verify, X509Certificate } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { extensionsOf } from '../../testing/certificate-parts.ts';
import { certify, type LooseBundle, signMessage, startTestSigstore, timestampRequest } from '../../testing/sigstore.ts';
import { type TimestampParts, timestampParts } from '../../testing/timestamp-parts.ts';
import { formatPem } from '../codec/pem/pem.ts';
import { FaultPlan, type Spoil, spoils } from './fault.ts';
import { makeDevKey, signWith } from './key/dev-key.ts';
import { readClaims } from './oidc/jwt.ts';
import type { Sigstore } from './sigstore.ts';

/** Asks a service and tells whether its answer is wrong in one way. */
type IsWrong = (sigstore: Sigstore) => Promise<boolean>;

const message = Buffer.from('message');
const messageDigest = createHash('sha256').update(message).digest();
const hour = 3_600_000;
const extendedUsage = '2.5.29.37';
const constraints = '2.5.29.19';
const alternativeName = '2.5.29.17';
const promises = '1.3.6.1.4.1.11129.2.4.2';

interface Issued {
  readonly chain: readonly Buffer[];
  readonly leaf: X509Certificate;
  readonly issuer: X509Certificate;
  readonly extensions: ReturnType<typeof extensionsOf>;
  readonly asked: Buffer;
  readonly trusted: readonly X509Certificate[];
}

function leafIs(isWrong: (issued: Issued) => boolean): IsWrong {
  return async (sigstore) => {
    const { chain, key } = await certify(sigstore);
    const [authority] = (sigstore.trustedRoot as LooseBundle).certificateAuthorities;
    return isWrong({
      chain,
      leaf: new X509Certificate(chain[0] as Buffer),
      issuer: new X509Certificate(chain[1] as Buffer),
      extensions: extensionsOf(chain[0] as Buffer),
      asked: key.spki,
      trusted: authority.certChain.certificates.map(({ rawBytes }: LooseBundle) => certificateOf(rawBytes)),
    });
  };
}

function certificateOf(base64: string): X509Certificate {
  return new X509Certificate(Buffer.from(base64, 'base64'));
}

/** Of entries of both logs; what only one can have wrong is named so. */
function entryIs(
  isWrong: (entry: LooseBundle, key: KeyObject, id: string) => boolean,
  versions: readonly (1 | 2)[] = [1, 2],
): IsWrong {
  return async (sigstore) => {
    const answers = await Promise.all(
      versions.map(async (rekor) => {
        const log = (sigstore.trustedRoot as LooseBundle).tlogs[rekor - 1];
        const key = createPublicKey({
          key: Buffer.from(log.publicKey.rawBytes, 'base64'),
          type: 'spki',
          format: 'der',
        });
        const bundle = await signMessage(sigstore, message, { rekor, timestamp: false });
        return isWrong(bundle.verificationMaterial.tlogEntries[0], key, log.logId.keyId);
      }),
    );
    assert.equal(new Set(answers).size, 1, 'one log is wrong and the other is not');
    return answers[0] as boolean;
  };
}

function isPromiseWrong(entry: LooseBundle, key: KeyObject): boolean {
  const { canonicalizedBody: body, integratedTime, logId, logIndex, inclusionPromise } = entry;
  const logID = Buffer.from(logId.keyId, 'base64').toString('hex');
  const signed = `{"body":"${body}","integratedTime":${integratedTime},"logID":"${logID}","logIndex":${logIndex}}`;
  return !verify('sha256', Buffer.from(signed), key, Buffer.from(inclusionPromise.signedEntryTimestamp, 'base64'));
}

function isCheckpointWrong({ inclusionProof }: LooseBundle, key: KeyObject): boolean {
  const [text, signature] = inclusionProof.checkpoint.envelope.split('\n\n');
  const bytes = Buffer.from(signature.trim().split(' ')[2], 'base64').subarray(4);
  return !verify(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', Buffer.from(`${text}\n`), key, bytes);
}

function isRootWrong({ inclusionProof }: LooseBundle): boolean {
  return inclusionProof.checkpoint.envelope.split('\n')[2] !== inclusionProof.rootHash;
}

function isBodyOther({ canonicalizedBody }: LooseBundle): boolean {
  const body = Buffer.from(canonicalizedBody, 'base64').toString();
  return !body.includes(messageDigest.toString('hex')) && !body.includes(messageDigest.toString('base64'));
}

function ageOf(entry: LooseBundle): number {
  return Date.now() - Number(entry.integratedTime) * 1000;
}

async function stampOf(sigstore: Sigstore): Promise<Buffer> {
  const headers = { 'content-type': 'application/timestamp-query' };
  const body = new Uint8Array(timestampRequest(message, 77n));
  return Buffer.from(await (await fetch(sigstore.tsaUrl, { method: 'POST', headers, body })).arrayBuffer());
}

function stampIs(isWrong: (parts: TimestampParts, signer: X509Certificate, root: X509Certificate) => boolean): IsWrong {
  return async (sigstore) => {
    const parts = timestampParts(await stampOf(sigstore));
    assert.ok(parts);
    const [authority] = (sigstore.trustedRoot as LooseBundle).timestampAuthorities;
    const root = certificateOf(authority.certChain.certificates[1].rawBytes);
    return isWrong(parts, new X509Certificate(parts.certificates[0] as Buffer), root);
  };
}

function tokenIs(isWrong: (claims: LooseBundle) => boolean): IsWrong {
  return (sigstore) => {
    return Promise.resolve(isWrong(readClaims(sigstore.token('email', { nonce: 'mine' }))));
  };
}

/** An entry that no log has. */
function proposal(): unknown {
  const key = makeDevKey('ecdsa-p256');
  const content = Buffer.from(formatPem({ label: 'PUBLIC KEY', bytes: key.spki })).toString('base64');
  const signature = { content: signWith(key, message).toString('base64'), publicKey: { content } };
  const hash = { algorithm: 'sha256', value: messageDigest.toString('hex') };
  return { kind: 'hashedrekord', apiVersion: '0.0.1', spec: { data: { hash }, signature } };
}

/** Tried where there is more to look at: `tuf/repository.test.ts` and `fulcio/routes.test.ts`. */
const elsewhere: ReadonlySet<Spoil> = new Set([
  'tuf.expired-timestamp',
  'tuf.wrong-signature',
  'tuf.wrong-target',
  'fulcio.wrong-sct',
]);

const effects: Readonly<Partial<Record<Spoil, IsWrong>>> = {
  'fulcio.expired-leaf': leafIs(({ leaf }) => leaf.validToDate.getTime() < Date.now()),
  'fulcio.future-leaf': leafIs(({ leaf }) => leaf.validFromDate.getTime() > Date.now()),
  'fulcio.expired-intermediate': leafIs(({ leaf, issuer, trusted }) => {
    assert.ok(leaf.verify(issuer.publicKey) && issuer.verify((trusted[1] as X509Certificate).publicKey));
    return issuer.validToDate.getTime() < Date.now();
  }),
  'fulcio.other-authority': leafIs(({ issuer, trusted }) => !issuer.verify((trusted[1] as X509Certificate).publicKey)),
  'fulcio.wrong-signature': leafIs(({ leaf, issuer }) => !leaf.verify(issuer.publicKey)),
  'fulcio.other-key': leafIs(
    ({ leaf, asked }) => !leaf.publicKey.export({ type: 'spki', format: 'der' }).equals(asked),
  ),
  'fulcio.no-intermediate': leafIs(({ chain }) => chain.length < 3),
  'fulcio.no-sct': leafIs(({ extensions }) => !extensions.has(promises)),
  'fulcio.empty-sct-list': leafIs(({ extensions }) => extensions.get(promises)?.value.toString('hex') === '04020000'),
  'fulcio.two-scts': leafIs(({ extensions }) => (extensions.get(promises)?.value.length ?? 0) > 200),
  'fulcio.no-extended-usage': leafIs(({ extensions }) => !extensions.has(extendedUsage)),
  'fulcio.server-usage': leafIs(({ leaf }) => leaf.keyUsage.includes('1.3.6.1.5.5.7.3.1')),
  'fulcio.authority-leaf': leafIs(
    ({ extensions }) => extensions.get(constraints)?.value.toString('hex') === '30060101ff020100',
  ),
  'fulcio.unknown-critical': leafIs(({ extensions }) => extensions.get('2.999.1')?.critical === true),
  'fulcio.no-name': leafIs(({ extensions }) => !extensions.has(alternativeName)),
  'fulcio.two-names': leafIs(
    ({ leaf }) => leaf.subjectAltName === 'email:dev@example.com, URI:https://example.com/second',
  ),
  'fulcio.dns-name': leafIs(({ leaf }) => leaf.subjectAltName === 'DNS:example.com'),
  'fulcio.no-issuer': leafIs(({ extensions }) => {
    return ['1', '8'].every((number) => !extensions.has(`1.3.6.1.4.1.57264.1.${number}`));
  }),
  'fulcio.protocol': (sigstore) =>
    certify(sigstore).then(
      () => false,
      (error) => error instanceof TypeError,
    ),
  'rekor.wrong-promise': entryIs(isPromiseWrong, [1]),
  'rekor.no-promise': entryIs((entry) => entry.inclusionPromise === undefined, [1]),
  'rekor.wrong-index': entryIs((entry) => entry.logIndex !== entry.inclusionProof.logIndex),
  'rekor.wrong-proof': entryIs((entry) => entry.inclusionProof.hashes[0] === Buffer.alloc(32, 0xab).toString('base64')),
  'rekor.wrong-root': entryIs(isRootWrong),
  'rekor.wrong-checkpoint': entryIs(isCheckpointWrong),
  'rekor.no-proof': entryIs(({ inclusionProof }) => inclusionProof === undefined || inclusionProof === null),
  'rekor.wrong-log': entryIs(({ logId }, _key, id) => logId.keyId !== id),
  'rekor.other-body': entryIs((entry, key) => {
    assert.equal(isCheckpointWrong(entry, key) || isRootWrong(entry), false);
    return isBodyOther(entry);
  }),
  'rekor.future-time': entryIs((entry) => ageOf(entry) < -hour, [1]),
  'rekor.past-time': entryIs(
    (entry, key) => {
      assert.equal(isPromiseWrong(entry, key), false);
      return ageOf(entry) > hour;
    },
    [1],
  ),
  'rekor.no-etag': async ({ url }) => {
    const body = JSON.stringify(proposal());
    return (await fetch(`${url}/api/v1/log/entries`, { method: 'POST', body })).headers.get('etag') === null;
  },
  'rekor.protocol': async (sigstore) => {
    const signed = (rekor: 1 | 2): Promise<LooseBundle> => signMessage(sigstore, message, { rekor, timestamp: false });
    const isWrong = signed(1).then(
      () => false,
      (error) => error instanceof TypeError,
    );
    const [{ logIndex }] = (await signed(2)).verificationMaterial.tlogEntries;
    return (await isWrong) && logIndex === '-1';
  },
  'tsa.wrong-signature': stampIs(
    ({ signed, signature }, { publicKey }) => !verify('sha256', signed, publicKey, signature),
  ),
  'tsa.wrong-imprint': stampIs(({ digest }) => !digest.equals(messageDigest)),
  'tsa.wrong-nonce': stampIs(({ nonce }) => nonce !== undefined && nonce !== 77n),
  'tsa.no-nonce': stampIs(({ nonce }) => nonce === undefined),
  'tsa.rejection': async (sigstore) => timestampParts(await stampOf(sigstore)) === undefined,
  'tsa.expired-chain': stampIs(({ time, signed, signature }, signer, root) => {
    assert.ok(signer.verify(root.publicKey) && verify('sha256', signed, signer.publicKey, signature));
    return signer.validToDate < time;
  }),
  'tsa.no-usage': stampIs((_parts, signer, root) => {
    assert.ok(signer.verify(root.publicKey));
    return !signer.keyUsage.includes('1.3.6.1.5.5.7.3.8');
  }),
  'tsa.other-authority': stampIs((_parts, signer, root) => !signer.verify(root.publicKey)),
  'tsa.future-time': stampIs(({ time }) => time.getTime() > Date.now() + hour),
  'tsa.past-time': stampIs(({ time }) => time.getTime() < Date.now() - hour),
  'tsa.protocol': async (sigstore) => (await stampOf(sigstore))[0] !== 0x30,
  'oidc.expired': tokenIs(({ exp }) => exp * 1000 < Date.now()),
  'oidc.wrong-audience': tokenIs(({ aud }) => aud !== 'sigstore'),
  'oidc.wrong-nonce': tokenIs(({ nonce }) => nonce !== 'mine'),
  'oidc.wrong-signature': async (sigstore) => {
    const { keys } = (await (await fetch(`${sigstore.url}/oidc/keys`)).json()) as LooseBundle;
    const publicKey = createPublicKey({ key: keys[0], format: 'jwk' });
    const [header, payload, signature] = sigstore.token().split('.') as [string, string, string];
    return !verify('sha256', Buffer.from(`${header}.${payload}`), publicKey, Buffer.from(signature, 'base64url'));
  },
  'oidc.unverified-email': tokenIs((claims) => claims.email_verified === false),
};

describe('a service that is told to be wrong is, and in that way', () => {
  let sigstore: Sigstore;

  before(async () => {
    sigstore = await startTestSigstore();
    // What another body is taken from.
    for (const rekor of [1, 2] as const) await signMessage(sigstore, Buffer.from('first'), { rekor });
  });

  after(() => sigstore[Symbol.asyncDispose]());

  for (const [what, isWrong] of Object.entries(effects) as [Spoil, IsWrong][]) {
    test(`${what}: ${spoils[what]}`, async () => {
      assert.equal(await isWrong(sigstore), false, 'it is wrong without the fault');
      sigstore.faults.add({ kind: 'spoil', what });
      assert.equal(await isWrong(sigstore), true, 'the fault does nothing');
      sigstore.faults.clear();
      assert.equal(await isWrong(sigstore), false, 'it is wrong after the fault');
    });
  }
});

test('every way to be wrong is tried', () => {
  const tried = new Set([...Object.keys(effects), ...elsewhere]);
  assert.deepEqual(
    Object.keys(spoils).filter((what) => !tried.has(what)),
    [],
  );
});

test('a fault happens as often as it says', () => {
  const plan = new FaultPlan([{ kind: 'spoil', what: 'tsa.rejection', times: 2 }]);
  assert.deepEqual(
    [1, 2, 3].map(() => plan.spoils('tsa.rejection')),
    [true, true, false],
  );
  plan.add(
    { kind: 'drop', service: 'tsa', path: '/certchain' },
    { kind: 'status', service: 'tuf', status: 500, times: 1 },
  );
  assert.equal(plan.transport('tsa', '/api/v1/timestamp'), undefined);
  assert.equal(plan.transport('tsa', '/api/v1/timestamp/certchain')?.kind, 'drop');
  assert.equal(plan.transport('tuf', '/tuf/root.json')?.kind, 'status');
  assert.equal(plan.transport('tuf', '/tuf/root.json'), undefined);
  plan.clear();
  assert.equal(plan.transport('tsa', '/api/v1/timestamp/certchain'), undefined);
});
