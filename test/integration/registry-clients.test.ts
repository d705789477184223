import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { encode } from '../../testing/image/image-builder.ts';
import { layoutFiles, writeFiles } from '../../testing/image/image-files.ts';
import { checkLayout, checkStored, store } from '../../testing/registry/check-layout.ts';
import { arm, contents, image, small } from '../../testing/registry/client-contents.ts';
import { layoutClients, openClientHome, plainHost } from '../../testing/registry/client-programs.ts';
import { findProgram, needsProgram } from '../../testing/registry/find-program.ts';
import { digestOfText, startOwnRegistry } from '../../testing/registry/own-registry.ts';

/** What a client cannot carry, whatever the registry. */
const cannot: Readonly<Record<string, string>> = {
  'skopeo docker-image': 'its layouts hold only what OCI defines',
  'skopeo docker-list': 'its layouts hold only what OCI defines',
  'skopeo nested': 'it copies no index within an index',
};

describe('what a client pushed is what every client pulls', () => {
  for (const pusher of layoutClients) {
    for (const [name, content] of Object.entries(contents)) {
      const reason = cannot[`${pusher.name} ${name}`];
      const needs = needsProgram(pusher.name);
      test(
        `${pusher.name} pushes ${name}`,
        { skip: needs.skip === false ? (reason ?? false) : needs.skip },
        async () => {
          await using own = await startOwnRegistry();
          using home = openClientHome();
          const layout = home.path('layout');
          writeFiles(layout, layoutFiles([{ content, refName: '1' }]));
          const reference = `${own.host}/team/${name}:v1`;
          await pusher.push(home, layout, reference);
          await checkStored(own, `team/${name}`, 'v1', content);
          for (const puller of layoutClients) {
            if (findProgram(puller.name) === undefined || cannot[`${puller.name} ${name}`] !== undefined) continue;
            const pulled = home.path(`by-${puller.name}`);
            await puller.pull(home, reference, pulled);
            checkLayout(pulled, content);
          }
          // It unpacks gzip alone.
          const isGzip = name === 'gzip-image' || name.startsWith('docker');
          if (isGzip && findProgram('crane') !== undefined) await home.run('crane', 'validate', '--remote', reference);
        },
      );
    }
  }
});

describe('podman and buildah', () => {
  for (const program of ['podman', 'buildah']) {
    test(`${program} pushes an image, and pulls it into an empty store`, needsProgram(program), async () => {
      await using own = await startOwnRegistry();
      using home = openClientHome();
      const reference = `${own.host}/team/app:${program}`;
      // Docker's format knows no zstd.
      for (const [format, content] of Object.entries({ oci: image, v2s2: small })) {
        const id = content.config.digest;
        await store(own, 'team/app', `from-${format}`, content);
        await home.run(program, 'pull', '--tls-verify=false', `${own.host}/team/app:from-${format}`);
        const ids = await home.run(program, 'images', '--quiet', '--no-trunc');
        assert.ok(ids.includes(id), 'an image is called as its config');
        await home.run(
          program,
          'push',
          '--tls-verify=false',
          '--format',
          format,
          id,
          `docker://${reference}-${format}`,
        );
        const got = await own.ask('GET', `team/app/manifests/${program}-${format}`);
        assert.equal(got.status, 200);
        const pushed = got.json() as { mediaType: string; layers: { digest: string; size: number }[] };
        assert.match(pushed.mediaType, format === 'oci' ? /oci/ : /docker/);
        // It packs layers anew, so their digests are its own.
        for (const { digest, size } of pushed.layers) {
          const blob = await own.ask('GET', `team/app/blobs/${digest}`);
          assert.deepEqual([digestOfText(blob.body), blob.body.length], [digest, size]);
        }
        using empty = openClientHome();
        await empty.run(program, 'pull', '--quiet', '--tls-verify=false', `${reference}-${format}`);
        const pulled = (await empty.run(program, 'images', '--quiet', '--no-trunc')).trim();
        // The second form has a config of its own.
        if (format === 'oci') assert.equal(pulled, id);
        const layers = await empty.run(program, 'inspect', '--type', 'image', `${reference}-${format}`);
        for (const diffId of content.diffIds) assert.ok(layers.includes(diffId), diffId);
      }
    });
  }

  test('podman pushes a list of images, and pulls one of them', needsProgram('podman', 'crane'), async () => {
    await using own = await startOwnRegistry();
    using home = openClientHome();
    await store(own, 'team/one', '1', small);
    await store(own, 'team/two', '1', arm);
    const list = `${own.host}/team/list:1`;
    await home.run('podman', 'manifest', 'create', list);
    for (const name of ['one', 'two']) {
      await home.run('podman', 'manifest', 'add', '--tls-verify=false', list, `docker://${own.host}/team/${name}:1`);
    }
    await home.run('podman', 'manifest', 'push', '--all', '--tls-verify=false', list, `docker://${list}`);
    const index = (await own.ask('GET', 'team/list/manifests/1')).json() as { manifests: { digest: string }[] };
    assert.equal(index.manifests.length, 2);
    await home.run('crane', 'validate', '--remote', list);
    using empty = openClientHome();
    await empty.run('podman', 'pull', '--quiet', '--tls-verify=false', '--arch', 'arm64', '--variant', 'v8', list);
    const pulled = (await empty.run('podman', 'images', '--quiet', '--no-trunc')).trim();
    assert.equal(pulled, arm.config.digest);
  });
});

