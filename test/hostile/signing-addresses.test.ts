import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { servicesOf } from '../../src/cli/signing/services.ts';
import { openNetwork } from '../../src/net/open-network.ts';
import type { Network } from '../../src/net/network.ts';
import { verifyBundle } from '../../src/signing/blob/verify-bundle.ts';
import { localSigner } from '../../src/signing/key/local-signer.ts';
import { generateKeyPair } from '../../src/signing/key/private-key.ts';
import { fetchCertificate } from '../../src/signing/keyless/fulcio.ts';
import { parseIdentityToken } from '../../src/signing/keyless/token/identity-token.ts';
import { discoverIssuer, exchangeGrant } from '../../src/signing/keyless/token/issuer.ts';
import { signMessage } from '../../src/signing/sign/sign-entity.ts';
import { parseSigningConfig } from '../../src/signing/trust/signing-config.ts';
import { parseTrustedRoot } from '../../src/signing/trust/parse-trusted-root.ts';
import { exactly } from '../../src/signing/verify/text-matcher.ts';
import type { Sigstore } from '../../src/sigstore-dev/sigstore.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { instantClock } from '../../testing/registry/instant-clock.ts';
import { type Listening, listen } from '../../testing/registry/listen.ts';
import { signMessage as signKeyless, startTestSigstore } from '../../testing/sigstore.ts';
import { testHost, testSettings } from '../../testing/test-host.ts';

const bytes = Buffer.from('what is signed');

/** Addresses that only this machine reaches, as documents may write them. */
const inward = [
  'http://127.0.0.1:8080',
  'http://localhost:8080',
  'http://localhost./x',
  'http://2130706433/',
  'http://0x7f.1/',
  'http://[::1]:8080',
  'http://[::ffff:127.0.0.1]/',
  'http://0.0.0.0/',
  'https://169.254.169.254/latest/meta-data',
  'http://[fe80::1]/',
];

let sigstore: Sigstore;
let network: Network;
/** Where no request may come; it answers everything. */
let secret: Listening;
const seen: string[] = [];

