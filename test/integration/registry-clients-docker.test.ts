import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import type { Outcome } from '../../src/registry/pipeline/pipeline.ts';
import { needsDaemon } from '../../testing/daemon/daemon-process.ts';
import { startRealDaemon } from '../../testing/daemon/real-daemon.ts';
import { attestationEntry, type BuiltImage, buildImage, buildIndex } from '../../testing/image/image-builder.ts';
import { dockerArchive, writeFiles } from '../../testing/image/image-files.ts';
import { file } from '../../testing/image/tar-writer.ts';
import { store } from '../../testing/registry/check-layout.ts';
import { type ClientHome, openClientHome } from '../../testing/registry/client-programs.ts';
import { startCuttingProxy } from '../../testing/registry/cutting-proxy.ts';
import { digestOfText, type OwnRegistry, startOwnRegistry } from '../../testing/registry/own-registry.ts';
import { startServiceOf } from '../../testing/registry/service-of-text.ts';
import { startTeamService } from '../../testing/registry/team-service.ts';

/** Bytes that no compression makes smaller. */
function noise(size: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(size / 64) }, (_, at) => createHash('sha512').update(`${at}`).digest());
  return Buffer.concat(blocks).subarray(0, size);
}

const base = { tar: [file('etc/os-release', 'ID=test\n')] };
const image = buildImage({ layers: [base, { tar: [file('opt/noise', noise(5_000_000))] }] });
const schema2 = buildImage({ layers: [base], docker: true });
const arm = buildImage({ layers: [base], platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } });
const index = buildIndex([{ content: image }, { content: arm }, attestationEntry(image)]);
const needed = needsDaemon('dockerd', 'docker');

/** A daemon with an empty store, and the program that asks it. */
interface Docker extends AsyncDisposable {
  readonly home: ClientHome;
  run(...args: readonly string[]): Promise<string>;
  /** Takes an image into the store. */
  load(name: string, loaded?: BuiltImage): Promise<void>;
}

