import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { makeCertificate } from '../../testing/registry/certificate.ts';
import { instantClock } from '../../testing/registry/instant-clock.ts';
import { listen } from '../../testing/registry/listen.ts';
import { isNetError, NetError } from './error.ts';
import { openNetwork } from './open-network.ts';
import { TlsTrust, type TlsSettings } from './trust.ts';

const authority = makeCertificate('Test authority');
const other = makeCertificate('Another authority');
const here = makeCertificate('here', { issuer: authority, ips: ['127.0.0.1'] });
const elsewhere = makeCertificate('elsewhere', { issuer: authority, dnsNames: ['elsewhere.example'] });
const client = makeCertificate('a client', { issuer: authority });
const pem = (text: string): Buffer => Buffer.from(text);
const authorities = [{ name: 'ca.pem', pem: pem(`# comment\n${other.cert}\n${authority.cert}`) }];

const greet: RequestListener = (request, response) => {
  const { subject } = (request.socket as TLSSocket).getPeerCertificate();
  response.end(`hello ${String(subject?.CN ?? 'nobody')}`);
};

async function get(url: string, tls: TlsSettings): Promise<string> {
  await using network = openNetwork({ tls, clock: instantClock() });
  const response = await network.request({ url });
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test('TlsTrust trusts the authorities it is given and no others', async () => {
  await using server = await listen(greet, here);
  assert.equal(await get(server.url, { authorities }), 'hello nobody');
  for (const tls of [{}, { authorities: [{ name: 'ca.pem', pem: pem(other.cert) }] }]) {
    await assert.rejects(get(server.url, tls), (error: Error) => {
      assert.match(error.message, /certificate of 127\.0\.0\.1:\d+ is not trusted/);
      return isNetError(error, 'TLS');
    });
  }
});

test('TlsTrust wants the name as well', async () => {
  await using server = await listen(greet, elsewhere);
  await assert.rejects(get(server.url, { authorities }), { code: 'TLS' });
});

test('TlsTrust wants another name where one is given, and asks for it', async () => {
  const asked: unknown[] = [];
  await using server = await listen((request, response) => {
    asked.push((request.socket as TLSSocket & { readonly servername?: unknown }).servername);
    response.end('hello');
  }, elsewhere);
  const named = (name: string, host: string): TlsSettings => ({ authorities, serverNames: [{ hosts: [host], name }] });
  assert.equal(await get(server.url, named('elsewhere.example', server.host)), 'hello');
  assert.deepEqual(asked, ['elsewhere.example']);
  await assert.rejects(get(server.url, named('nowhere.example', server.host)), { code: 'TLS' });
  await assert.rejects(get(server.url, named('elsewhere.example', '127.0.0.1:1')), { code: 'TLS' });
});

test('TlsTrust trusts the authorities it is given alone where that was asked for', async () => {
  await using server = await listen(greet, here);
  assert.equal(await get(server.url, { authorities, onlyAuthorities: true }), 'hello nobody');
  const trust = new TlsTrust({ authorities: [{ name: 'ca.pem', pem: pem(other.cert) }], onlyAuthorities: true });
  const profile = await trust.profile(new URL(server.url));
  assert.deepEqual(profile.context?.ca, [other.cert.trim()]);
  const unknown = new NetError('TLS', '', '', { cause: { code: 'SELF_SIGNED_CERT_IN_CHAIN' } });
  assert.equal(trust.widen(unknown, profile), false);
  const wide = new TlsTrust({ authorities });
  assert.equal(wide.widen(unknown, await wide.profile(new URL(server.url))), true);
});

test('TlsTrust verifies nothing for hosts where that was asked for, and there alone', async () => {
  await using server = await listen(greet, elsewhere);
  assert.equal(await get(server.url, { insecureHosts: [server.host] }), 'hello nobody');
  assert.equal(await get(server.url, { insecureHosts: ['127.0.0.1'] }), 'hello nobody');
  await assert.rejects(get(server.url, { insecureHosts: ['127.0.0.1:1', 'example.com'] }), { code: 'TLS' });
});

test('TlsTrust shows a client certificate to its hosts alone', async () => {
  const options = { ...here, requestCert: true, rejectUnauthorized: false, ca: authority.cert };
  await using server = await listen(greet, options);
  const shown = { certificate: pem(client.cert), key: pem(client.key) };
  const toHere = { authorities, clientCertificates: [{ hosts: [server.host], ...shown }] };
  const toOthers = { authorities, clientCertificates: [{ hosts: ['other.example'], ...shown }] };
  assert.equal(await get(server.url, toHere), 'hello a client');
  assert.equal(await get(server.url, toOthers), 'hello nobody');
  const broken = {
    authorities,
    clientCertificates: [{ hosts: [server.host], certificate: pem(client.cert), key: pem(here.key) }],
  };
  await assert.rejects(get(server.url, broken), { code: 'TLS', message: /key/ });
});

test('openNetwork() refuses authority files without a certificate, naming them', () => {
  for (const text of ['', 'garbage', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----']) {
    const tls = { authorities: [{ name: '/etc/ca.pem', pem: pem(text) }] };
    assert.throws(() => openNetwork({ tls }), { name: 'NetError', code: 'TLS', message: /\/etc\/ca\.pem/ });
  }
});

test('request() tells a server without TLS from one that is not trusted', async () => {
  await using server = await listen((_request, response) => response.end());
  await assert.rejects(get(`https://${server.host}/`, {}), { code: 'NOT_TLS' });
});

test('request() refuses to be redirected from https to http', async () => {
  await using plain = await listen((_request, response) => response.end('plain'));
  await using server = await listen((_request, response) => {
    response.writeHead(302, { location: plain.url }).end();
  }, here);
  await assert.rejects(get(server.url, { authorities }), { code: 'REDIRECT', message: /downgrade/ });
});

test('request() reaches https hosts through a tunnel and verifies them there', async () => {
  await using server = await listen(greet, makeCertificate('r', { issuer: authority, dnsNames: ['registry.example'] }));
  await using proxy = await listen((_request, response) => response.writeHead(500).end());
  const targets: string[] = [];
  const proofs: (string | undefined)[] = [];
  proxy.server.on('connect', (request, socket) => {
    targets.push(request.url ?? '');
    proofs.push(request.headers['proxy-authorization']);
    const onward = connect(server.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  const settings = { https: `http://me:pw@${proxy.host}` };
  await using network = openNetwork({ proxy: settings, tls: { authorities } });
  for (let round = 0; round < 2; round += 1) {
    const response = await network.request({ url: 'https://registry.example/v2/' });
    assert.equal(response.status, 200);
    for await (const chunk of response.body) assert.equal(Buffer.from(chunk).toString(), 'hello nobody');
  }
  // One tunnel served both requests.
  assert.deepEqual(targets, ['registry.example:443']);
  assert.deepEqual(proofs, [`Basic ${Buffer.from('me:pw').toString('base64')}`]);
  await assert.rejects(network.request({ url: 'https://other.example/' }), { code: 'TLS' });
});
