import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf, echo, textOf } from '../../testing/network-answers.ts';
import { listen } from '../../testing/registry/listen.ts';
import { isNetError } from './error.ts';
import { openNetwork } from './open-network.ts';

test('request() asks a plain proxy for plain addresses, with its own password and no one else is told', async () => {
  let asked: string | undefined;
  let proof: string | undefined;
  await using proxy = await listen((request, response) => {
    asked = request.url;
    proof = request.headers['proxy-authorization'];
    response.end(request.headers.host);
  });
  await using network = openNetwork({
    proxy: { http: `http://me:pw@${proxy.host}` },
    plainHttpHosts: ['registry.example'],
  });
  assert.equal(
    await textOf(await network.request({ url: 'http://registry.example:5000/v2/?n=1' })),
    'registry.example:5000',
  );
  assert.equal(asked, 'http://registry.example:5000/v2/?n=1');
  assert.equal(proof, `Basic ${Buffer.from('me:pw').toString('base64')}`);
  await using server = await listen((request, response) =>
    response.end(request.headers['proxy-authorization'] ?? 'none'),
  );
  assert.equal(await textOf(await network.request({ url: server.url })), 'none');
});

test('request() says when it is the proxy that fails', async () => {
  await using picky = await listen(echo);
  picky.server.on('connect', (_request, socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'));
  await using wanting = openNetwork({ proxy: { https: `http://me:hunter2@${picky.host}` } });
  await assert.rejects(wanting.request({ url: 'https://registry.example/' }), (error: Error) => {
    assert.match(error.message, /407.*password/);
    assert.doesNotMatch(error.message, /hunter2/);
    return isNetError(error, 'PROXY');
  });
  await using absent = openNetwork({ proxy: { https: 'http://127.0.0.1:1' } });
  assert.equal(await codeOf(absent.request({ url: 'https://registry.example/' })), 'PROXY');
});
