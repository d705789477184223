import type { Attack } from './attack.ts';

const auth = 'src/registry/auth';
const http = 'test/hostile/registry-http.test.ts';
const slow = 'test/hostile/registry-slow.test.ts';
const values = 'test/hostile/registry-values.test.ts';
const uploads = 'test/hostile/registry-uploads.test.ts';
const access = 'test/hostile/registry-access.test.ts';
const tags = 'test/hostile/registry-tags.test.ts';
const hidden = 'test/hostile/registry-hidden.test.ts';
const quota = 'test/hostile/registry-quota.test.ts';
const logins = 'test/hostile/registry-logins.test.ts';
const certificates = 'test/hostile/registry-certificates.test.ts';
const proxies = 'test/hostile/registry-proxies.test.ts';
const limits = 'test/hostile/registry-limits.test.ts';
const directory = 'test/integration/registry-ldap.test.ts';
const connections = 'src/registry/http/connections.test.ts';
const nested = 'test/hostile/registry-nested.test.ts';
const redirects = 'src/net/request-redirects.test.ts';
const webhook = 'src/registry/webhook/webhook.test.ts';

/** Weaknesses that other registries had. */
export const known: readonly Attack[] = [
  {
    id: 'CVE-2026-49349, CVE-2019-10214',
    what: 'credentials that follow a redirect',
    tests: [[redirects, 'request() follows redirects of GET, and drops credentials on the way to another port']],
  },
  {
    id: 'CVE-2020-13788',
    what: 'requests that a server makes for a client: webhooks, and the addresses of layers',
    tests: [
      [webhook, 'deliver() connects to no private address unless that is allowed, and nothing is sent there'],
      [webhook, 'asks once, and follows nothing'],
      [`${auth}/jwt/verify-jwt.test.ts`, 'addresses of keys in its header'],
    ],
  },
  {
    id: 'CVE-2024-39897',
    what: 'a blob of another repository, by its digest',
    tests: [
      [access, 'content of others is not had by a digest, from anywhere'],
      [access, 'a mount gives nobody what they could not pull, and does not tell that it is there (CVE-2024-39897)'],
      [access, 'a manifest that names a blob of others does not make it readable'],
      [hidden, 'a mount from where somebody may not read is answered as one from nowhere'],
      [hidden, 'lists show what somebody may list, and nothing counts the rest'],
    ],
  },
  {
    id: 'CVE-2026-35172',
    what: 'a deleted blob that a cache brings back',
    tests: [[access, 'it stays away from its repository, whoever else has it (CVE-2026-35172)']],
  },
  {
    id: 'CVE-2026-41888',
    what: 'a path around the switch that forbids deleting, or around a right',
    tests: [
      [access, 'a switch that forbids deleting holds for every path (CVE-2026-41888)'],
      [access, "takes the right to ${action ?? 'know'}"],
    ],
  },
  {
    id: 'CVE-2026-31801',
    what: 'a tag that is overwritten by those who may only create',
    tests: [
      [tags, 'of many pushes at once, by tag and by ?tag=, one sets an immutable tag (CVE-2026-31801)'],
      [tags, 'an immutable tag is neither moved, deleted, nor lost with its manifest'],
      [tags, 'an immutable tag stays what it is while others delete, push and delete again'],
      [tags, 'what an immutable tag names stays of the type that it was pushed with'],
      [tags, 'an import moves no immutable tag, and brings the rest'],
      ['src/registry/rule/retention/plan.test.ts', 'an immutable tag is skipped until its rule lets go'],
    ],
  },
  {
    id: 'CVE-2025-23208',
    what: 'groups and accounts that were taken away',
    tests: [
      [
        `${auth}/token/answer.test.ts`,
        'groups, users and passwords count as they are at each request (CVE-2025-23208)',
      ],
      [`${auth}/permission.test.ts`, 'groups count as they are now'],
      [`${auth}/robot/authenticator.test.ts`, 'a robot ends when it expires, is disabled or is revoked'],
      [logins, 'is out within four seconds after the htpasswd file was changed, by password and by token'],
      [logins, 'is out within two seconds after another process revoked or changed a robot account'],
      [certificates, 'what was revoked lives on in no connection and no session of ${version}'],
      [`${auth}/htpasswd/authenticator.test.ts`, 'renew() says whether a user is there still, with the same password'],
    ],
  },
  {
    id: 'CVE-2025-24976',
    what: 'keys that a token brings along, and algorithms that it chooses',
    tests: [
      [`${auth}/jwt/verify-jwt.test.ts`, 'a key in its header under a known id'],
      [`${auth}/jwt/verify-jwt.test.ts`, 'HMAC under the public key'],
      [`${auth}/jwt/verify-jwt.test.ts`, 'alg none'],
      [`${auth}/token/authenticator.test.ts`, 'tokens that others made are refused'],
      [`${auth}/token/authenticator.test.ts`, 'an access of another type, name or action opens nothing'],
      [`${auth}/external-token/authenticator.test.ts`, 'names in a token are names, and no patterns'],
    ],
  },
  {
    id: 'CVE-2021-41190, GHSA-qq97-vm5h-rrhg',
    what: 'a manifest that is something else to another reader',
    tests: [
      [values, 'an image that is an index too'],
      [values, 'an index with layers'],
      [values, 'a name twice, once escaped'],
      [values, 'layers with a long s'],
      [values, 'a Content-Type must be that of the document, whatever else it says'],
    ],
  },
  {
    id: 'CVE-2017-11468',
    what: 'bodies, heads and nesting that fill the memory',
    tests: [
      ['src/registry/pipeline/distribution.test.ts', 'serveRequest() takes four MiB of manifest, and not a byte more'],
      [slow, 'a manifest that is too large'],
      [slow, 'a blob larger than is taken'],
      [values, 'depth of a hundred thousand'],
      [values, 'depth that does not end'],
      [http, 'a head larger than is taken'],
      [http, 'more headers than are taken'],
      [connections, 'requests of one connection are served one after the other, whatever is sent ahead'],
      [connections, 'a connection on which more is sent ahead than anybody needs is ended'],
    ],
  },
  {
    id: 'CVE-2023-2253',
    what: 'a page of any length',
    tests: [
      [values, "`n=${'9'.repeat(40)}`"],
      [access, 'the catalog shows nobody more than they may list, nor that there is more (CVE-2020-29662)'],
      [values, 'one request sets no more tags than it may, and none when one is wrong'],
      [limits, 'a registry holds clients to the sizes of its configuration'],
    ],
  },
  {
    id: 'CWE-400, slow clients',
    what: 'connections and uploads that are kept open',
    tests: [
      [slow, 'a head that does not come is not awaited'],
      [slow, 'a head that comes byte by byte is not awaited longer'],
      [slow, 'a body that stops ends its connection, and its upload goes on from where it was'],
      [slow, 'who does not read an answer loses the connection'],
      [http, 'a thousand silent connections leave room for others'],
      [connections, 'a client that sends slowly is let go, and one that is quick enough stays, over ${kind}'],
      [connections, 'a client that takes an answer slowly is let go, when its bytes had their time, over ${kind}'],
      [connections, 'one too many is told so while all others are at work'],
      [connections, 'over TLS, too many connections are counted before their handshake'],
      ['src/registry/http/pace.test.ts', 'a body over a modem'],
      [limits, 'a registry holds clients to the connections and times of its configuration, and tells of it'],
      [access, 'who begins uploads and ends none is stopped, and nobody else is'],
      [
        'src/registry/garbage/collect.test.ts',
        'collectGarbage() gives up uploads that nothing came for, and what lies about of others',
      ],
    ],
  },
  {
    id: 'zot 120c2005, f6cc03c7',
    what: 'indexes within indexes whose ways are more than can be walked',
    tests: [
      [
        nested,
        'indexes within indexes are pushed, listed, collected and deleted in as many steps as there are documents',
      ],
      [nested, 'indexes within indexes are not taken over without end'],
      ['src/registry/rule/retention/plan.test.ts', 'links in a circle stay, with all that they hold'],
    ],
  },
  {
    id: 'CVE-2020-29662',
    what: 'a catalog that shows what may not be seen',
    tests: [
      [access, 'the catalog shows nobody more than they may list, nor that there is more (CVE-2020-29662)'],
      [access, 'what is hidden is answered like what is not there'],
      [hidden, '${who} is told the same of ${endpoint}, whether it is there or not'],
      [hidden, '${who} is told the same by the API, whether it is there or not'],
      [hidden, 'a token says of what is hidden what it says of what is not there'],
      [`${auth}/permission.test.ts`, 'the catalog shows what may be listed, by a token for the catalog'],
    ],
  },
  {
    id: 'CVE-2019-19030, CVE-2023-20902',
    what: 'accounts that are found out, by answers or by time',
    tests: [
      [`${auth}/htpasswd/authenticator.test.ts`, 'an unknown user costs a comparison like that of a known one'],
      [`${auth}/ldap/authenticator.test.ts`, 'an unknown user costs a bind as well, and the directory does not see'],
      [`${auth}/robot/secret.test.ts`, 'isSameHash() compares whole hashes'],
      [`${auth}/credential-cache.test.ts`, 'guessing is slowed down, and keeps out nobody who was let in'],
    ],
  },
  {
    id: 'CVE-2025-48374, GO-2026-4876',
    what: 'secrets in logs, in the audit trail and in answers',
    tests: [
      [access, 'answers and logs of a failure hold no secret of the client, and answers none of the machine'],
      [
        'src/registry/audit/chain.test.ts',
        'auditEntry() cuts what is long, makes it printable, and takes nothing else in',
      ],
      ['src/registry/config/check-config.test.ts', 'checkConfig() never repeats what stands in the place of a secret'],
      ['src/registry/webhook/delivery-queue.test.ts', 'queueEvent() adds a job for each endpoint, without its secret'],
      ['src/registry/http/tls.test.ts', 'loadTls() says which file it could not read, and nothing of a key'],
    ],
  },
  {
    id: 'CVE-2026-4404',
    what: 'a password that everybody knows',
    tests: [
      // Without accounts it is open, and then on loopback alone.
      ['src/registry/config/config-checks.test.ts', "[['listen: :5000', 'accept: [plain-http]'], [/everything/]]"],
      [`${auth}/robot/secret.test.ts`, 'makeSecret() makes secrets that can be told from other texts'],
      [`${auth}/permission.test.ts`, 'no grants deny everything'],
      [`${auth}/ldap/authenticator.test.ts`, 'an empty password, which every directory takes, opens nothing'],
    ],
  },
  {
    id: 'CVE-2024-22261, CVE-2019-19029',
    what: 'texts that become a part of a query',
    tests: [
      [values, 'last=b%27%20OR%20%271%27=%271'],
      [`${auth}/ldap/names.test.ts`, 'whatever a user is called, the filter asks for exactly that'],
    ],
  },
  {
    id: 'CWE-113',
    what: 'texts that become a part of a head',
    tests: [
      [values, 'what a client asked by is encoded where it comes back'],
      [values, 'last=%0d%0aSet-Cookie:%20x'],
      [`${auth}/challenge.test.ts`, 'no text gets out of its quotes'],
    ],
  },
  {
    id: 'CWE-22',
    what: 'paths out of the folder',
    tests: [
      [http, 'an encoding of an encoded slash'],
      [http, 'encoded dots in a name'],
      [http, 'an encoded NUL'],
      [http, 'an upload that climbs'],
      [values, 'a digest that climbs'],
      [values, 'tag=..%2f..'],
    ],
  },
  {
    id: 'CWE-444',
    what: 'a request within another',
    tests: [
      [http, 'a length and chunks'],
      [http, 'two lengths'],
      [http, 'a folded header'],
      [http, 'two codings'],
      [http, 'what cannot be read never becomes a part of an answer that is on its way'],
      [http, 'requests in one piece are answered in their order'],
      [http, 'what is a body is never a request, whoever answers before it was read'],
      [http, 'two passwords'],
      [http, 'chunks of HTTP/1.0'],
    ],
  },
];