describe('within a registry', () => {
  for (const { name, push, copy } of layoutClients) {
    test(`${name} copies to another repository without sending blobs again`, needsProgram(name), async () => {
      const requests: string[] = [];
      await using own = await startOwnRegistry({
        observe: ({ request, status }) => void requests.push(`${status} ${request.method} ${request.url}`),
      });
      using home = openClientHome();
      writeFiles(home.path('layout'), layoutFiles([{ content: image, refName: '1' }]));
      await push(home, home.path('layout'), `${own.host}/team/from:1`);
      requests.length = 0;
      await copy(home, `${own.host}/team/from:1`, `${own.host}/team/to:1`);
      await checkStored(own, 'team/to', '1', image);
      const mounts = requests.filter((line) => /^201 POST .*mount=/.test(line));
      assert.ok(mounts.length > 0, requests.join('\n'));
      const sent = requests.filter((line) => /^20\d (?:PATCH|PUT) .*\/blobs\//.test(line));
      // A config may be sent rather than mounted: clients have it at hand.
      assert.ok(sent.length <= 2, sent.join('\n'));
    });
  }

  const tags = Array.from({ length: 2345 }, (_, at) => `t${at}`);
  const repositories = Array.from({ length: 30 }, (_, at) => `many/r${String(at).padStart(2, '0')}`);
  const lists: Readonly<Record<string, (host: string) => { tags: readonly string[]; catalog?: readonly string[] }>> = {
    crane: (host) => ({ tags: ['ls', `${host}/many/tags`], catalog: ['catalog', host] }),
    oras: (host) => ({
      tags: ['repo', 'tags', '--plain-http', `${host}/many/tags`],
      catalog: ['repo', 'ls', '--plain-http', host],
    }),
    skopeo: (host) => ({ tags: ['list-tags', '--tls-verify=false', `docker://${host}/many/tags`] }),
    regctl: (host) => ({
      tags: [...plainHost(`${host}/`), 'tag', 'ls', `${host}/many/tags`],
      catalog: [...plainHost(`${host}/`), 'repo', 'ls', host],
    }),
  };
  for (const [name, commands] of Object.entries(lists)) {
    test(`${name} lists all tags and repositories, across pages`, needsProgram(name), async () => {
      await using own = await startOwnRegistry();
      using home = openClientHome();
      const config = { mediaType: 'application/vnd.oci.image.config.v1+json' };
      const mediaType = 'application/vnd.oci.image.manifest.v1+json';
      for (const repository of ['many/tags', ...repositories]) {
        const blob = await own.pushBlob(repository, '{}');
        const body = encode({ schemaVersion: 2, mediaType, config: { ...config, ...blob }, layers: [] });
        const put = async (query: string): Promise<void> => {
          const path = `${repository}/manifests/${digestOfText(body)}?${query}`;
          assert.equal((await own.ask('PUT', path, { body, headers: { 'content-type': mediaType } })).status, 201);
        };
        if (repository !== 'many/tags') await put('tag=a');
        else {
          for (let at = 0; at < tags.length; at += 30) {
            await put(
              tags
                .slice(at, at + 30)
                .map((tag) => `tag=${tag}`)
                .join('&'),
            );
          }
        }
      }
      const { tags: tagsOf, catalog } = commands(own.host);
      const listed = [...(await home.run(name, ...tagsOf)).matchAll(/\bt\d+\b/g)].map(([tag]) => tag);
      assert.deepEqual(new Set(listed), new Set(tags));
      if (catalog === undefined) return;
      const found = await home.run(name, ...catalog);
      for (const repository of repositories) assert.ok(found.includes(repository), repository);
    });
  }

  const deletes: Readonly<Record<string, (name: string) => readonly string[]>> = {
    crane: (name) => ['delete', name],
    oras: (name) => ['manifest', 'delete', '--plain-http', '--force', name],
    skopeo: (name) => ['delete', '--tls-verify=false', `docker://${name}`],
    regctl: (name) => [...plainHost(name), 'manifest', 'rm', name],
  };
  for (const { name, push } of layoutClients) {
    test(`${name} deletes an image by its digest`, needsProgram(name), async () => {
      await using own = await startOwnRegistry();
      using home = openClientHome();
      writeFiles(home.path('layout'), layoutFiles([{ content: image, refName: '1' }]));
      await push(home, home.path('layout'), `${own.host}/team/app:1`);
      const { digest } = image.descriptor;
      await home.run(name, ...(deletes[name] as (name: string) => readonly string[])(`${own.host}/team/app@${digest}`));
      for (const reference of ['1', digest]) {
        assert.equal((await own.ask('HEAD', `team/app/manifests/${reference}`)).status, 404);
      }
      assert.equal((await own.ask('GET', 'team/app/tags/list')).body.toString(), '{"name":"team/app","tags":[]}');
      // Pushed again, it is there again.
      await push(home, home.path('layout'), `${own.host}/team/app:1`);
      await checkStored(own, 'team/app', '1', image);
    });
  }

  test('regctl takes a tag away, and leaves the image', needsProgram('regctl'), async () => {
    await using own = await startOwnRegistry();
    using home = openClientHome();
    writeFiles(home.path('layout'), layoutFiles([{ content: image, refName: '1' }]));
    const name = `${own.host}/team/app`;
    for (const tag of ['1', '2']) {
      await home.run(
        'regctl',
        ...plainHost(name),
        'image',
        'copy',
        `ocidir://${home.path('layout')}:1`,
        `${name}:${tag}`,
      );
    }
    await home.run('regctl', ...plainHost(name), 'tag', 'rm', `${name}:1`);
    assert.equal((await own.ask('HEAD', 'team/app/manifests/1')).status, 404);
    await checkStored(own, 'team/app', '2', image);
  });
});

test('crane finds what it appended and changed', needsProgram('crane'), async () => {
  await using own = await startOwnRegistry();
  using home = openClientHome();
  const name = `${own.host}/team/app`;
  writeFiles(home.folder, new Map([['layer.tar', image.tars[0] as Buffer]]));
  await home.run('crane', 'append', '--new_layer', join(home.folder, 'layer.tar'), '--new_tag', `${name}:a`);
  await home.run('crane', 'mutate', '--label', 'a=b', '--tag', `${name}:b`, `${name}:a`);
  await home.run('crane', 'tag', `${name}:b`, 'c');
  await home.run('crane', 'validate', '--remote', `${name}:c`);
  const digest = (await home.run('crane', 'digest', `${name}:c`)).trim();
  const got = await own.ask('GET', 'team/app/manifests/b');
  assert.equal(got.headers.get('docker-content-digest'), digest);
  assert.equal(digestOfText(got.body), digest);
  assert.match(await home.run('crane', 'config', `${name}:c`), /"a":"b"/);
});
