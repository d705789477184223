import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { hashSync } from 'bcryptjs';
import { systemClock } from '../../net/clock.ts';
import { openNetwork } from '../../net/open-network.ts';
import { parseAuthChallenges } from '../../oci/client/auth-challenge.ts';
import type { Credential } from '../../oci/client/credential.ts';
import { fetchToken } from '../../oci/client/token.ts';
import { memoryRobots } from '../../../testing/registry-auth/memory-robots.ts';
import { type Listening, listen } from '../../../testing/registry/listen.ts';
import { type Access, parseScopes } from './access.ts';
import { bearerChallenge } from './challenge.ts';
import { CredentialCache } from './credential-cache.ts';
import { parseAuthorization } from './credentials.ts';
import { firstOf } from './first-of.ts';
import { HtpasswdAuthenticator } from './htpasswd/authenticator.ts';
import { BcryptPool } from './htpasswd/bcrypt-pool.ts';
import { PasswordFile } from './htpasswd/password-file.ts';
import { anonymous, formatIdentity } from './identity.ts';
import { allowedActions, compileGrants } from './permission.ts';
import { RobotAuthenticator } from './robot/authenticator.ts';
import { createRobot } from './robot/manage.ts';
import { answerTokenRequest } from './token/answer.ts';
import { TokenAuthenticator } from './token/authenticator.ts';
import { makeTokenKey, prepareTokenKeys } from './token/keys.ts';
import { TokenService } from './token/service.ts';

const grants = compileGrants([
  { repositories: ['public/*'], actions: ['pull'], to: ['anonymous'] },
  { repositories: ['team/*'], actions: ['pull', 'push'], to: ['user:alice'] },
]);

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** The parts put together as a registry does: passwords behind the guard, secrets that nobody guesses beside it. */
async function openRegistry(folder: string, pool: BcryptPool) {
  const path = join(folder, 'users');
  await writeFile(path, `alice:${hashSync('secret', 4)}\n`);
  const records = memoryRobots();
  const users = new CredentialCache(new HtpasswdAuthenticator(new PasswordFile(path, systemClock), pool), {
    clock: systemClock,
  });
  const sources = firstOf([new RobotAuthenticator(records, systemClock), users]);
  const settings = { issuer: 'reg', service: 'reg.example.com', keys: prepareTokenKeys(makeTokenKey()) };
  const tokens = new TokenAuthenticator(settings, sources, systemClock);
  const service = new TokenService({ ...settings, grants: () => grants, authenticator: sources, clock: systemClock });
  const doors = firstOf([tokens, sources], 'doors');
  let server: Listening | undefined;
  server = await listen((request, response) => {
    void (async () => {
      const url = new URL(request.url ?? '', server?.url);
      const { authorization } = request.headers;
      const address = request.socket.remoteAddress;
      const context = address === undefined ? {} : { address };
      if (url.pathname === '/token') {
        const body = await read(request);
        const exchange = {
          method: request.method ?? '',
          query: url.searchParams,
          authorization,
          contentType: request.headers['content-type'],
          body,
        };
        const answer = await answerTokenRequest(service, doors, exchange, context);
        return response.writeHead(answer.status, answer.headers).end(JSON.stringify(answer.body));
      }
      const credentials = parseAuthorization(authorization);
      const identity = credentials.kind === 'none' ? anonymous : await doors.authenticate(credentials, context);
      const name = url.pathname.slice(1);
      const allowed = identity === undefined ? [] : allowedActions(grants, identity, name);
      if (identity !== undefined && allowed.length > 0)
        return response.end(`${formatIdentity(identity)} ${allowed.join(',')}`);
      const access: readonly Access[] = parseScopes([`repository:${name}:pull`]);
      const realm = new URL('/token', server?.url);
      return response
        .writeHead(401, { 'www-authenticate': bearerChallenge({ realm, service: settings.service, access }) })
        .end();
    })();
  });
  return { server, records };
}

test('a client logs in as the challenge says, with a password, a robot secret, or nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'seaworthy-login-'));
  await using pool = new BcryptPool(1);
  const { server, records } = await openRegistry(folder, pool);
  await using listening = server;
  await using network = openNetwork();
  try {
    const robot = await createRobot(
      records,
      { name: 'ci', grants: [{ repositories: ['team/app'], actions: ['push'] }] },
      { kind: 'user', name: 'alice' },
      Date.now(),
    );
    const visit = async (name: string, credential?: Credential, actions = 'pull,push'): Promise<string> => {
      const get = async (headers: Record<string, string>) => {
        const response = await network.request({ url: `${listening.url}/${name}`, headers });
        const chunks: Uint8Array[] = [];
        for await (const chunk of response.body) chunks.push(chunk);
        return { response, text: Buffer.concat(chunks).toString() };
      };
      const first = await get({});
      if (first.response.status === 200) return first.text;
      const [challenge] = parseAuthChallenges(first.response.headers.get('www-authenticate') ?? '');
      const realm = new URL(challenge?.parameters.get('realm') ?? '');
      const scopes = [`repository:${name}:${actions}`];
      const token = await fetchToken(network, {
        realm,
        service: challenge?.parameters.get('service'),
        scopes,
        credential,
      });
      const second = await get({ authorization: `Bearer ${token.value}` });
      return second.response.status === 200 ? second.text : String(second.response.status);
    };
    const alice: Credential = { kind: 'password', username: 'alice', password: 'secret' };
    assert.equal(await visit('public/app'), 'anonymous pull');
    assert.equal(await visit('team/app'), '401');
    assert.equal(await visit('team/app', alice), 'user:alice pull,push');
    assert.equal(await visit('team/app', alice, 'pull'), 'user:alice pull');
    assert.equal(await visit('other', alice), '401');
    assert.equal(
      await visit('team/app', { kind: 'password', username: 'robot+ci', password: robot.secret }),
      'robot:ci push',
    );
    await assert.rejects(
      visit('team/app', { ...alice, password: 'wrong' }),
      /incorrect|not right|refused|credentials/i,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
