import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ber } from '../../../../testing/registry-auth/ber.ts';
import {
  type LdapEntry,
  type LdapServerOptions,
  result,
  startLdapServer,
} from '../../../../testing/registry-auth/ldap-server.ts';
import { makeCertificate } from '../../../../testing/registry/certificate.ts';
import { isRegistryAuthError } from '../error.ts';
import type { Identity } from '../identity.ts';
import { LdapAuthenticator } from './authenticator.ts';
import { ldapLimits } from './limits.ts';
import type { LdapSettings } from './settings.ts';

const people = 'ou=people,dc=example,dc=com';
const groupBase = 'ou=groups,dc=example,dc=com';
const person = (uid: string, password: string, more: Readonly<Record<string, readonly string[]>> = {}): LdapEntry => ({
  dn: `uid=${uid},${people}`,
  password,
  attributes: { uid: [uid], objectClass: ['person'], ...more },
});
const entries: readonly LdapEntry[] = [
  { dn: 'cn=reader,dc=example,dc=com', password: 'reads', attributes: { cn: ['reader'] } },
  person('Alice', 'secret', {
    memberof: [
      `cn=dev,${groupBase}`,
      `CN=Ops Team,OU=Groups,DC=Example,DC=Com`,
      `cn=root,ou=evil,dc=example,dc=com`,
      'nonsense',
    ],
    pwdLastSet: ['1'],
  }),
  person('bob*', 'secret'),
  person('twin', 'one', { employee: ['1'] }),
  { ...person('twin', 'two'), dn: `uid=twin,ou=other,${people}` },
  { dn: `cn=release,${groupBase}`, attributes: { cn: ['release'], member: [`uid=Alice,${people}`] } },
  { dn: `cn=other,${groupBase}`, attributes: { cn: ['other'], member: [`uid=bob*,${people}`] } },
];

const authority = makeCertificate('Directory CA');
const certificate = makeCertificate('directory', { issuer: authority, ips: ['127.0.0.1'] });

