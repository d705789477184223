import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, describe } from 'node:test';
import type { BuiltContent } from '../../testing/image/image-builder.ts';
import type { Fault } from '../../testing/registry/fault.ts';
import { listen } from '../../testing/registry/listen.ts';
import {
  startTestRegistry,
  type TestRegistry,
  type TestRegistryOptions,
} from '../../testing/registry/test-registry.ts';
import { assertOneError, start } from './program.ts';
import { idsIn, openWorkplace, sampleFindings, sampleImage } from './sample.ts';

const place = await openWorkplace();
after(() => place[Symbol.dispose]());

const image = sampleImage();
const password = 'hold-fast-0123456789';
const [lowest, app] = image.layers.map(({ digest }) => digest as string) as [string, string];

/** A registry that holds the sample as `app:v1`. */
async function serve(options: TestRegistryOptions = {}, content: BuiltContent = image): Promise<TestRegistry> {
  const registry = await startTestRegistry({ password, ...options });
  for (const bytes of content.blobs.values()) registry.store.putBlob('app', bytes);
  const { mediaType, digest } = content.descriptor;
  registry.store.putManifest('app', 'v1', mediaType, content.blobs.get(digest) as Buffer);
  return registry;
}

const flagsAndHomes: readonly {
  readonly title: string;
  readonly auth: 'none' | 'basic' | 'bearer';
  readonly args?: readonly string[];
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** `config.json` of Docker, for this registry. */
  readonly docker?: (host: string) => unknown;
}[] = [
  { title: 'as nobody', auth: 'none' },
  { title: 'with a token for anybody', auth: 'bearer' },
  {
    title: 'with --username and --password-stdin',
    auth: 'basic',
    args: ['--username', 'sailor', '--password-stdin'],
    input: `${password}\n`,
  },
  {
    title: 'with a user and password from the environment',
    auth: 'bearer',
    env: { SEAWORTHY_USERNAME: 'sailor', SEAWORTHY_PASSWORD: password },
  },
  {
    title: 'with what "docker login" stored',
    auth: 'basic',
    docker: (host) => ({ auths: { [host]: { auth: Buffer.from(`sailor:${password}`).toString('base64') } } }),
  },
];

for (const { title, auth, args = [], input = '', env = {}, docker } of flagsAndHomes) {
  test(`seaworthy image pulls ${title}`, async () => {
    const anonymousPull = title.includes('anybody');
    await using registry = await serve({ auth, tokens: { anonymousPull } });
    if (docker !== undefined) {
      mkdirSync(join(place.path, 'docker'), { recursive: true });
      writeFileSync(join(place.path, 'docker', 'config.json'), JSON.stringify(docker(registry.host)));
    }
    const ended = await place.run(['image', `${registry.host}/app:v1`, '-f', 'json', '--no-cache', ...args], {
      input,
      env: { ...env, ...(docker === undefined ? {} : { DOCKER_CONFIG: join(place.path, 'docker') }) },
    });
    assert.equal(ended.stderr, '');
    assert.deepEqual(idsIn(ended.stdout), sampleFindings);
    assert.equal(ended.status, 0);
  });
}