async function startDocker(): Promise<Docker> {
  await using opened = new AsyncDisposableStack();
  const daemon = opened.use(await startRealDaemon('docker'));
  // The builder that the daemon itself has: the other is a program of its own.
  const home = opened.use(openClientHome({ DOCKER_HOST: daemon.host, DOCKER_BUILDKIT: '0' }));
  const kept = opened.move();
  return {
    home,
    run: (...args) => home.run('docker', ...args),
    load: (name, loaded = image) => daemon.load(dockerArchive([{ image: loaded, repoTags: [name] }])),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** The manifest that docker pushed, after a look at each of its blobs. */
async function pushed(own: OwnRegistry, repository: string, tag: string): Promise<{ readonly layers: number }> {
  const got = await own.ask('GET', `${repository}/manifests/${tag}`);
  assert.equal(got.status, 200);
  assert.equal(got.headers.get('docker-content-digest'), digestOfText(got.body));
  assert.equal(got.headers.get('content-type'), 'application/vnd.docker.distribution.manifest.v2+json');
  interface Blob {
    readonly digest: string;
    readonly size: number;
  }
  const { config, layers } = got.json() as { readonly config: Blob; readonly layers: readonly Blob[] };
  for (const { digest, size } of [config, ...layers]) {
    const blob = await own.ask('GET', `${repository}/blobs/${digest}`);
    assert.deepEqual([blob.status, digestOfText(blob.body), blob.body.length], [200, digest, size]);
  }
  return { layers: layers.length };
}

/** Requests that answered so and were of this form. */
function count(outcomes: readonly Outcome[], form: RegExp): number {
  return outcomes.filter(({ request, status }) => form.test(`${status} ${request.method} ${request.url}`)).length;
}

describe('docker', () => {
  test('pushes an image, mounts its layers elsewhere, and pulls it into an empty store', needed, async () => {
    const outcomes: Outcome[] = [];
    await using own = await startOwnRegistry({ observe: (outcome) => void outcomes.push(outcome) });
    await using docker = await startDocker();
    const name = `${own.host}/team/app:1`;
    await docker.load(name);
    const words = await docker.run('push', name);
    const digest = /digest: (sha256:\w+)/.exec(words)?.[1] as string;
    assert.equal((await own.ask('HEAD', `team/app/manifests/${digest}`)).status, 200);
    assert.deepEqual(await pushed(own, 'team/app', '1'), { layers: 2 });

    outcomes.length = 0;
    assert.equal((await docker.run('push', name)).match(/Layer already exists/g)?.length, 2);
    assert.equal(count(outcomes, /^20\d P(?:OST|ATCH) /), 0);

    const other = `${own.host}/team/other:1`;
    await docker.run('tag', name, other);
    assert.equal((await docker.run('push', other)).match(/Mounted from team\/app/g)?.length, 2);
    assert.equal(count(outcomes, /^201 POST .*mount=/), 2);
    assert.equal(count(outcomes, /^202 PATCH /), 1, 'it sends the config');
    assert.deepEqual(await pushed(own, 'team/other', '1'), { layers: 2 });

    await using empty = await startDocker();
    for (const source of [name, `${own.host}/team/other@${digest}`]) {
      await empty.run('pull', source);
      assert.equal((await empty.run('images', '--quiet', '--no-trunc', source)).trim(), image.config.digest);
    }
    // Every layer was unpacked as it was packed.
    const { RootFS } = JSON.parse(await empty.run('inspect', '--format', '{{json .}}', name)) as {
      readonly RootFS: { readonly Layers: readonly string[] };
    };
    assert.deepEqual(RootFS.Layers, image.diffIds);
  });

  test('pulls what OCI and it itself define, for the platform that is asked for', needed, async () => {
    await using own = await startOwnRegistry();
    await using docker = await startDocker();
    const list = buildIndex([{ content: schema2 }], { docker: true });
    for (const [name, content] of Object.entries({ image, schema2, index, list })) {
      await store(own, `team/${name}`, '1', content);
      await docker.run('pull', `${own.host}/team/${name}:1`);
      const id = (await docker.run('images', '--quiet', '--no-trunc', `${own.host}/team/${name}`)).trim();
      assert.equal(id, (name === 'image' || name === 'index' ? image : schema2).config.digest, name);
      const digests = await docker.run('images', '--digests', `${own.host}/team/${name}`);
      assert.ok(digests.includes(content.descriptor.digest), digests);
    }
    const other = `${own.host}/team/index:1`;
    await docker.run('pull', '--platform', 'linux/arm64', other);
    assert.equal((await docker.run('images', '--quiet', '--no-trunc', other)).trim(), arm.config.digest);
    await assert.rejects(docker.run('pull', '--platform', 'linux/s390x', other), /no matching manifest/);
  });

  test('pushes a list of images, all tags, and what it imported and built', needed, async () => {
    const outcomes: Outcome[] = [];
    await using own = await startOwnRegistry({ observe: (outcome) => void outcomes.push(outcome) });
    await using docker = await startDocker();
    const { home } = docker;
    const name = `${own.host}/team/app`;
    await docker.load(`${name}:1`);
    for (const tag of ['2', '3']) await docker.run('tag', `${name}:1`, `${name}:${tag}`);
    await docker.run('push', '--all-tags', name);
    const tags = (await own.ask('GET', 'team/app/tags/list')).json() as { readonly tags: readonly string[] };
    assert.deepEqual(tags.tags, ['1', '2', '3']);

    // Older ones make lists of nothing but what they wrote themselves.
    await docker.load(`${own.host}/team/arm:1`, arm);
    await docker.run('push', `${own.host}/team/arm:1`);
    const list = `${own.host}/team/list:1`;
    await docker.run('manifest', 'create', '--insecure', list, `${name}:1`, `${own.host}/team/arm:1`);
    await docker.run('manifest', 'push', '--insecure', list);
    const { manifests } = (await own.ask('GET', 'team/list/manifests/1')).json() as { readonly manifests: unknown[] };
    assert.equal(manifests.length, 2);
    await docker.run('pull', '--platform', 'linux/arm64', list);
    assert.equal((await docker.run('images', '--quiet', '--no-trunc', list)).trim(), arm.config.digest);

    writeFiles(home.path('context'), new Map([['root.tar', image.tars[1] as Buffer]]));
    await docker.run('import', home.path('context/root.tar'), `${own.host}/team/imported:1`);
    await docker.run('push', `${own.host}/team/imported:1`);
    assert.deepEqual(await pushed(own, 'team/imported', '1'), { layers: 1 });

    const recipe = `FROM ${own.host}/team/base:1\nCOPY root.tar /\nLABEL of=test\n`;
    writeFiles(home.path('context'), new Map([['Dockerfile', Buffer.from(recipe)]]));
    await store(own, 'team/base', '1', buildImage({ layers: [{ tar: [file('etc/base', 'base')] }] }));
    outcomes.length = 0;
    await docker.run('build', '--tag', `${own.host}/team/built:1`, home.path('context'));
    await docker.run('push', `${own.host}/team/built:1`);
    assert.deepEqual(await pushed(own, 'team/built', '1'), { layers: 2 });
    assert.equal(count(outcomes, /^201 POST .*from=team%2Fbase/), 1, 'the layer below');

    await using empty = await startDocker();
    await empty.run('pull', '--all-tags', name);
    assert.equal((await empty.run('images', '--quiet', name)).trim().split('\n').length, 3);
  });

  test('is told that a tag is gone or may not change, and pushes again what was deleted', needed, async () => {
    await using own = await startServiceOf(`
registry:
  listen: 127.0.0.1:0
  tags:
    immutable:
      - { name: releases, tags: [v*] }
`);
    await using docker = await startDocker();
    const name = `${own.host}/team/app`;
    await docker.load(`${name}:1`);
    const digest = /digest: (sha256:\w+)/.exec(await docker.run('push', `${name}:1`))?.[1] as string;
    const gone = async (path: string): Promise<void> => {
      assert.equal((await own.ask('DELETE', `/v2/team/app/manifests/${path}`)).status, 202);
    };
    await using empty = await startDocker();
    await gone('1');
    await assert.rejects(empty.run('pull', `${name}:1`), /manifest unknown/);
    await empty.run('pull', `${name}@${digest}`);
    await gone(digest);
    await assert.rejects(docker.run('pull', `${name}@${digest}`), /manifest unknown/);
    await docker.run('push', `${name}:1`);
    await empty.run('pull', `${name}:1`);

    await docker.run('tag', `${name}:1`, `${name}:v1`);
    await docker.run('push', `${name}:v1`);
    await docker.run('push', `${name}:v1`);
    writeFiles(docker.home.folder, new Map([['root.tar', image.tars[0] as Buffer]]));
    await docker.run('import', docker.home.path('root.tar'), `${name}:v1`);
    await assert.rejects(docker.run('push', `${name}:v1`), /denied: .*immutable/i);
  });

  test('goes on with a download where it broke, and sends a layer again', needed, async () => {
    const outcomes: Outcome[] = [];
    await using own = await startOwnRegistry({ observe: (outcome) => void outcomes.push(outcome) });
    await using docker = await startDocker();
    await using up = await startCuttingProxy(own.host, { up: 2_000_000, times: 1 });
    await docker.load(`${up.host}/team/app:1`);
    await docker.run('push', `${up.host}/team/app:1`);
    assert.equal(up.cuts, 1);
    assert.deepEqual(await pushed(own, 'team/app', '1'), { layers: 2 });
    await using empty = await startDocker();
    await using down = await startCuttingProxy(own.host, { down: 2_000_000, times: 1 });
    await empty.run('pull', `${down.host}/team/app:1`);
    assert.equal(down.cuts, 1);
    const parts = outcomes.filter(({ request, status }) => request.headers.range !== undefined && status === 206);
    assert.ok(parts.length > 0, 'it asked for the rest, and not for all');
    const id = await empty.run('images', '--quiet', '--no-trunc', `${down.host}/team/app`);
    assert.equal(id.trim(), image.config.digest);
  });

  for (const [title, auth, isTls] of [
    ['basic authentication', 'basic', false],
    ['tokens', 'token', false],
    // It takes any certificate of the loopback network.
    ['tokens over TLS', 'token', true],
  ] as const) {
    test(`logs in, and does what it may, with ${title}`, needed, async () => {
      await using served = await startTeamService(auth, isTls);
      const { host } = served;
      await using docker = await startDocker();
      for (const name of ['team/app:1', 'open/app:1', 'other/app:1']) await docker.load(`${host}/${name}`);
      const login = (user: string, password: string): Promise<string> =>
        docker.run('login', '--username', user, '--password', password, host);
      await assert.rejects(docker.run('push', `${host}/team/app:1`), /denied|unauthorized|no basic auth/);
      await assert.rejects(login('sailor', 'let-go'), /unauthorized/i);
      await assert.rejects(login('nobody', 'hold-fast'), /unauthorized/i);
      assert.match(await login('sailor', 'hold-fast'), /Login Succeeded/);
      for (const name of ['team/app:1', 'open/app:1']) await docker.run('push', `${host}/${name}`);
      await assert.rejects(docker.run('push', `${host}/other/app:1`), /denied/);
      await using empty = await startDocker();
      // Where there are no tokens, it asks for nothing that it has no password for.
      if (auth === 'token') await empty.run('pull', `${host}/open/app:1`);
      await assert.rejects(empty.run('pull', `${host}/team/app:1`), /denied|unauthorized|no basic auth/);
      await empty.run('login', '--username', 'guest', '--password', 'guest', host);
      await empty.run('pull', `${host}/open/app:1`);
      await assert.rejects(empty.run('pull', `${host}/team/app:1`), /denied|not found/);
      await empty.run('login', '--username', 'sailor', '--password', 'hold-fast', host);
      await empty.run('pull', `${host}/team/app:1`);
      await empty.run('logout', host);
      await assert.rejects(empty.run('pull', `${host}/team/app:1`), /denied|unauthorized|no basic auth/);
    });
  }

  test('pulls as a stranger where nobody can log in', needed, async () => {
    await using own = await startServiceOf(`
registry:
  listen: 127.0.0.1:0
  accept: [anonymous-push]
  auth:
    anonymous:
      - { repositories: [open/**], actions: [pull, push, list] }
`);
    await using docker = await startDocker();
    for (const name of ['open/app:1', 'other/app:1']) await docker.load(`${own.host}/${name}`);
    await docker.run('push', `${own.host}/open/app:1`);
    await assert.rejects(docker.run('push', `${own.host}/other/app:1`), /unauthorized|denied/);
    await using empty = await startDocker();
    await empty.run('pull', `${own.host}/open/app:1`);
  });
});