async function bench(options: Partial<LdapServerOptions> = {}, more: Partial<LdapSettings> = {}) {
  const server = await startLdapServer({ entries, ...options });
  const clock = { time: 0 };
  const authenticator = new LdapAuthenticator(
    {
      url: `ldap${options.ldaps === true ? 's' : ''}://127.0.0.1:${server.port}`,
      bind: { dn: 'cn=reader,dc=example,dc=com', password: 'reads' },
      users: { base: 'dc=example,dc=com', filter: '(&(objectClass=person)(uid={user}))', nameAttribute: 'uid' },
      groups: { kind: 'attribute', attribute: 'memberOf', base: groupBase },
      ...more,
    },
    { monotonic: () => clock.time },
  );
  const look = (user: string, password: string): Promise<Identity | undefined> =>
    authenticator.authenticate({ kind: 'basic', user, password }, {});
  return {
    server,
    clock,
    authenticator,
    look,
    /** Who comes in, with the groups. */
    async login(user: string, password: string): Promise<string> {
      try {
        const identity = await look(user, password);
        return identity === undefined ? 'wrong' : [identity.kind, identity.name, ...identity.groups].join(' ');
      } catch (error) {
        return isRegistryAuthError(error) ? error.code : String(error);
      }
    },
    async [Symbol.asyncDispose]() {
      await authenticator[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

test('a user is found, verified and called as the directory calls it', async () => {
  await using world = await bench();
  assert.equal(await world.login('Alice', 'secret'), 'user Alice dev Ops Team');
  assert.equal(await world.login('ALICE', 'secret'), 'user Alice dev Ops Team');
  assert.equal(await world.login('bob*', 'secret'), 'user bob*');
  assert.equal(await world.login('Alice', 'wrong'), 'wrong');
  assert.equal(await world.login('nobody', 'secret'), 'wrong');
  // One connection searches, each password has one of its own.
  assert.equal(world.server.connections, 1 + 5);
  assert.equal(world.authenticator.fits({ kind: 'bearer', token: 'x' }), 'no');
  assert.equal(await world.authenticator.authenticate({ kind: 'bearer', token: 'x' }, {}), undefined);
});

test('an empty password, which every directory takes, opens nothing', async () => {
  await using world = await bench();
  assert.equal(await world.login('Alice', ''), 'wrong');
  assert.equal(await world.login('', 'secret'), 'wrong');
  assert.equal(world.server.connections, 0);
});

test('a user name is a name, whatever is written in it', async () => {
  await using world = await bench();
  for (const user of [
    '*',
    'A*',
    'Alice)(uid=*',
    '*)(|(uid=*',
    'Alice\0',
    '\\41lice',
    'Alice,ou=people',
    '(',
    '{user}',
  ]) {
    assert.equal(await world.login(user, 'secret'), 'wrong', user);
  }
  assert.ok(
    world.server.searches.every((filter) => filter.startsWith('(&(objectClass=person)(uid=') && !filter.includes('~')),
  );
});

test('two users of one name are nobody', async () => {
  await using world = await bench();
  assert.equal(await world.login('twin', 'one'), 'wrong');
  assert.equal(await world.login('twin', 'two'), 'wrong');
});

test('an unknown user costs a bind as well, and the directory does not see the password', async () => {
  await using world = await bench();
  await world.login('nobody', 'my-password');
  const [search, bind, ...rest] = world.server.binds;
  assert.deepEqual([search?.password, rest.length], ['reads', 0]);
  assert.notEqual(bind?.password, 'my-password');
  assert.match(bind?.dn ?? '', /^cn=[\da-f]{32},dc=example,dc=com$/);
});

test('groups may be searched', async () => {
  const search = { kind: 'search', base: groupBase, filter: '(member={dn})', nameAttribute: 'cn' } as const;
  await using world = await bench({}, { groups: search });
  assert.equal(await world.login('alice', 'secret'), 'user Alice release');
  assert.equal(await world.login('bob*', 'secret'), 'user bob* other');
});

test('passwords go over TLS: from the start, and by StartTLS', async () => {
  const tls = { cert: certificate.cert, key: certificate.key };
  for (const [options, settings] of [
    [{ tls, ldaps: true }, {}],
    [{ tls }, { startTls: true }],
  ] as const) {
    await using world = await bench(options, { ca: authority.cert, ...settings });
    assert.equal(await world.login('Alice', 'secret'), 'user Alice dev Ops Team');
    assert.equal(world.server.binds.length, 2);
    assert.ok(world.server.binds.every(({ encrypted }) => encrypted));
  }
});

test('a directory that proves itself in no way hears no password', async () => {
  const other = makeCertificate('Other CA');
  const named = makeCertificate('directory', { issuer: authority, dnsNames: ['other.example.com'] });
  const cases = [
    { tls: certificate, ca: other.cert },
    { tls: certificate, ca: undefined },
    { tls: named, ca: authority.cert },
  ];
  for (const ldaps of [true, false]) {
    for (const { tls, ca } of cases) {
      await using world = await bench({ tls, ldaps }, { startTls: !ldaps, ...(ca === undefined ? {} : { ca }) });
      assert.equal(await world.login('Alice', 'secret'), 'AUTH_UNAVAILABLE');
      assert.deepEqual(world.server.binds, []);
    }
  }
});

test('StartTLS that is refused, or answered with more than an answer, ends the connection', async () => {
  const tls = { cert: certificate.cert, key: certificate.key };
  const bound = ber(0x30, ber(0x02, Buffer.from([2])), result(0x61, 0));
  const answers: readonly ((usual: Buffer) => Buffer)[] = [
    () => ber(0x30, ber(0x02, Buffer.from([1])), result(0x78, 2)),
    () => ber(0x30, ber(0x02, Buffer.from([7])), result(0x78, 0)),
    () => ber(0x30, ber(0x02, Buffer.from([1])), result(0x61, 0)),
    () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
    (usual) => Buffer.concat([usual, bound]),
    (usual) => Buffer.concat([usual, bound.subarray(0, bound.length - 3)]),
    () => Buffer.alloc(ldapLimits.startTlsBytes + 1, 0x30),
  ];
  for (const change of answers) {
    const answer = (request: string, usual: Buffer): Buffer => (request === '77' ? change(usual) : usual);
    await using world = await bench({ tls, answer }, { startTls: true, ca: authority.cert });
    assert.equal(await world.login('Alice', 'secret'), 'AUTH_UNAVAILABLE', String(change));
    assert.deepEqual(world.server.binds, []);
  }
});

test('a connection that was lost is opened anew, encrypted like the first', async () => {
  const tls = { cert: certificate.cert, key: certificate.key };
  await using world = await bench({ tls }, { startTls: true, ca: authority.cert });
  for (const _ of [1, 2, 3]) {
    assert.equal(await world.login('Alice', 'secret'), 'user Alice dev Ops Team');
    world.server.hangUp();
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  assert.ok(world.server.binds.every(({ encrypted }) => encrypted));
  assert.equal(world.server.binds.filter(({ dn }) => dn.startsWith('cn=reader')).length, 3);
});

test('what a directory says of an account is a wrong password, all else is "could not look"', async () => {
  const cases: readonly (readonly [code: number, answer: string])[] = [
    [49, 'wrong'],
    [19, 'wrong'],
    [53, 'wrong'],
    [32, 'wrong'],
    [48, 'wrong'],
    [1, 'AUTH_UNAVAILABLE'],
    [8, 'AUTH_UNAVAILABLE'],
    [13, 'AUTH_UNAVAILABLE'],
    [51, 'AUTH_UNAVAILABLE'],
    [52, 'AUTH_UNAVAILABLE'],
    [80, 'AUTH_UNAVAILABLE'],
  ];
  for (const [code, expected] of cases) {
    let binds = 0;
    const answer = (request: string, usual: Buffer): Buffer => {
      if (request === '60') binds += 1;
      return request === '60' && binds === 2 ? ber(0x30, ber(0x02, Buffer.from([2])), result(0x61, code)) : usual;
    };
    await using world = await bench({ answer });
    assert.equal(await world.login('Alice', 'secret'), expected, String(code));
  }
  // The account that searches is not the user: its trouble is not a wrong password.
  await using denied = await bench({}, { bind: { dn: 'cn=reader,dc=example,dc=com', password: 'old' } });
  assert.equal(await denied.login('Alice', 'secret'), 'AUTH_UNAVAILABLE');
});

test('a directory that answers a search with trouble, nonsense or too much could not be asked', async () => {
  const searchResult = (code: number): Buffer => ber(0x30, ber(0x02, Buffer.from([3])), result(0x65, code));
  for (const bytes of [searchResult(1), searchResult(32), searchResult(50), searchResult(52)]) {
    await using world = await bench({ answer: (request, usual) => (request === '63' ? bytes : usual) });
    assert.equal(await world.login('Alice', 'secret'), 'AUTH_UNAVAILABLE');
  }
  // An answer that never ends.
  const flood = ber(0x30, Buffer.alloc(2 * ldapLimits.answerBytes)).subarray(0, ldapLimits.answerBytes + 1);
  await using flooding = await bench({ answer: (request, usual) => (request === '63' ? flood : usual) });
  await assert.rejects(flooding.look('Alice', 'secret'), /too much/);
  await using closed = await bench({
    answer(request, usual, socket) {
      if (request === '63') socket.destroy();
      return usual;
    },
  });
  assert.equal(await closed.login('Alice', 'secret'), 'AUTH_UNAVAILABLE');
  const world = await bench();
  await world[Symbol.asyncDispose]();
  assert.equal(await world.login('Alice', 'secret'), 'AUTH_UNAVAILABLE');
});

test('whoever leaves stops waiting', async () => {
  await using silent = await bench({ answer: (request, usual) => (request === '63' ? undefined : usual) });
  const signal = AbortSignal.timeout(50);
  const credentials = { kind: 'basic', user: 'Alice', password: 'secret' } as const;
  await assert.rejects(silent.authenticator.authenticate(credentials, { signal }), /timeout/i);
});

test('renew() asks again, though not all the time', async () => {
  const users = { base: people, filter: '(uid={user})', nameAttribute: 'uid', passwordAttribute: 'pwdLastSet' };
  await using world = await bench({}, { users });
  const identity = (await world.look('alice', 'secret')) as Identity;
  const renew = async (): Promise<string> => {
    const now = await world.authenticator.renew(identity, {});
    return now === undefined ? 'gone' : now.groups.join(' ');
  };
  const change = (more: Readonly<Record<string, readonly string[]>>): void => {
    world.server.entries = [...entries.slice(0, 1), person('Alice', 'secret', { pwdLastSet: ['1'], ...more })];
  };
  assert.equal(await renew(), 'dev Ops Team');
  change({ memberOf: [`cn=left,${groupBase}`] });
  assert.equal(await renew(), 'dev Ops Team');
  world.clock.time += ldapLimits.renewFor;
  assert.equal(await renew(), 'left');
  change({ pwdLastSet: ['2'] });
  world.clock.time += ldapLimits.renewFor;
  assert.equal(await renew(), 'gone');
  change({});
  world.clock.time += ldapLimits.renewFor;
  assert.equal(await renew(), '');
  world.server.entries = entries.slice(0, 1);
  world.clock.time += ldapLimits.renewFor;
  assert.equal(await renew(), 'gone');
  assert.equal(await world.authenticator.renew({ ...identity, kind: 'robot' }, {}), undefined);
  await world.server[Symbol.asyncDispose]();
  world.clock.time += ldapLimits.renewFor;
  await assert.rejects(renew(), (error) => isRegistryAuthError(error, 'AUTH_UNAVAILABLE'));
});

test('so many passwords are checked at a time, and no more', async () => {
  let isSilent = true;
  const isUser = (binds: number): boolean => binds > 1;
  let binds = 0;
  const answer = (request: string, usual: Buffer): Buffer | undefined => {
    if (request === '60') binds += 1;
    return request === '60' && isUser(binds) && isSilent ? undefined : usual;
  };
  await using world = await bench({ answer });
  const controller = new AbortController();
  let refused = 0;
  const few = Promise.withResolvers<void>();
  const logins = Array.from({ length: ldapLimits.binds + 3 }, async () => {
    const credentials = { kind: 'basic', user: 'Alice', password: 'secret' } as const;
    await world.authenticator.authenticate(credentials, { signal: controller.signal }).catch((error: unknown) => {
      if (isRegistryAuthError(error, 'AUTH_UNAVAILABLE')) refused += 1;
      if (refused === 3) few.resolve();
    });
  });
  await few.promise;
  assert.equal(refused, 3);
  controller.abort();
  await Promise.all(logins);
  assert.equal(refused, 3);
  isSilent = false;
  assert.equal(await world.login('Alice', 'secret'), 'user Alice dev Ops Team');
});

test('a user in too many groups is nobody, rather than in some of them', async () => {
  const many = Array.from({ length: ldapLimits.groups + 1 }, (_, index) => `cn=g${index},${groupBase}`);
  const crowd = [...entries.slice(0, 1), person('carol', 'x', { memberOf: many })];
  await using world = await bench({ entries: crowd });
  assert.equal(await world.login('carol', 'x'), 'wrong');
});
