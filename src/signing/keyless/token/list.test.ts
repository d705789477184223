import assert from 'node:assert/strict';
import { createServer, type Http2Server } from 'node:http2';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../../testing/image/temporary-directory.ts';
import { listen } from '../../../../testing/registry/listen.ts';
import { openNetwork } from '../../../net/open-network.ts';
import { encodeField, readFields } from '../proto-wire.ts';
import { ambientToken } from './list.ts';
import type { TokenSurroundings } from './source.ts';

const network = openNetwork();

function surroundings(env: Record<string, string>, files: Readonly<Record<string, string>> = {}): TokenSurroundings {
  return {
    env,
    network,
    readText: (path) => Promise.resolve(files[path]),
    hasSocket: (path) => Promise.resolve(existsSync(path)),
    audience: 'sigstore',
  };
}

test('ambientToken() finds none where there is none', async () => {
  assert.equal(await ambientToken(surroundings({})), undefined);
  await assert.rejects(ambientToken(surroundings({}), 'github-actions'), { code: 'IDENTITY_TOKEN_UNAVAILABLE' });
  await assert.rejects(ambientToken(surroundings({}), 'gihub'), /write one of env, github-actions/);
});

test('ambientToken() reads a variable and a file', async () => {
  assert.equal(await ambientToken(surroundings({ SIGSTORE_ID_TOKEN: 'from-gitlab' })), 'from-gitlab');
  const files = { '/var/run/sigstore/cosign/oidc-token': 'from-file\n' };
  assert.equal(await ambientToken(surroundings({}, files)), 'from-file');
  assert.equal(await ambientToken(surroundings({ SIGSTORE_ID_TOKEN: 'v' }, files), 'filesystem'), 'from-file');
});

test('ambientToken() asks GitHub Actions for its audience', async () => {
  const seen: (string | undefined)[] = [];
  await using server = await listen((request, response) => {
    seen.push(request.url, request.headers.authorization);
    response.end('{"count":1,"value":"from-github"}');
  });
  const env = { ACTIONS_ID_TOKEN_REQUEST_URL: `${server.url}/t?v=1`, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'hush-hush-hush' };
  assert.equal(await ambientToken(surroundings(env)), 'from-github');
  assert.deepEqual(seen, ['/t?v=1&audience=sigstore', 'Bearer hush-hush-hush']);
  await assert.rejects(ambientToken(surroundings({ ...env, ACTIONS_ID_TOKEN_REQUEST_URL: 'x' })), {
    code: 'IDENTITY_TOKEN_UNAVAILABLE',
  });
});

test('ambientToken() keeps the secrets of a refusing service out of its error', async () => {
  await using server = await listen((request, response) => {
    response.writeHead(403).end(`{"message":"no ${request.headers.authorization ?? ''}"}`);
  });
  const env = { ACTIONS_ID_TOKEN_REQUEST_URL: server.url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'hush-hush-hush' };
  await assert.rejects(
    ambientToken(surroundings(env)),
    (error: Error & { code?: string }) => error.code === 'SERVICE_REFUSED' && !error.message.includes('hush'),
  );
});

test('ambientToken() asks Buildkite for the job', async () => {
  await using server = await listen((request, response) => {
    const good =
      request.url === '/v3/jobs/a%2Fb/oidc/tokens' &&
      request.method === 'POST' &&
      request.headers.authorization === 'Token agent-token';
    response.writeHead(good ? 200 : 404).end('{"token":"from-buildkite"}');
  });
  const env = {
    BUILDKITE_AGENT_ACCESS_TOKEN: 'agent-token',
    BUILDKITE_JOB_ID: 'a/b',
    BUILDKITE_AGENT_ENDPOINT: `${server.url}/v3`,
  };
  assert.equal(await ambientToken(surroundings(env)), 'from-buildkite');
});

test("ambientToken() asks Google's metadata service on Google's machines alone", async () => {
  await using server = await listen((request, response) => {
    const good =
      request.headers['metadata-flavor'] === 'Google' &&
      request.url === '/computeMetadata/v1/instance/service-accounts/default/identity?audience=sigstore&format=full';
    response.writeHead(good ? 200 : 404).end('from-google');
  });
  assert.equal(await ambientToken(surroundings({ GCE_METADATA_HOST: server.host })), 'from-google');
  const files = { '/sys/class/dmi/id/product_name': 'VirtualBox\n' };
  assert.equal(await ambientToken(surroundings({}, files)), undefined);
});

test('ambientToken() speaks gRPC with the SPIFFE agent', async () => {
  using folder = temporaryDirectory();
  const socket = join(folder.path, 'api.sock');
  await using agent = await spiffeAgent(socket, ({ header, audience }) =>
    header === 'true' && audience === 'sigstore' ? 'from-spiffe' : undefined,
  );
  assert.ok(agent);
  const env = { SPIFFE_ENDPOINT_SOCKET: `unix://${socket}` };
  assert.equal(await ambientToken(surroundings(env)), 'from-spiffe');
});

test('ambientToken() says why the SPIFFE agent gives no token', async () => {
  using folder = temporaryDirectory();
  const socket = join(folder.path, 'api.sock');
  const env = { SPIFFE_ENDPOINT_SOCKET: `unix://${socket}` };
  const refused = { code: 'IDENTITY_TOKEN_UNAVAILABLE' };
  await assert.rejects(ambientToken(surroundings(env)), refused);
  await using agent = await spiffeAgent(socket, () => undefined);
  assert.ok(agent);
  await assert.rejects(ambientToken(surroundings(env)), /status 7: no identity issued/);
  await assert.rejects(ambientToken(surroundings({ SPIFFE_ENDPOINT_SOCKET: 'tcp://127.0.0.1:1' })), refused);
});

interface Asked {
  readonly header: string;
  readonly audience: string;
}

async function spiffeAgent(socket: string, tokenFor: (asked: Asked) => string | undefined): Promise<AsyncDisposable> {
  const server: Http2Server = createServer();
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
    stream.on('end', () => {
      const [audience] = readFields(Buffer.concat(chunks).subarray(5));
      const asked = { header: String(headers['workload.spiffe.io']), audience: audience?.bytes.toString() ?? '' };
      const token = headers[':path'] === '/SpiffeWorkloadAPI/FetchJWTSVID' ? tokenFor(asked) : undefined;
      const contentType = { ':status': 200, 'content-type': 'application/grpc' };
      if (token === undefined) {
        stream.respond({ ...contentType, 'grpc-status': '7', 'grpc-message': 'no identity issued' });
        stream.end();
        return;
      }
      stream.respond(contentType, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      const svid = Buffer.concat([encodeField(1, Buffer.from('spiffe://a/b')), encodeField(2, Buffer.from(token))]);
      const message = encodeField(1, svid);
      const prefix = Buffer.alloc(5);
      prefix.writeUInt32BE(message.length, 1);
      stream.end(Buffer.concat([prefix, message]));
    });
  });
  server.listen(socket);
  await once(server, 'listening');
  return { [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())) };
}
