import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { LdapAuthenticator } from '../../src/registry/auth/ldap/authenticator.ts';
import type { LdapSettings } from '../../src/registry/auth/ldap/settings.ts';
import { isRegistryAuthError } from '../../src/registry/auth/error.ts';
import { startServiceOf } from '../../testing/registry/service-of-text.ts';
import { findProgram } from '../../testing/registry/find-program.ts';
import { makeCertificate } from '../../testing/registry/certificate.ts';
import { freePort } from '../../testing/free-port.ts';

const slapd = findProgram('slapd') ?? ['/usr/sbin/slapd'].find((path) => existsSync(path));
const skip = slapd === undefined ? 'no slapd on PATH, in .tools or in /usr/sbin' : false;
const authority = makeCertificate('Directory CA');
const certificate = makeCertificate('directory', { issuer: authority, ips: ['127.0.0.1'] });

let folder = '';
let server: ChildProcess | undefined;
let [port, securePort] = [0, 0];

/** Where referrals lead. Whoever comes there followed one. */
let visitors = 0;
const elsewhere = createServer((socket) => {
  visitors += 1;
  socket.destroy();
});

/** Where OpenLDAP's modules and schemas are: beside the program, as Debian has them. */
function root(): string {
  return join(dirname(slapd ?? '/'), '..', '..');
}

const entries = (elsewherePort: number): string => `
dn: dc=example,dc=com
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: ou=people,dc=example,dc=com
objectClass: organizationalUnit
ou: people

dn: ou=groups,dc=example,dc=com
objectClass: organizationalUnit
ou: groups

dn: cn=reader,dc=example,dc=com
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: reads

dn: uid=alice,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: alice
cn: Alice
sn: A
userPassword: secret
memberOf: cn=dev,ou=groups,dc=example,dc=com

dn: uid=zo\\C3\\AB (dev)*,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid:: em/DqyAoZGV2KSo=
cn: Zoe
sn: Z
userPassword: secret

dn: uid=bob,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: bob
cn: Bob
sn: B
mail: bob@example.com
userPassword: secret

dn: uid=mallory,ou=people,dc=example,dc=com
objectClass: referral
objectClass: extensibleObject
uid: mallory
ref: ldap://127.0.0.1:${elsewherePort}/uid=mallory,dc=evil

dn: cn=dev,ou=groups,dc=example,dc=com
objectClass: groupOfNames
cn: dev
member: uid=alice,ou=people,dc=example,dc=com
member: uid=zo\\C3\\AB (dev)*,ou=people,dc=example,dc=com

dn: cn=staff,ou=groups,dc=example,dc=com
objectClass: groupOfNames
cn: staff
member: cn=dev,ou=groups,dc=example,dc=com
member: cn=all (of us)*,ou=groups,dc=example,dc=com

dn: cn=all (of us)*,ou=groups,dc=example,dc=com
objectClass: groupOfNames
cn: all (of us)*
member: cn=staff,ou=groups,dc=example,dc=com

dn: cn=others,ou=groups,dc=example,dc=com
objectClass: groupOfNames
cn: others
member: uid=bob,ou=people,dc=example,dc=com
`;

const reader = { dn: 'cn=reader,dc=example,dc=com', password: 'reads' };

before(async () => {
  if (slapd === undefined) return;
  folder = await mkdtemp(join(tmpdir(), 'seaworthy-slapd-'));
  [port, securePort] = [await freePort(), await freePort()];
  await new Promise<void>((resolve) => {
    elsewhere.listen(0, '127.0.0.1', resolve);
  });
  const { port: elsewherePort } = elsewhere.address() as AddressInfo;
  const schemas = ['core', 'cosine', 'inetorgperson'].map((name) => `include ${root()}/etc/ldap/schema/${name}.schema`);
  await mkdir(join(folder, 'data'));
  for (const [name, text] of [
    ['ca.pem', authority.cert],
    ['cert.pem', certificate.cert],
    ['key.pem', certificate.key],
    ['entries.ldif', entries(elsewherePort)],
  ] as const) {
    await writeFile(join(folder, name), text);
  }
  const config = [
    ...schemas,
    `modulepath ${root()}/usr/lib/ldap`,
    'moduleload back_mdb',
    'moduleload memberof',
    `pidfile ${folder}/pid`,
    `referral ldap://127.0.0.1:${elsewherePort}`,
    `TLSCACertificateFile ${folder}/ca.pem`,
    `TLSCertificateFile ${folder}/cert.pem`,
    `TLSCertificateKeyFile ${folder}/key.pem`,
    'database mdb',
    'suffix "dc=example,dc=com"',
    `directory ${folder}/data`,
    'overlay memberof',
    'access to attrs=userPassword by self write by anonymous auth by * none',
    'access to * by dn.exact="cn=reader,dc=example,dc=com" read by anonymous auth by * none',
  ];
  const file = join(folder, 'slapd.conf');
  await writeFile(file, `${config.join('\n')}\n`);
  const triplet = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
  const env = {
    ...process.env,
    LD_LIBRARY_PATH: `${root()}/usr/lib/${triplet}:${process.env['LD_LIBRARY_PATH'] ?? ''}`,
  };
  execFileSync(slapd, ['-T', 'add', '-f', file, '-l', join(folder, 'entries.ldif')], { env, stdio: 'pipe' });
  const addresses = `ldap://127.0.0.1:${port}/ ldaps://127.0.0.1:${securePort}/`;
  server = spawn(slapd, ['-f', file, '-h', addresses, '-d', '0'], { env, stdio: 'ignore' });
  for (let tries = 0; tries < 100 && !(await answers(securePort)); tries += 1) await wait(50);
});

async function answers(at: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: at });
    const ended = (isThere: boolean) => (): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('connect', ended(true)).once('error', ended(false));
  });
}