before(async () => {
  sigstore = await startTestSigstore();
  network = openNetwork({ clock: instantClock() });
  secret = await listen((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
});
after(async () => {
  await network[Symbol.asyncDispose]();
  await sigstore[Symbol.asyncDispose]();
  await secret[Symbol.asyncDispose]();
});

/** A network in which a public host is really a server of this test. */
function withHost(host: string, origin: string): Network {
  return {
    ...network,
    request: (request) => network.request({ ...request, url: String(request.url).replace(`https://${host}`, origin) }),
  };
}

test('a signing config that was fetched leads nowhere into this machine', async () => {
  const at = (url: string): object => ({ url, majorApiVersion: 1, validFor: { start: '2020-01-01T00:00:00Z' } });
  const outside = new URL('https://tuf.example');
  for (const field of ['caUrls', 'oidcUrls', 'rekorTlogUrls', 'tsaUrls']) {
    const config = (url: string): Buffer => {
      const mediaType = 'application/vnd.dev.sigstore.signingconfig.v0.2+json';
      const selector = { selector: 'ANY' };
      return Buffer.from(
        JSON.stringify({ mediaType, [field]: [at(url)], rekorTlogConfig: selector, tsaConfig: selector }),
      );
    };
    assert.ok(parseSigningConfig(config('https://fulcio.example'), 'x', outside));
    for (const url of inward) {
      assert.throws(
        () => parseSigningConfig(config(url), 'x', outside),
        { code: 'SIGNING_CONFIG_INVALID' },
        `${field} ${url}`,
      );
      // A user's own file, and a repository on this machine, may name services on this machine.
      assert.ok(parseSigningConfig(config(url), 'x'));
      assert.ok(parseSigningConfig(config(url), 'x', new URL('http://localhost:8080/tuf')));
    }
  }
});

test('a TUF repository elsewhere cannot have signatures sent into this machine', async () => {
  using folder = temporaryDirectory();
  writeFileSync(join(folder.path, 'root.json'), sigstore.tufRoot);
  const host = testHost({ cwd: folder.path });
  const choose = (tufMirror: string, through: Network) => {
    const settings = testSettings({ cacheDir: join(folder.path, 'cache'), tufMirror, tufRoot: 'root.json' });
    return servicesOf(settings, host, through, true, host.signal);
  };
  // Its services are at 127.0.0.1, which is right for a repository that is there itself.
  assert.equal((await choose(sigstore.tufUrl, network)).fulcioUrl, sigstore.url);
  const { origin } = new URL(sigstore.tufUrl);
  const elsewhere = sigstore.tufUrl.replace(origin, 'https://tuf.example');
  await assert.rejects(choose(elsewhere, withHost('tuf.example', origin)), { code: 'SIGNING_CONFIG_INVALID' });
});

test('an issuer elsewhere cannot have secrets of a login sent into this machine, or unencrypted', async () => {
  const documentWith = (changes: object): RequestListener => {
    const base = 'https://issuer.example';
    const document = {
      issuer: base,
      authorization_endpoint: `${base}/auth`,
      token_endpoint: `${base}/token`,
      ...changes,
    };
    return (_request, response) => void response.writeHead(200).end(JSON.stringify(document));
  };
  const discover = async (changes: object) => {
    await using server = await listen(documentWith(changes));
    return await discoverIssuer(withHost('issuer.example', server.url), 'https://issuer.example');
  };
  assert.equal((await discover({})).tokenEndpoint, 'https://issuer.example/token');
  assert.equal(
    (await discover({ token_endpoint: 'https://other.example/t' })).tokenEndpoint,
    'https://other.example/t',
  );
  for (const field of ['authorization_endpoint', 'token_endpoint', 'device_authorization_endpoint']) {
    for (const url of [...inward, 'http://issuer.example/token', 'file:///etc/passwd']) {
      await assert.rejects(discover({ [field]: url }), { code: 'SERVICE_PROTOCOL' }, `${field} ${url}`);
    }
  }
});

test('services cannot send on what they were sent: no redirect of it is followed', async () => {
  const { privateKey } = await generateKeyPair('ecdsa-p256');
  const signer = localSigner(privateKey);
  const token = parseIdentityToken(sigstore.token('email'), new Date());
  for (const status of [301, 302, 303, 307, 308]) {
    await using server = await listen((request, response) => {
      request.resume();
      response.writeHead(status, { location: `${secret.url}/internal` }).end();
    });
    const { url } = server;
    const alone = { network, logs: [], timestampAuthorities: [] };
    const issuer = { url, authorizationEndpoint: url, tokenEndpoint: url };
    for (const [what, ask] of [
      ['Fulcio', () => fetchCertificate(network, url, signer, token)],
      ['Rekor 1', () => signMessage(bytes, signer, { ...alone, logs: [{ url, version: 1 }] })],
      ['Rekor 2', () => signMessage(bytes, signer, { ...alone, logs: [{ url, version: 2 }] })],
      ['a timestamp authority', () => signMessage(bytes, signer, { ...alone, timestampAuthorities: [url] })],
      ['an issuer', () => exchangeGrant(network, issuer, { id: 'sigstore' }, { code: 'secret' })],
    ] as const) {
      await assert.rejects(ask(), { code: 'SERVICE_PROTOCOL' }, `${what} ${status}`);
    }
  }
  assert.deepEqual(seen, []);
});

test('a log that has an entry already says only which, not where', async () => {
  const { privateKey } = await generateKeyPair('ecdsa-p256');
  const id = 'ab'.repeat(32);
  for (const location of [`${secret.url}/api/v1/log/entries/${id}`, `//${secret.host}/${id}`, `../../${id}`]) {
    const asked: string[] = [];
    await using server = await listen((request, response) => {
      request.resume();
      asked.push(request.url ?? '');
      response.writeHead(request.method === 'POST' ? 409 : 404, { location }).end('{}');
    });
    const services = { network, logs: [{ url: server.url, version: 1 as const }], timestampAuthorities: [] };
    await assert.rejects(signMessage(bytes, localSigner(privateKey), services), { code: /^SERVICE_/ });
    assert.deepEqual([...new Set(asked)], ['/api/v1/log/entries', `/api/v1/log/entries/${id}`]);
  }
  assert.deepEqual(seen, []);
});

test('who verifies asks none of the addresses in a trusted root', async () => {
  const bundle = await signKeyless(sigstore, bytes, { timestamp: true });
  const text = JSON.stringify(sigstore.trustedRoot).replaceAll(/"(baseUrl|uri)":"[^"]*"/g, `"$1":"${secret.url}"`);
  const trust = parseTrustedRoot(Buffer.from(text), 'root');
  assert.equal(
    trust.logs.every(({ baseUrl }) => baseUrl === secret.url),
    true,
  );
  const identities = [{ subject: exactly('dev@example.com'), issuer: exactly(sigstore.issuers.email) }];
  const signer = { kind: 'certificate', identities, claims: [], scts: 1 } as const;
  const policy = { trust, signer, logs: 1, timestamps: 1 };
  await verifyBundle(Buffer.from(JSON.stringify(bundle)), { kind: 'bytes', bytes }, policy, new Date());
  assert.deepEqual(seen, []);
});
