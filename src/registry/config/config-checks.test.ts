import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { makeCertificate } from '../../../testing/registry/certificate.ts';
import { encryptPrivateKey } from '../../signing/key/encrypted-key.ts';
import { configSurroundings, mistakesOf } from '../../../testing/registry-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'config-'));
after(() => rmSync(folder, { recursive: true }));
const own = makeCertificate('own');
for (const [name, text] of Object.entries({
  'cert.pem': own.cert,
  'key.pem': own.key,
  'other.pem': makeCertificate('other').key,
  users: 'alice:$2b$10$x\n',
  secret: `whsec_${'A'.repeat(32)}`,
  weak: 'hunter2',
})) {
  writeFileSync(join(folder, name), text);
}

const tls = 'tls: {cert: cert.pem, key: key.pem}';
const login = 'auth: {htpasswd: users}';
const grant = 'permissions: [{repositories: ["**"], actions: ["*"], to: [authenticated]}]';
const hook = (rest: string, name = 'a'): string =>
  `{name: ${name}, url: "https://example.org/", events: [gc.ran], secretFile: secret${rest}}`;

const rule = (...rules: readonly string[]): string =>
  `retention: {rules: [${rules.map((rest, index) => `{name: r${index}, ${rest}}`).join(', ')}]}`;