after(async () => {
  if (server !== undefined && server.exitCode === null) {
    const ended = new Promise((resolve) => {
      server?.once('exit', resolve);
    });
    server.kill();
    await ended;
  }
  elsewhere.close();
  if (folder !== '') await rm(folder, { recursive: true });
});

async function login(user: string, password: string, more: Partial<LdapSettings> = {}): Promise<string> {
  const base = 'ou=groups,dc=example,dc=com';
  await using authenticator = new LdapAuthenticator(
    {
      url: `ldap://127.0.0.1:${port}`,
      startTls: true,
      ca: authority.cert,
      bind: reader,
      users: {
        base: 'ou=people,dc=example,dc=com',
        filter: '(&(objectClass=person)(uid={user}))',
        nameAttribute: 'uid',
      },
      groups: { kind: 'attribute', attribute: 'memberOf', base },
      ...more,
    },
    { monotonic: () => 0 },
  );
  try {
    const identity = await authenticator.authenticate({ kind: 'basic', user, password }, {});
    return identity === undefined ? 'wrong' : [identity.name, ...identity.groups].join(' ');
  } catch (error) {
    return isRegistryAuthError(error) ? `${error.code} ${error.message}` : String(error);
  }
}

test('OpenLDAP verifies users over StartTLS and LDAPS', { skip }, async () => {
  const ldaps = { url: `ldaps://127.0.0.1:${securePort}`, startTls: false };
  for (const more of [{}, ldaps, { startTls: false }]) {
    assert.equal(await login('alice', 'secret', more), 'alice dev');
    assert.equal(await login('ALICE', 'secret', more), 'alice dev');
    assert.equal(await login('alice', 'wrong', more), 'wrong');
    assert.equal(await login('nobody', 'secret', more), 'wrong');
  }
});

test('OpenLDAP takes a user name for what it is', { skip }, async () => {
  assert.equal(await login('zoë (dev)*', 'secret'), 'zoë (dev)*');
  for (const user of [
    '*',
    'ali*',
    'alice)(uid=*',
    'alice)(|(uid=*',
    'zoë (dev)x',
    '\\2a',
    'alice,ou=people',
    'a\u0000',
  ]) {
    assert.equal(await login(user, 'secret'), 'wrong', user);
  }
});

test('OpenLDAP finds groups by a search', { skip }, async () => {
  const groups = {
    kind: 'search',
    base: 'ou=groups,dc=example,dc=com',
    filter: '(member={dn})',
    nameAttribute: 'cn',
  } as const;
  assert.equal(await login('alice', 'secret', { groups }), 'alice dev');
  assert.equal(await login('bob', 'secret', { groups }), 'bob others');
  assert.equal(await login('zoë (dev)*', 'secret', { groups }), 'zoë (dev)* dev', 'a name that means much in a filter');
  // In a circle, and through a group whose name means much in a filter too.
  const nested = { ...groups, nested: true };
  assert.equal(await login('alice', 'secret', { groups: nested }), 'alice dev staff all (of us)*');
  assert.equal(await login('bob', 'secret', { groups: nested }), 'bob others');
});

test('OpenLDAP refers to another directory, and nobody goes there', { skip }, async () => {
  assert.equal(await login('mallory', 'secret'), 'wrong');
  const users = { base: 'dc=elsewhere', filter: '(uid={user})', nameAttribute: 'uid' };
  assert.match(await login('alice', 'secret', { users }), /^AUTH_UNAVAILABLE/);
  assert.equal(visitors, 0);
});

test(
  'a registry lets in whom the directory of its configuration knows, by the name that it says',
  { skip },
  async () => {
    await using own = await startServiceOf(
      `registry:
  listen: 127.0.0.1:0
  auth:
    ldap:
      url: ldaps://127.0.0.1:${securePort}
      ca: ca.pem
      bindDn: ${reader.dn}
      bindPasswordFile: password
      userBase: ou=people,dc=example,dc=com
      userFilter: (|(uid={user})(mail={user}))
      userName: cn
      groupBase: ou=groups,dc=example,dc=com
      nestedGroups: true
  permissions:
    - { repositories: [alice/**], actions: [list], to: ['user:Alice'] }
    - { repositories: [staff/**], actions: [list], to: ['group:staff'] }
    - { repositories: [all/**], actions: [list], to: [authenticated] }
`,
      { 'ca.pem': authority.cert, password: `${reader.password}\n` },
    );
    const seen = (user: string): Promise<number[]> =>
      Promise.all(
        ['alice', 'staff', 'all'].map((name) =>
          own.ask('GET', `/v2/${name}/app/tags/list`, { user }).then(({ status }) => status),
        ),
      );
    assert.deepEqual(await seen('alice:secret'), [404, 404, 404]);
    assert.deepEqual(await seen('ALICE:secret'), [404, 404, 404]);
    assert.deepEqual(await seen('bob@example.com:secret'), [403, 403, 404]);
    for (const user of ['alice:wrong', 'alice:', '*:secret', 'mallory:secret', 'Alice)(uid=alice:secret']) {
      assert.deepEqual(await seen(user), [401, 401, 401], user);
    }
  },
);

test('whoever may not search is not a wrong password', { skip }, async () => {
  assert.match(
    await login('alice', 'secret', { bind: { dn: 'cn=reader,dc=example,dc=com', password: 'old' } }),
    /^AUTH_UNAVAILABLE/,
  );
  const users = { base: 'dc=elsewhere', filter: '(uid={user})', nameAttribute: 'uid' };
  assert.match(await login('alice', 'secret', { users }), /^AUTH_UNAVAILABLE/);
  assert.match(await login('alice', 'secret', { ca: makeCertificate('Other CA').cert }), /^AUTH_UNAVAILABLE/);
});
