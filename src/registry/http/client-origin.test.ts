import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import test from 'node:test';
import { clientOrigin, compileProxies, noteOrigin } from './client-origin.ts';

const trusted = ['10.0.0.0/8', '2001:db8:1::/48', '192.0.2.9'];

interface Case {
  readonly from: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly header?: 'forwarded';
  readonly tls?: boolean;
  readonly is: string | undefined;
  readonly scheme?: 'https';
}

const xff = (list: string, proto?: string): Readonly<Record<string, string>> => ({
  'x-forwarded-for': list,
  ...(proto === undefined ? {} : { 'x-forwarded-proto': proto }),
});

const cases: Readonly<Record<string, Case>> = {
  'a client that says it comes from elsewhere': {
    from: '198.51.100.1',
    headers: xff('203.0.113.1', 'https'),
    is: '198.51.100.1',
  },
  'a neighbour of the network': { from: '11.0.0.1', headers: xff('203.0.113.1'), is: '11.0.0.1' },
  'a proxy': { from: '10.1.2.3', headers: xff('203.0.113.1', 'https'), is: '203.0.113.1', scheme: 'https' },
  'a proxy, to a socket of IPv6': { from: '::ffff:10.1.2.3', headers: xff('203.0.113.1'), is: '203.0.113.1' },
  'a proxy of IPv6': { from: '2001:db8:1:2::3', headers: xff('2001:db8:2::1'), is: '2001:db8:2::1' },
  'a proxy behind a proxy': { from: '10.1.2.3', headers: xff('203.0.113.1, 192.0.2.9'), is: '203.0.113.1' },
  'a client that says what is before it': { from: '10.1.2.3', headers: xff('1.1.1.1, 203.0.113.1'), is: '203.0.113.1' },
  'a client that says it is a proxy': {
    from: '10.1.2.3',
    headers: xff('1.1.1.1, 10.9.9.9, 203.0.113.1'),
    is: '203.0.113.1',
  },
  'a client in a network of proxies': { from: '10.1.2.3', headers: xff('10.2.2.2'), is: '10.2.2.2' },
  'a proxy that does not know': { from: '10.1.2.3', headers: xff('1.1.1.1, unknown'), is: '10.1.2.3' },
  'a proxy that says nothing': { from: '10.1.2.3', is: '10.1.2.3' },
  'a proxy that is asked by TLS': {
    from: '10.1.2.3',
    headers: xff('203.0.113.1'),
    tls: true,
    is: '203.0.113.1',
    scheme: 'https',
  },
  'the other header': {
    from: '10.1.2.3',
    headers: { ...xff('203.0.113.1'), forwarded: 'for=1.1.1.1' },
    is: '203.0.113.1',
  },
  'the other header alone': { from: '10.1.2.3', headers: { forwarded: 'for=1.1.1.1;proto=https' }, is: '10.1.2.3' },
  'a proxy with Forwarded': {
    from: '10.1.2.3',
    headers: {
      ...xff('1.1.1.1', 'http'),
      forwarded: 'for=2.2.2.2, for=203.0.113.1;proto=https, for=192.0.2.9;proto=http',
    },
    header: 'forwarded',
    is: '203.0.113.1',
    scheme: 'https',
  },
  'a connection that was closed': { from: undefined, headers: xff('203.0.113.1'), is: undefined },
};

for (const [
  title,
  { from, headers = {}, header = 'x-forwarded-for', tls = false, is, scheme = 'http' },
] of Object.entries(cases)) {
  test(`clientOrigin() of ${title}`, () => {
    const request = { headers, socket: { remoteAddress: from, encrypted: tls } } as unknown as IncomingMessage;
    noteOrigin(request, compileProxies({ trusted, header }));
    assert.deepEqual(clientOrigin(request), { address: is, scheme });
  });
}

test('clientOrigin() believes nobody where no proxies are named, and remembers', () => {
  const socket: { remoteAddress: string | undefined } = { remoteAddress: '10.1.2.3' };
  const request = { headers: xff('203.0.113.1'), socket } as unknown as IncomingMessage;
  assert.equal(compileProxies({ trusted: [], header: 'x-forwarded-for' }), undefined);
  noteOrigin(request, undefined);
  socket.remoteAddress = undefined;
  assert.equal(clientOrigin(request).address, '10.1.2.3');
});