/** What is wrong, by a part of its line; nothing for what is right. */
const cases: readonly (readonly [settings: readonly string[], wrong: readonly RegExp[]])[] = [
  // Listening beyond this machine.
  [['listen: 127.0.0.1:5000'], []],
  [['listen: localhost:5000'], []],
  [['listen: "[::1]:5000"'], []],
  [['listen: :5000', tls, login, grant], []],
  [['listen: :5000', login, grant], [/registry\.listen: can be reached from the network without TLS/]],
  [['listen: 0.0.0.0:5000', tls], [/registry\.listen: .+whoever reaches it may do everything/]],
  [['listen: 10.0.0.1:5000'], [/without TLS/, /everything/]],
  [['listen: :5000', 'accept: [plain-http]'], [/everything/]],
  [['listen: :5000', 'accept: [plain-http, no-auth]'], []],
  // Certificates.
  [[tls], []],
  [
    ['tls: {cert: none.pem, key: key.pem}'],
    [/registry\.tls\.cert: cannot be used: \S+none\.pem cannot be read \(ENOENT\)/],
  ],
  [['tls: {cert: cert.pem, key: other.pem}'], [/registry\.tls\.key: cannot be used: .+ is not the key of/]],
  [['tls: {cert: key.pem, key: key.pem}'], [/registry\.tls\.cert: .+ holds no certificate/]],
  [['tls: {cert: cert.pem, key: key.pem, clientCa: users}'], [/registry\.tls\.clientCa: .+ holds no certificate/]],
  [
    ['listen: :5000', tls, 'auth: {htpasswd: users, token: {}}', grant],
    [/registry\.url: is missing: clients are sent there/],
  ],
  [['listen: 10.0.0.1:5000', tls, 'auth: {htpasswd: users, token: {}}', grant], []],
  [['listen: :5000', 'url: "https://example.org"', tls, 'auth: {htpasswd: users, token: {}}', grant], []],
  [['url: https://example.org/registry'], [/registry\.url: has a path/]],
  [['metrics: {listen: 127.0.0.1:5000}'], [/registry\.metrics\.listen: is where the registry itself listens/]],
  // Who may do what.
  [[login, grant], []],
  [[login], [/registry\.auth: lets people log in, but nobody may do anything/]],
  [['auth: {htpasswd: none}', grant], [/registry\.auth\.htpasswd: names \S+none, which is not there/]],
  [['auth: {htpasswd: .}', grant], [/which is a folder/]],
  [[grant], [/permissions\[0\]\.to\[0\]: names somebody, but nobody can log in/]],
  [['auth: {anonymous: [{repositories: ["**"], actions: [pull, list]}]}'], []],
  [
    ['auth: {anonymous: [{repositories: ["**"], actions: [pull, push]}]}'],
    [/anonymous\[0\]\.actions: lets everybody push/],
  ],
  [['auth: {anonymous: [{repositories: [a], actions: ["*"]}]}'], [/lets everybody do everything/]],
  [['auth: {anonymous: [{repositories: [a], actions: [delete]}]}'], [/lets everybody delete/]],
  [['auth: {anonymous: [{repositories: [a], actions: [delete]}]}', 'accept: [anonymous-push]'], []],
  [
    ['auth: {robots: true}', 'permissions: [{repositories: [a], actions: [pull], to: [robot:ci, user:x]}]'],
    [/to\[1\]: names a user/],
  ],
  [
    [login, 'permissions: [{repositories: [a], actions: [pull], to: [robot:ci, "certificate:x", group:g]}]'],
    [/robot/, /certificate/],
  ],
  [['auth: {certificates: {}}', grant], [/auth\.certificates: needs authorities .+ tls\.clientCa/]],
  [['auth: {certificates: {}}', grant, 'tls: {cert: cert.pem, key: key.pem, clientCa: cert.pem}'], []],
  [
    [
      'auth: {oidc: [{issuer: "https://x", audience: [a], claims: {a: [b]}, name: "gh-{repository}"}]}',
      'permissions: [{repositories: [a], actions: [pull], to: ["workload:gh-x/y", "workload:gl-x"]}]',
    ],
    [/to\[1\]: names a workload that no name of auth\.oidc can give/],
  ],
  [
    ['auth: {oidc: [{issuer: "http://x", audience: [a], claims: {a: [b]}}]}', grant],
    [/oidc\[0\]\.issuer: would be asked in the clear/],
  ],
  [['auth: {oidc: [{issuer: "https://x", audience: [a]}]}', grant], [/oidc\[0\]: .+takes every token of the issuer/]],
  [
    ['auth: {oidc: [{issuer: "https://x", audience: [a], claims: {a: [b]}, name: "{sub"}]}', grant],
    [/oidc\[0\]: .+its braces do not hold a claim each/],
  ],
  [['auth: {ldap: {url: "ldap://x", userBase: y}}', grant], [/auth\.ldap: would send passwords in the clear/]],
  [['auth: {ldap: {url: "ldaps://x", userBase: y, bindDn: z}}', grant], [/auth\.ldap: needs bindDn together with/]],
  [['auth: {ldap: {url: "ldaps://x", userBase: y, userFilter: (uid=x)}}', grant], [/userFilter: .+\{user\}/]],
  [['auth: {ldap: {url: "ldaps://x", userBase: y, userName: "a b"}}', grant], [/ldap: .+"a b" is no attribute/]],
  [
    [
      'auth: {ldap: {url: "ldaps://x", userBase: y, groupBase: z, groupFilter: "(a={user})", nestedGroups: true}}',
      grant,
    ],
    [/ldap: .+found by a filter with \{dn\}/],
  ],
  [
    ['tls: {cert: cert.pem, key: key.pem, clientCrl: crl.pem}'],
    [/clientCrl/, /clientCrl: .+there are none; add clientCa/],
  ],
  [
    ['tls: {cert: cert.pem, key: key.pem, clientCa: cert.pem, clientCrl: cert.pem}'],
    [/tls\.clientCrl: cannot be used: .+holds no list of revoked certificates/],
  ],
  // Rules.
  [[rule('kind: delete, olderThan: 30d, beyondNewest: 5')], []],
  [[rule('kind: delete, olderThan: 30d')], [/rules\[0\]: would leave nothing of a repository/]],
  [[rule('kind: delete, olderThan: 30d, tags: ["**"]')], [/rules\[0\]: would leave nothing of a repository/]],
  [[rule('kind: delete, olderThan: 30d'), 'accept: [empty-repositories]'], []],
  [[rule('kind: delete, olderThan: 30d', 'kind: keep, newest: 3')], []],
  [[rule('kind: delete, olderThan: 30d, tags: [pr-*]')], []],
  [[rule('kind: delete, olderThan: 30d, except: [v*]')], []],
  [[rule('kind: delete')], [/would delete everything that it is about at once; add olderThan or notPulledFor/]],
  [[rule('kind: delete-untagged, notPulledFor: 2w')], []],
  [[rule('kind: delete-untagged')], [/rules\[0\]: would delete everything/]],
  [[rule('kind: delete-untagged, olderThan: 7d, tags: [x]')], [/has tags, which a rule of the kind delete-untagged/]],
  [[rule('kind: keep, olderThan: 7d')], [/has olderThan, which a rule of the kind keep does not know/]],
  [[rule('kind: keep, orderBy: semver')], [/orders nothing; add newest/]],
  [[rule('kind: quota')], [/limits nothing; add maxTags or maxBytes/]],
  [[rule('kind: quota, maxTags: 5, orderBy: semver')], [/by push or pull alone/]],
  [[rule('kind: quota, maxBytes: 5GiB')], []],
  [[rule('kind: keep, pushedWithin: 1y')], [/pushedWithin: cannot be "1y"; write a duration/]],
  [[rule('kind: keep, pushedWithin: 0s')], [/pushedWithin: cannot be/]],
  [[rule('kind: purge')], [/kind: cannot be "purge"; write keep, delete, delete-untagged or quota/]],
  [
    ['retention: {rules: [{name: a, kind: keep}, {name: a, kind: keep}]}'],
    [/rules\[1\]\.name: is the name of entry 1 too/],
  ],
  [['tags: {immutable: [{name: a, tags: [v*], except: [v0*], until: 90d}, {name: b}]}'], []],
  [['tags: {immutable: [{name: a}, {name: a}]}'], [/immutable\[1\]\.name: is the name of entry 1 too/]],
  [['quotas: [{repositories: ["**"], maxTags: 1}, {repositories: [a], maxTags: 2}]'], [/quotas\[1\]: never counts/]],
  [['quotas: [{repositories: [a], maxTags: 1}, {repositories: ["**"], maxTags: 2}]'], []],
  // Upstreams.
  [['upstreams: {registries: [{host: docker.io}, {host: "r.example:5000", deny: [a]}]}'], []],
  [['upstreams: {registries: [{host: docker.io}, {host: docker.io}]}'], [/name of entry 1 too/, /host of entry 1 too/]],
  [['upstreams: {registries: [{host: a.example, name: docker.io}, {host: docker.io}]}'], [/name of entry 1 too/]],
  [['upstreams: {registries: [{host: Docker.io}]}'], [/host: cannot be "Docker\.io"; write a host/]],
  [['upstreams: {registries: [{host: docker.io, name: a/b}]}'], [/name: cannot be/]],
  [['upstreams: {registries: [{host: docker.io, allow: []}]}'], [/is an empty list/]],
  [['upstreams: {registries: [{host: docker.io, allow: [A]}]}'], [/small letters/]],
  [['upstreams: {registries: [{host: docker.io, username: a}]}'], [/names a user without a password/]],
  [['upstreams: {registries: [{host: docker.io, password: env:A}]}'], [/or the other way round/]],
  [['upstreams: {registries: [{host: docker.io, username: a, password: secret}]}'], [/holds no secret itself/]],
  // What may be a password is not repeated: mistakes of a file that changed go into the log.
  [
    ['upstreams: {registries: [{host: docker.io, url: "https://me:secret@docker.io"}]}'],
    [/url: cannot be "https:\/\/\*\*\*@docker\.io": an address in this file holds no user and password/],
  ],
  [
    ['upstreams: {registries: [{host: docker.io, url: "https://me:sec/r@et@docker.io"}]}'],
    [/url: cannot be "https:\/\/\*\*\*@docker\.io": it is no http or https address/],
  ],
  [['upstreams: {registries: [{host: docker.io, username: a, passwordFile: none}]}'], [/none, which is not there/]],
  [['upstreams: {registries: [{host: d.io, helper: gcloud, username: a, password: env:A}]}'], [/says twice who asks/]],
  [['upstreams: {registries: [{host: gcr.io, helper: gcloud, provider: google}]}'], [/says twice who asks/]],
  [['upstreams: {registries: [{host: gcr.io, provider: google}]}'], []],
  [['upstreams: {registries: [{host: myteam.azurecr.io, provider: azure}]}'], []],
  [['upstreams: {registries: [{host: 123456789012.dkr.ecr.eu-west-1.amazonaws.com, provider: amazon}]}'], []],
  [['upstreams: {registries: [{host: gcr.io, provider: amazon}]}'], [/amazon, and gcr.io is none of its registries/]],
  [
    ['upstreams: {registries: [{host: gcr.io, url: "https://gcr.io.evil.example", provider: google}]}'],
    [/provider: is google, and gcr.io.evil.example is none of its registries; correct host or url/],
  ],
  [
    ['upstreams: {registries: [{host: gcr.io, url: "http://gcr.io", provider: google}]}', 'accept: [plain-http]'],
    [/is none of its registries/],
  ],
  [['upstreams: {registries: [{host: gcr.io, provider: github}]}'], [/amazon, azure/]],
  [['upstreams: {registries: [{host: docker.io, helper: ../x}]}'], [/the name behind docker-credential-/]],
  [['upstreams: {registries: [{host: a.example, url: "http://a.example"}]}'], [/asked in the clear/]],
  [['upstreams: {registries: [{host: a.example, url: "http://a.example"}]}', 'accept: [plain-http]'], []],
  [['upstreams: {registries: [{host: a.example, url: "https://10.0.0.1"}]}'], [/private network; add allowPrivate/]],
  [['upstreams: {registries: [{host: "127.0.0.1:5000"}]}'], [/on this machine/]],
  [['upstreams: {registries: [{host: "127.0.0.1:5000", allowPrivate: true}]}'], []],
  [['upstreams: {prefetch: {images: [{repository: docker.io/a/b, tags: [v1]}]}}'], [/the name of no upstream/]],
  // Events.
  [[`webhooks: [${hook('')}]`], []],
  [[`webhooks: [${hook('')}, ${hook('')}]`], [/webhooks\[1\]\.name: is the name of entry 1 too/]],
  [['webhooks: [{name: a, url: "https://example.org/", events: [gc.ran]}]'], [/has no secret to sign with/]],
  [['webhooks: [{name: a, url: "http://example.org/", events: [gc.ran], secretFile: secret}]'], [/in the clear/]],
  [['webhooks: [{name: a, url: "https://10.0.0.1/", events: [gc.ran], secretFile: secret}]'], [/private network/]],
  [['webhooks: [{name: a, url: "http://[::1]:80/", events: [gc.ran], secretFile: secret}]'], [/on this machine/]],
  [['webhooks: [{name: a, url: "http://localhost/", events: [gc.ran], secretFile: secret, allowPrivate: true}]'], []],
  [
    ['webhooks: [{name: a, url: "https://example.org/", events: [gc.ran], secretFile: none}]'],
    [/webhooks\[0\]\.secretFile: names \S+none, which is not there/],
  ],
  [
    ['webhooks: [{name: a, url: "https://example.org/", events: [gc.ran], secretFile: weak}]'],
    [/webhooks\[0\]\.secretFile: cannot be used: The secret of the webhook a is not whsec_/],
  ],
  [[`webhooks: [${hook(', secret: env:A')}]`], [/webhooks\[0\]: names a secret twice/]],
  [
    ['webhooks: [{name: a, url: "ftp://example.org/", events: [gc.ran], secretFile: secret}]'],
    [/url: cannot be "ftp:.+no http or https address/],
  ],
  [
    ['webhooks: [{name: a, url: "https://example.org/", events: [image.push], secretFile: secret}]'],
    [/did you mean image\.pushed\?/],
  ],
];

for (const [settings, wrong] of cases) {
  test(`checkConfig() finds ${wrong.length} mistakes in ${settings.join('; ')}`, async () => {
    const text = `registry:\n${settings.map((line) => `  ${line}\n`).join('')}`;
    const told = await mistakesOf(text, {}, join(folder, 'seaworthy.yaml'));
    assert.equal(told.length, wrong.length, told.join('\n'));
    for (const [index, words] of wrong.entries()) assert.match(told[index] as string, words);
  });
}

test('checkConfig() refuses a certificate that is over', async () => {
  const text = `registry:\n  ${tls}\n`;
  const later = configSurroundings.now + 400 * 86_400_000;
  const told = await mistakesOf(text, { now: later }, join(folder, 'seaworthy.yaml'));
  assert.match(told.join('\n'), /^2:9: registry\.tls\.cert: cannot be used: the certificate in \S+ ended at/);
});

test('checkConfig() looks for variables where it knows what there will be', async () => {
  const text = 'registry:\n  database: {postgres: {url: "env:DB"}}\n';
  assert.deepEqual(await mistakesOf(text), []);
  assert.deepEqual(await mistakesOf(text, { env: { DB: 'x' } }), []);
  assert.deepEqual(await mistakesOf(text, { env: { DB: '' } }), [
    '2:25: registry.database.postgres.url: names the variable DB, which is not set',
  ]);
});

test('the key that signs what is said of images must open with its password, where that is known', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(join(folder, 'reg.key'), await encryptPrivateKey(privateKey, Buffer.from('x')));
  const check = async (key: string, env?: Record<string, string>): Promise<string[]> => {
    const text = `registry:\n  scanning: {enabled: true, ${key}}\n`;
    return await mistakesOf(text, env === undefined ? {} : { env }, join(folder, 'own.yaml'));
  };
  const good = 'key: reg.key, keyPassword: "env:KEY"';
  assert.deepEqual(await check(good), []);
  assert.deepEqual(await check(good, { KEY: 'x' }), []);
  const wrong = /registry\.scanning\.keyPassword: does not do: \S+reg\.key: The password does not open/;
  assert.match(String(await check(good, { KEY: 'y' })), wrong);
  assert.match(
    String(await check('key: reg.key', {})),
    /registry\.scanning\.key: does not do: no password opens it; name one by keyPassword/,
  );
  assert.match(
    String(await check('key: key.pem', {})),
    /registry\.scanning\.key: does not do: \S+key\.pem: The encrypted/,
  );
});
