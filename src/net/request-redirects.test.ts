import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, codeOf, echo, textOf } from '../../testing/network-answers.ts';
import { listen } from '../../testing/registry/listen.ts';
import { openNetwork } from './open-network.ts';

test('request() hands redirects over where they are not to be followed', async () => {
  let requests = 0;
  await using server = await listen((_request, response) => {
    requests += 1;
    response.writeHead(302, { location: '/elsewhere' }).end();
  });
  await using network = openNetwork();
  const response = await network.request({ url: server.url, followRedirects: false });
  response.discard();
  assert.deepEqual([response.status, response.headers.get('location'), requests], [302, '/elsewhere', 1]);
});

test('request() follows redirects of GET, and drops credentials on the way to another port', async () => {
  await using other = await listen(echo);
  await using server = await listen((request, response) => {
    if (request.url === '/same') response.writeHead(302, { location: '/echo' }).end();
    else if (request.url === '/other') response.writeHead(307, { location: `${other.url}/x` }).end();
    else if (request.url === '/round') response.writeHead(301, { location: '/round' }).end();
    else echo(request, response);
  });
  await using network = openNetwork();
  const headers = { authorization: 'Bearer secret' };
  assert.equal((await ask(network, { url: `${server.url}/same`, headers })).authorization, 'Bearer secret');
  const away = await network.request({ url: `${server.url}/other`, headers });
  assert.equal(away.url.host, other.host);
  assert.equal((JSON.parse(await textOf(away)) as { authorization?: string }).authorization, undefined);
  assert.equal(await codeOf(network.request({ url: `${server.url}/round` })), 'REDIRECT');
  const posted = await network.request({ method: 'POST', url: `${server.url}/other`, body: Buffer.from('x') });
  assert.equal(posted.status, 307);
});
