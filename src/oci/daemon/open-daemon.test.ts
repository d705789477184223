import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import test from 'node:test';
import { buildImage, encode } from '../../../testing/image/image-builder.ts';
import type { BuiltImage } from '../../../testing/image/image-builder.ts';
import { dockerArchive } from '../../../testing/image/image-files.ts';
import type { DockerArchiveDialect } from '../../../testing/image/image-files.ts';
import { file } from '../../../testing/image/tar-writer.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { readRange } from '../file-range.ts';
import type { Image } from '../image.ts';
import { formatPlatform, parsePlatform } from '../platform.ts';
import { validateImage } from '../validate/validate-image.ts';
import { openDaemonImage } from './open-daemon.ts';
import type { OpenDaemonOptions } from './open-daemon.ts';
import type { DaemonRequest, DaemonResponse } from './request.ts';
import { daemonSockets } from './sockets.ts';

const built = buildImage({
  layers: [
    { tar: [file('a', 'one')], compression: 'none' },
    { tar: [file('big', Buffer.alloc(1 << 20, 7))], compression: 'none' },
  ],
});

/** What a daemon answers to a path; undefined is 404. */
type Answers = (
  path: string,
) => { readonly status?: number; readonly body: Buffer; readonly cut?: boolean } | undefined;

interface Setting {
  readonly requests: string[];
  readonly spool: string;
  readonly options: OpenDaemonOptions;
}

