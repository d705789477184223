import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { makeCertificate, makeRevocationList, type TestCertificate } from '../../testing/registry/certificate.ts';
import { type ServiceOfText, startServiceOf } from '../../testing/registry/service-of-text.ts';
import { rawHead } from '../../testing/registry/raw-http.ts';

const authority = makeCertificate('Clients');
const other = makeCertificate('Others');
const server = makeCertificate('registry', { ips: ['127.0.0.1'] });
const clients = {
  alice: makeCertificate('alice', { issuer: authority, units: ['dev', 'ops'] }),
  bob: makeCertificate('bob', { issuer: authority }),
  expired: makeCertificate('alice', { issuer: authority, notAfter: Date.now() - 1000 }),
  stranger: makeCertificate('alice', { issuer: other }),
  ownMade: makeCertificate('alice'),
  // An authority's name, and not its key.
  forged: makeCertificate('alice', { issuer: { ...other, name: 'Clients' } }),
  revoked: makeCertificate('alice', { issuer: authority }),
} satisfies Readonly<Record<string, TestCertificate>>;

/** With another `reload`, a configuration is another one, and its files are looked at at once. */
const settings = (reload: string): string => `
registry:
  listen: 127.0.0.1:0
  tls: { cert: cert.pem, key: key.pem, clientCa: clients.pem, clientCrl: crl.pem, reload: ${reload} }
  auth: { certificates: { groups: true } }
  permissions:
    - { repositories: [alice/**], actions: [list], to: ['certificate:alice'] }
    - { repositories: [ops/**], actions: [list], to: ['group:ops'] }
    - { repositories: [all/**], actions: [list], to: [authenticated] }
`;

describe('clients with certificates', () => {
  let own: ServiceOfText;
  before(async () => {
    own = await startServiceOf(settings('1h'), {
      'cert.pem': server.cert,
      'key.pem': server.key,
      'clients.pem': authority.cert,
      'crl.pem': makeRevocationList(authority, [clients.revoked]),
    });
  });
  after(() => own[Symbol.asyncDispose]());

  /** Connects, perhaps as somebody, perhaps going on with a session. */
  async function open(
    who?: TestCertificate,
    session?: Buffer,
    maxVersion: 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.3',
  ): Promise<TLSSocket> {
    const { hostname: host, port } = new URL(own.url);
    const shown = who === undefined ? {} : { cert: who.cert, key: who.key };
    return await new Promise<TLSSocket>((resolve, reject) => {
      const options = { host, port: Number(port), ca: server.cert, maxVersion, ...shown };
      const socket: TLSSocket = connect({ ...options, ...(session === undefined ? {} : { session }) }, () =>
        resolve(socket),
      );
      socket.on('error', reject);
    });
  }

  /** The status of a list of tags: 404 for those who may see that nothing is there. */
  async function list(socket: TLSSocket, repository: string): Promise<number> {
    socket.write(rawHead(`GET /v2/${repository}/app/tags/list`));
    for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      return Number(/^HTTP\/1\.1 (\d+) /.exec(chunk.toString())?.[1]);
    }
    return 0;
  }

  async function seen(who: TestCertificate | undefined): Promise<readonly number[]> {
    const statuses: number[] = [];
    for (const repository of ['alice', 'ops', 'all']) {
      const socket = await open(who);
      statuses.push(await list(socket, repository));
      socket.destroy();
    }
    return statuses;
  }

  for (const [title, who, statuses] of [
    ['nobody in particular', undefined, [401, 401, 401]],
    ['a name and its units', clients.alice, [404, 404, 404]],
    ['another name', clients.bob, [403, 403, 404]],
    ['one that is over', clients.expired, [401, 401, 401]],
    ['one of another authority', clients.stranger, [401, 401, 401]],
    ['one that its owner made', clients.ownMade, [401, 401, 401]],
    ['one in the name of the authority', clients.forged, [401, 401, 401]],
    ['one that was revoked', clients.revoked, [401, 401, 401]],
  ] as const) {
    test(`${title} is ${statuses.join(' ')}`, async () => assert.deepEqual(await seen(who), statuses));
  }

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    test(`what was revoked lives on in no connection and no session of ${version}`, async () => {
      const leaver = makeCertificate('alice', { issuer: authority });
      const [idle, sessions] = [await open(leaver, undefined, version), [] as Buffer[]];
      idle.on('session', (session) => sessions.push(session));
      assert.equal(await list(idle, 'alice'), 404);
      const session = sessions.at(-1) ?? idle.getSession();
      const again = await open(leaver, session, version);
      assert.deepEqual([await list(again, 'alice'), again.isSessionReused()], [404, true], 'while it is good');
      again.destroy();
      const closed = new Promise((resolve) => {
        idle.once('close', resolve);
      });
      idle.resume();
      own.folder.write('crl.pem', makeRevocationList(authority, [clients.revoked, leaver]));
      await own.apply(settings(version === 'TLSv1.2' ? '2h' : '3h'));
      await closed;
      assert.deepEqual(await seen(leaver), [401, 401, 401]);
      const resumed = await open(leaver, session, version);
      assert.equal(await list(resumed, 'alice'), 401);
      resumed.destroy();
      assert.deepEqual(await seen(clients.alice), [404, 404, 404], 'others stay');
    });
  }

  test('with a list that is out of date, nobody is taken; with one that is none, the one before stays', async () => {
    own.folder.write('crl.pem', 'no list');
    await assert.rejects(own.apply(settings('4h')), /clientCrl.+no list of revoked certificates/);
    assert.deepEqual(await seen(clients.alice), [404, 404, 404]);
    own.folder.write('crl.pem', makeRevocationList(authority, [], Date.now() - 1000));
    await own.apply(settings('5h'));
    assert.deepEqual(await seen(clients.alice), [401, 401, 401]);
  });
});