const refusals: readonly {
  readonly title: string;
  readonly code: string;
  readonly saying?: RegExp;
  readonly fault?: Fault;
  readonly auth?: 'basic' | 'bearer';
}[] = [
  { title: 'a wrong password', auth: 'basic', code: 'UNAUTHORIZED', saying: /127\.0\.0\.1/ },
  { title: 'a wrong password for a token', auth: 'bearer', code: 'UNAUTHORIZED' },
  { title: '403', code: 'DENIED', fault: { kind: 'status', status: 403, path: '/manifests/' } },
  { title: '404', code: 'IMAGE_NOT_FOUND', fault: { kind: 'status', status: 404, path: '/manifests/' } },
  {
    title: '429 that asks to wait an hour',
    code: 'RATE_LIMITED',
    fault: { kind: 'status', status: 429, headers: { 'retry-after': '3600' }, path: '/manifests/' },
  },
  { title: '500 each time', code: 'REGISTRY_UNAVAILABLE', fault: { kind: 'status', status: 500, path: '/manifests/' } },
  { title: 'broken connections', code: 'REGISTRY_UNAVAILABLE', fault: { kind: 'drop', path: '/manifests/' } },
  { title: 'what is no HTTP', code: 'REGISTRY_PROTOCOL', fault: { kind: 'garbage', path: '/manifests/' } },
  {
    title: 'another manifest than its digest says',
    code: 'DIGEST_MISMATCH',
    fault: { kind: 'wrong-digest-header', path: '/manifests/' },
  },
  {
    title: 'lines and colours of its own',
    code: 'DENIED',
    fault: {
      kind: 'status',
      status: 403,
      body: JSON.stringify({ errors: [{ code: 'DENIED', message: 'no\nerror FAKE: \u001B[31mred\u001B[2J' }] }),
      path: '/manifests/',
    },
  },
  {
    title: 'a page in place of a manifest',
    code: 'MANIFEST_INVALID',
    fault: { kind: 'status', status: 200, body: '<html>', path: '/manifests/' },
  },
];

describe('refusals', { concurrency: 2 }, () => {
  for (const { title, code, saying, fault, auth = 'none' } of refusals) {
    test(`seaworthy image says ${code} in one sentence when the registry answers ${title}`, async () => {
      await using registry = await serve({ auth, faults: fault === undefined ? [] : [fault] });
      const secret = 'a-secret-of-the-user';
      const ended = await place.run(['image', `${registry.host}/app:v1`, '--username', 'sailor', '--password-stdin'], {
        input: secret,
      });
      assertOneError(ended, code, saying);
      assert.doesNotMatch(ended.stderr, new RegExp(`${secret}|${Buffer.from(`sailor:${secret}`).toString('base64')}`));
    });
  }
});

const spoilt: readonly { readonly title: string; readonly code: string; readonly fault: Fault }[] = [
  { title: '403', code: 'DENIED', fault: { kind: 'status', status: 403, path: app } },
  { title: '404', code: 'BLOB_UNKNOWN', fault: { kind: 'status', status: 404, path: app } },
  { title: '500', code: 'REGISTRY_UNAVAILABLE', fault: { kind: 'status', status: 500, path: app } },
  { title: 'other bytes', code: 'DIGEST_MISMATCH', fault: { kind: 'wrong-bytes', path: app } },
  { title: 'too little', code: 'SIZE_MISMATCH', fault: { kind: 'short', after: 20, path: app } },
  { title: 'too much', code: 'SIZE_MISMATCH', fault: { kind: 'long', extra: 4096, path: app } },
];

describe('spoilt layers', { concurrency: 2 }, () => {
  for (const { title, code, fault } of spoilt) {
    test(`seaworthy image lists the other layers when one is answered with ${title}`, async () => {
      await using registry = await serve({ faults: [fault] });
      const { status, stdout } = await place.run([
        'image',
        `${registry.host}/app:v1`,
        '-o',
        'json',
        '-o',
        'table',
        '--no-cache',
      ]);
      const table = stdout.slice(stdout.indexOf('\n}\n') + 2);
      assert.deepEqual(idsIn(stdout.slice(0, stdout.indexOf('\n}\n') + 2)), ['CVE-2024-0001', 'CVE-2024-0002']);
      assert.match(table, /Could not look at/);
      assert.match(table, new RegExp(code));
      assert.match(stdout, new RegExp(app));
      assert.equal(status, 2);
    });
  }
});