/** What nobody is known to have been attacked with, and could be. */
export const more: readonly Attack[] = [
  {
    id: 'uploads',
    what: 'uploads of others, and several that go on with one',
    tests: [
      [uploads, 'nobody else sees, goes on with, ends or gives up an upload'],
      [uploads, 'two PATCHes at once: the second is told where the upload stands, and the first is whole'],
      [uploads, 'many PATCHes at once: what is kept is always one of them'],
      [uploads, 'an upload that is given up while it is written leaves nothing'],
      [uploads, 'many PUTs at once end an upload once'],
      [slow, 'in the middle of a chunk can go on'],
    ],
  },
  {
    id: 'quotas',
    what: 'more than a quota has room for, by many pushes at once or by uploads that never end',
    tests: [
      [quota, 'blobs that are pushed at once, whole, in parts, and by mounts'],
      [quota, 'of tags is not passed by manifests that are pushed at once, with many tags each'],
      [quota, 'is one for uploads that are never ended, too'],
      [quota, 'has nothing to count of what was broken off, which leaves the disk'],
      [quota, 'holds for uploads that arrive at the same time, of which nobody knows how long they are'],
    ],
  },
  {
    id: 'certificates',
    what: 'certificates of others, made by oneself, over, or revoked',
    tests: [
      [certificates, 'one of another authority'],
      [certificates, 'one that its owner made'],
      [certificates, 'one in the name of the authority'],
      [certificates, 'one that is over'],
      [certificates, 'with a list that is out of date, nobody is taken'],
    ],
  },
  {
    id: 'directories and issuers',
    what: 'names that mean something to a directory, referrals, tokens that an issuer did not give for this registry',
    tests: [
      [directory, 'OpenLDAP takes a user name for what it is'],
      [directory, 'OpenLDAP refers to another directory, and nobody goes there'],
      [`${auth}/ldap/authenticator.test.ts`, 'an empty password, which every directory takes, opens nothing'],
      [logins, 'are let in by a token of ${kind}, as Bearer, as a password, and by way of the token service'],
      [logins, 'are let in by a new key soon after the issuer changed it, and not by the old one for long'],
      [logins, 'are told, while their issuer is away, that it cannot be looked up, and are not let in'],
    ],
  },
  {
    id: 'digests',
    what: 'content under a digest that is not its own',
    tests: [
      [
        'src/registry/pipeline/distribution.test.ts',
        'serveRequest() stores nothing that has another digest than was said',
      ],
      [values, 'content is never encoded on its way out, nor decoded on its way in'],
    ],
  },
  {
    id: 'CWE-348',
    what: 'a request that says it comes from elsewhere',
    tests: [
      [proxies, 'is told by nobody but proxies that are named'],
      [proxies, 'and what a client writes before it is passed over'],
      [proxies, 'decides whose guesses are slowed down, and nobody else is kept out behind the same proxy'],
      ['src/registry/http/forwarded.test.ts', 'hopsOf() finds what the last proxy wrote, whatever stands before it'],
    ],
  },
  {
    id: 'guessing',
    what: 'passwords that are tried, from one address or from many',
    tests: [
      [`${auth}/credential-cache.test.ts`, 'guesses sent all at once get no further than guesses one by one'],
      [`${auth}/attempt-guard.test.ts`, 'a user who is tried from everywhere is slowed down'],
    ],
  },
  {
    id: 'audit',
    what: 'an audit trail that was changed, or is flooded',
    tests: [
      [
        'test/hostile/registry-refusals.test.ts',
        'is not written each time by who floods the registry with them, but counted',
      ],
      ['src/registry/audit/refusal-trail.test.ts', 'writes no more than so many entries, whoever asks however often'],
      ['src/registry/audit/chain.test.ts', 'any change, removal, insertion or reordering of entries is found'],
      ['src/registry/audit/chain.test.ts', 'a forger who writes everything after a change anew is found by the head'],
    ],
  },
];