/** Runs a fake daemon on a socket in a temporary directory. */
async function withDaemon(
  answers: Answers,
  run: (setting: Setting) => Promise<void>,
  apiVersion = '1.51',
): Promise<void> {
  using folder = temporaryDirectory();
  const socketPath = join(folder.path, 'daemon.sock');
  const spool = join(folder.path, 'spool');
  mkdirSync(spool);
  const requests: string[] = [];
  const server = createServer((incoming: IncomingMessage, outgoing: ServerResponse) => {
    requests.push(incoming.url ?? '');
    const answer = answers(decodeURIComponent((incoming.url ?? '').split('?')[0] as string));
    outgoing.setHeader('Api-Version', apiVersion);
    outgoing.statusCode = answer?.status ?? (answer ? 200 : 404);
    const body = answer?.body ?? encode({ message: 'No such image' });
    if (answer?.cut === true) {
      outgoing.setHeader('content-length', body.length * 2);
      outgoing.write(body, () => outgoing.destroy());
    } else outgoing.end(body);
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  try {
    const options = {
      name: 'docker:x',
      kind: 'docker',
      sockets: ['/nonexistent/docker.sock', socketPath],
      request,
      spoolDirectory: spool,
    } as const;
    await run({ requests, spool, options });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

function request({ url, socketPath, signal }: DaemonRequest): Promise<DaemonResponse> {
  const { pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      { socketPath, path: `${pathname}${search}`, ...(signal ? { signal } : {}) },
      (incoming) => {
        const headers = new Map(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
        resolve({ status: incoming.statusCode ?? 0, headers, body: incoming, discard: () => incoming.destroy() });
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

function inspect(image: BuiltImage, more: object = {}): Buffer {
  return encode({
    Id: image.config.digest,
    RepoTags: ['x:latest'],
    RepoDigests: [`x@${image.descriptor.digest}`],
    Created: '2024-01-01T00:00:00Z',
    Os: 'linux',
    Architecture: 'arm64',
    Variant: 'v8',
    Config: { User: 'me', Env: ['A=b'], Labels: { l: 'm' } },
    RootFS: { Type: 'layers', Layers: image.diffIds },
    ...more,
  });
}

const history = encode([
  { Created: 1_700_000_002, CreatedBy: 'CMD ["sh"]', Size: 0, Comment: 'kit' },
  { Created: 1_700_000_001, CreatedBy: 'COPY big', Size: 100 },
  { Created: 1_700_000_000, CreatedBy: 'ADD a', Size: 100 },
]);

function answersFor(image: BuiltImage, dialect: DockerArchiveDialect = 'docker', more: object = {}): Answers {
  return (path) => {
    if (path === '/images/x/json') return { body: inspect(image, more) };
    if (path.endsWith('/history')) return { body: history };
    return path === `/images/${image.config.digest}/get` ? { body: dockerArchive([{ image }], dialect) } : undefined;
  };
}

test('openDaemonImage() asks for facts only, until a layer is read', async () => {
  await withDaemon(answersFor(built), async ({ requests, spool, options }) => {
    await using image = await openDaemonImage('x', options);
    assert.deepEqual(requests, ['/images/x/json', `/images/${encodeURIComponent(built.config.digest)}/history`]);
    assert.equal(image.imageId, built.config.digest);
    assert.equal(formatPlatform(image.platform), 'linux/arm64/v8');
    assert.deepEqual(image.repoTags, ['x:latest']);
    assert.deepEqual(image.repoDigests, [`x@${built.descriptor.digest}`]);
    assert.deepEqual(image.config.diffIds, built.diffIds);
    assert.deepEqual([image.config.user, image.config.env, { ...image.config.labels }], ['me', ['A=b'], { l: 'm' }]);
    assert.deepEqual(image.config.history, [
      { created: '2023-11-14T22:13:20.000Z', createdBy: 'ADD a', emptyLayer: false },
      { created: '2023-11-14T22:13:21.000Z', createdBy: 'COPY big', emptyLayer: false },
      { created: '2023-11-14T22:13:22.000Z', createdBy: 'CMD ["sh"]', comment: 'kit', emptyLayer: true },
    ]);
    assert.deepEqual(readdirSync(spool), []);
  });
});

for (const dialect of ['docker', 'docker-25'] as const) {
  test(`openDaemonImage() saves the image once, by id and platform, and leaves no file (${dialect})`, async () => {
    await withDaemon(answersFor(built, dialect), async ({ requests, spool, options }) => {
      await using image = await openDaemonImage('x', options);
      const [first, second] = image.layers as [Image['layers'][0], Image['layers'][0]];
      const [range, again] = await Promise.all([second.locate?.(), first.locate?.()]);
      assert.deepEqual(await readRange(range as NonNullable<typeof range>), built.tars[1]);
      assert.deepEqual(await readRange(again as NonNullable<typeof again>), built.tars[0]);
      assert.deepEqual(await validateImage(image), []);
      const saves = requests.filter((path) => path.includes('/get'));
      assert.equal(saves.length, 1);
      assert.match(
        decodeURIComponent(saves[0] as string),
        /\/get\?platform=\{"os":"linux","architecture":"arm64","variant":"v8"\}$/,
      );
      assert.deepEqual(readdirSync(spool), []);
    });
  });
}

test('openDaemonImage() takes the version of a system from Windows only: Podman tells that of Docker there', async () => {
  for (const [Os, expected] of [
    ['linux', 'linux/arm64/v8'],
    ['windows', 'windows(18.06.1-ce)/arm64/v8'],
  ] as const) {
    await withDaemon(answersFor(built, 'docker', { Os, OsVersion: '18.06.1-ce' }), async ({ options }) => {
      await using image = await openDaemonImage('x', options);
      assert.equal(formatPlatform(image.platform), expected);
    });
  }
});

test('openDaemonImage() sends no platform to save to a daemon that knows none', async () => {
  const run = async ({ requests, options }: Setting): Promise<void> => {
    await using image = await openDaemonImage('x', { ...options, kind: 'podman' });
    await image.layers[0]?.locate?.();
    assert.match(requests.at(-1) as string, /\/get$/);
  };
  await withDaemon(answersFor(built), run, '1.41');
});

test('openDaemonImage() asks for the platform that the user named', async () => {
  await withDaemon(answersFor(built), async ({ requests, options }) => {
    await using image = await openDaemonImage('x', { ...options, platform: parsePlatform('linux/arm64') });
    assert.equal(image.layers.length, 2);
    assert.equal(
      decodeURIComponent(requests[0] as string),
      '/images/x/json?platform={"os":"linux","architecture":"arm64"}',
    );
    const other = openDaemonImage('x', { ...options, platform: parsePlatform('linux/amd64') });
    await assert.rejects(other, { code: 'PLATFORM_UNAVAILABLE' });
  });
});

test('openDaemonImage() gives no history where it cannot be paired with the layers', async () => {
  const answers: Answers = (path) =>
    path.endsWith('/history') ? { body: encode([{ CreatedBy: 'x', Size: 0 }]) } : answersFor(built)(path);
  await withDaemon(answers, async ({ options }) => {
    await using image = await openDaemonImage('x', options);
    assert.deepEqual(image.config.history, []);
  });
});

const refused: readonly { title: string; answers: Answers; code: string; message?: RegExp }[] = [
  { title: 'an image that is not there', answers: () => undefined, code: 'IMAGE_NOT_FOUND', message: /registry:x$/ },
  {
    title: 'a platform that is not there',
    answers: () => ({
      status: 404,
      body: encode({ message: 'image was found but does not provide the specified platform' }),
    }),
    code: 'PLATFORM_UNAVAILABLE',
  },
  {
    title: 'a daemon that fails',
    answers: () => ({ status: 500, body: encode({ message: 'disk\u0007 on fire' }) }),
    code: 'DAEMON_UNAVAILABLE',
    message: /answered 500 \(disk on fire\)/,
  },
  {
    title: 'an answer that breaks off',
    answers: () => ({ body: encode({ Id: 'x' }), cut: true }),
    code: 'DAEMON_UNAVAILABLE',
  },
  { title: 'an answer that is no JSON', answers: () => ({ body: Buffer.from('x') }), code: 'CONFIG_INVALID' },
  {
    title: 'an image without an id',
    answers: () => ({ body: inspect(built, { Id: '../x' }) }),
    code: 'CONFIG_INVALID',
  },
  {
    title: 'layers that are no digests',
    answers: () => ({ body: inspect(built, { RootFS: { Layers: ['x'] } }) }),
    code: 'CONFIG_INVALID',
  },
];

for (const { title, answers, code, message = /./ } of refused) {
  test(`openDaemonImage() refuses ${title}`, async () => {
    await withDaemon(answers, async ({ options }) => {
      await assert.rejects(openDaemonImage('x', options), { name: 'OciError', code, message });
    });
  });
}

const saves: readonly { title: string; save: ReturnType<Answers>; code: string }[] = [
  {
    title: 'breaks off',
    save: { body: dockerArchive([{ image: built }]).subarray(0, 9000), cut: true },
    code: 'DAEMON_UNAVAILABLE',
  },
  {
    title: 'ends too early',
    save: { body: dockerArchive([{ image: built }]).subarray(0, 9000) },
    code: 'ARCHIVE_INVALID',
  },
  { title: 'is refused', save: { status: 500, body: encode({ message: 'no' }) }, code: 'DAEMON_UNAVAILABLE' },
  {
    title: 'holds another image',
    save: { body: dockerArchive([{ image: buildImage({ layers: [{ tar: [file('other')] }] }) }]) },
    code: 'BLOB_UNKNOWN',
  },
];

for (const { title, save, code } of saves) {
  test(`openDaemonImage() fails on the layers when the saved image ${title}, and leaves no file`, async () => {
    const answers: Answers = (path) => (path.endsWith('/get') ? save : answersFor(built)(path));
    await withDaemon(answers, async ({ spool, options }) => {
      await using image = await openDaemonImage('x', options);
      for (const layer of image.layers)
        await assert.rejects(async () => await layer.locate?.(), { name: 'OciError', code });
      assert.deepEqual(readdirSync(spool), []);
    });
  });
}

test('openDaemonImage() says where the saved image could not be kept', async () => {
  await withDaemon(answersFor(built), async ({ options }) => {
    using folder = temporaryDirectory();
    const spoolDirectory = folder.write('file', '');
    await using image = await openDaemonImage('x', { ...options, spoolDirectory });
    const locating = async (): Promise<unknown> => await image.layers[0]?.locate?.();
    await assert.rejects(locating, { name: 'OciError', code: 'LAYER_UNREADABLE', message: /file while it is read/ });
  });
});

test('openDaemonImage() refuses names that would reach another endpoint', async () => {
  await withDaemon(answersFor(built), async ({ requests, options }) => {
    for (const name of ['', '..', '../containers', 'a/../../b', 'a//b', 'a?b', 'a#b', 'a b', 'a\nb', '/a', './a']) {
      await assert.rejects(openDaemonImage(name, options), { code: 'REFERENCE_INVALID' }, name);
    }
    assert.deepEqual(requests, []);
  });
});

test('openDaemonImage() says where it looked for a socket, and what it met there', async () => {
  using folder = temporaryDirectory();
  const path = folder.write('daemon.sock', '');
  const options = { name: 'x', kind: 'docker', request, spoolDirectory: folder.path } as const;
  const nowhere = openDaemonImage('x', { ...options, sockets: ['/nonexistent/a'] });
  await assert.rejects(nowhere, { code: 'DAEMON_UNAVAILABLE', message: /\/nonexistent\/a/ });
  await assert.rejects(openDaemonImage('x', { ...options, sockets: [path] }), {
    code: 'DAEMON_UNAVAILABLE',
    message: /ECONNREFUSED/,
  });
});

test('openDaemonImage() stops saving when the image is closed', async () => {
  let answered = 0;
  const endless = (): DaemonResponse => ({
    status: 200,
    headers: new Map(),
    body: (async function* () {
      for (;;) yield await new Promise<Buffer>((resolve) => setImmediate(resolve, Buffer.alloc(512)));
    })(),
    discard: () => (answered += 1),
  });
  await withDaemon(answersFor(built), async ({ spool, options }) => {
    const routed = (sent: DaemonRequest): Promise<DaemonResponse> =>
      sent.url.includes('/get') ? Promise.resolve(endless()) : request(sent);
    const image = await openDaemonImage('x', { ...options, request: routed });
    const locating = assert.rejects(async () => await image.layers[0]?.locate?.(), { name: 'AbortError' });
    await new Promise((resolve) => setImmediate(resolve));
    await image[Symbol.asyncDispose]();
    await locating;
    assert.equal(answered, 1);
    assert.deepEqual(readdirSync(spool), []);
    await assert.rejects(async () => await image.layers[0]?.locate?.(), { code: 'LAYER_UNREADABLE' });
  });
});

test('daemonSockets() looks where the daemons put their sockets', () => {
  assert.deepEqual(daemonSockets('docker', { host: 'unix:///x.sock' }), ['/x.sock']);
  assert.deepEqual(daemonSockets('podman', { runtimeDirectory: '/run/user/1' }), [
    '/run/user/1/podman/podman.sock',
    '/run/podman/podman.sock',
    '/var/run/podman/podman.sock',
  ]);
  assert.deepEqual(daemonSockets('docker', { runtimeDirectory: '/run/user/1', home: '/home/me' }), [
    '/var/run/docker.sock',
    '/run/user/1/docker.sock',
    '/home/me/.docker/run/docker.sock',
    '/home/me/.docker/desktop/docker.sock',
  ]);
  for (const host of ['tcp://localhost:2375', 'ssh://me@host', 'unix://']) {
    assert.throws(() => daemonSockets('docker', { host }), { code: 'DAEMON_UNAVAILABLE' });
  }
});