test('seaworthy image takes what drips in, and follows a redirect without the credentials', async () => {
  const seen: (string | undefined)[] = [];
  await using elsewhere = await listen((request, response) => {
    seen.push(request.headers.authorization);
    response.end(image.blobs.get(app as never));
  });
  await using registry = await serve({
    auth: 'basic',
    faults: [
      { kind: 'redirect', to: `${elsewhere.url}/blob`, path: app },
      { kind: 'drip', bytes: 40, everyMs: 5, path: lowest },
    ],
  });
  const { status, stdout, stderr } = await place.run(
    ['image', `${registry.host}/app:v1`, '-f', 'json', '--no-cache', '--username', 'sailor', '--password-stdin'],
    { input: password },
  );
  assert.equal(stderr, '');
  assert.deepEqual(idsIn(stdout), sampleFindings);
  assert.equal(status, 0);
  assert.deepEqual(seen, [undefined]);
});

test('seaworthy image reports the other images when one cannot be had', async () => {
  await using registry = await serve();
  const { status, stdout, stderr } = await place.run([
    'image',
    `${registry.host}/app:v1`,
    `${registry.host}/app:v2`,
    `${registry.host}/app:v1`,
    '-f',
    'json',
  ]);
  assert.match(stderr, new RegExp(`^${registry.host}/app:v2: error IMAGE_NOT_FOUND: [^\\n]+\\n$`));
  assert.equal((JSON.parse(stdout) as unknown[]).length, 2);
  assert.equal(status, 2);
});

test('seaworthy image reads the password once for all images', async () => {
  await using registry = await serve({ auth: 'basic' });
  const name = `${registry.host}/app:v1`;
  const args = ['image', name, `${name}@${image.descriptor.digest}`, '-f', 'json', '--username', 'sailor'];
  const { status, stdout, stderr } = await place.run([...args, '--password-stdin'], { input: password });
  assert.equal(stderr, '');
  for (const report of JSON.parse(stdout) as unknown[]) assert.deepEqual(idsIn(JSON.stringify(report)), sampleFindings);
  assert.equal(status, 0);
});

test('seaworthy image --offline opens no connection', async () => {
  await using registry = await serve();
  assertOneError(await place.run(['image', `${registry.host}/app:v1`, '--offline']), 'OFFLINE');
  assert.equal(registry.requests.length, 0);
});

test('seaworthy image --timeout ends the wait for a registry that never answers', async () => {
  for (const path of ['/manifests/', app]) {
    await using registry = await serve({ faults: [{ kind: 'hang', path }] });
    const ended = await place.run(['image', `${registry.host}/app:v1`, '--timeout', '1s', '--no-cache']);
    assertOneError(ended, 'TIMEOUT', /--timeout/);
  }
});

for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  test(`seaworthy image ends by ${signal} in the midst of a layer and leaves nothing half-written`, async () => {
    await using registry = await serve({ faults: [{ kind: 'silence', path: app }] });
    const [output, cache] = ['output', 'cache'].map((name) => join(place.path, `${name}-${signal}`)) as [
      string,
      string,
    ];
    mkdirSync(output);
    const built = await place.run(['db', 'build', '--from', place.feeds, '--cache-dir', cache]);
    assert.equal(built.status, 0);
    const args = [
      'image',
      `${registry.host}/app:v1`,
      '-o',
      `json=${join(output, 'report.json')}`,
      '--cache-dir',
      cache,
    ];
    const { child, ended } = start(args, { env: place.env });
    while (!registry.requests.some(({ path }) => path.includes(app)))
      await new Promise((resolve) => setTimeout(resolve, 10));
    child.kill(signal);
    const result = await ended;
    assert.match(result.stderr, /^error INTERRUPTED: [^\n]+\n$/);
    assert.equal(result.stdout, '');
    assert.equal(result.status, status);
    assert.deepEqual(readdirSync(output), []);
    const left = readdirSync(cache, { recursive: true }) as string[];
    assert.deepEqual(
      left.filter((name) => name.endsWith('.tmp')),
      [],
    );
  });
}
