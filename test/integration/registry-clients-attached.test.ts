import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { attestationEntry, buildImage, buildIndex } from '../../testing/image/image-builder.ts';
import { layoutFiles, writeFiles } from '../../testing/image/image-files.ts';
import { file } from '../../testing/image/tar-writer.ts';
import { checkLayout, checkStored, store } from '../../testing/registry/check-layout.ts';
import { type ClientHome, openClientHome, plainHost } from '../../testing/registry/client-programs.ts';
import { cosigns } from '../../testing/registry/cosign-lab.ts';
import { startDockerRegistry } from '../../testing/registry/docker-registry.ts';
import { needsProgram } from '../../testing/registry/find-program.ts';
import { type OwnRegistry, startOwnRegistry } from '../../testing/registry/own-registry.ts';

const image = buildImage({ layers: [{ tar: [file('etc/os-release', 'ID=test\n')] }] });
const arm = buildImage({
  layers: [{ tar: [file('opt/arm', 'arm')], compression: 'zstd' }],
  platform: { os: 'linux', architecture: 'arm64' },
});
const index = buildIndex([{ content: image }, { content: arm }, attestationEntry(image)]);
const dockerList = buildIndex([{ content: buildImage({ layers: [{ tar: [] }], docker: true }) }], { docker: true });
const { digest } = image.descriptor;

interface Listed {
  readonly manifests: readonly {
    readonly digest: string;
    readonly artifactType: string;
    readonly annotations?: Readonly<Record<string, string>>;
  }[];
}

async function referrers(own: OwnRegistry, repository: string, query = ''): Promise<Listed['manifests']> {
  const answer = await own.ask('GET', `${repository}/referrers/${digest}${query}`);
  assert.equal(answer.status, 200);
  return (answer.json() as Listed).manifests;
}

async function attach(home: ClientHome, name: string, type: string, text: string): Promise<void> {
  writeFiles(home.folder, new Map([['attached.json', Buffer.from(text)]]));
  const annotation = ['--annotation', `test.of=${type}`];
  const what = ['--artifact-type', type, name, 'attached.json:application/json'];
  await home.run('oras', 'attach', '--plain-http', ...annotation, ...what);
}

describe('what is attached to an image', () => {
  test('oras attaches, discovers by type, pulls and copies it', needsProgram('oras'), async () => {
    await using own = await startOwnRegistry();
    using home = openClientHome();
    await store(own, 'team/app', 'v1', image);
    const name = `${own.host}/team/app`;
    for (const type of ['application/spdx+json', 'application/vnd.cyclonedx+json']) {
      await attach(home, `${name}:v1`, type, `{"of":"${type}"}`);
    }
    const listed = await referrers(own, 'team/app');
    assert.deepEqual(
      new Set(listed.map(({ artifactType, annotations }) => `${artifactType} ${annotations?.['test.of']}`)),
      new Set([
        'application/spdx+json application/spdx+json',
        'application/vnd.cyclonedx+json application/vnd.cyclonedx+json',
      ]),
    );
    const tag = `sha256-${digest.slice('sha256:'.length)}`;
    assert.equal((await own.ask('HEAD', `team/app/manifests/${tag}`)).status, 404, 'no list by a tag is needed');
    const discover = (...args: readonly string[]): Promise<string> =>
      home.run('oras', 'discover', '--plain-http', '--format', 'json', ...args);
    const all = await discover(`${name}:v1`);
    for (const { digest: found } of listed) assert.ok(all.includes(found), all);
    const some = await discover('--artifact-type', 'application/spdx+json', `${name}:v1`);
    assert.match(some, /spdx/);
    assert.doesNotMatch(some, /cyclonedx/);
    const sbom = listed.find(({ artifactType }) => artifactType === 'application/spdx+json')?.digest;
    using there = openClientHome();
    await there.run('oras', 'pull', '--plain-http', `${name}@${sbom}`);
    assert.equal(readFileSync(there.path('attached.json'), 'utf8'), '{"of":"application/spdx+json"}');
    await home.run('oras', 'cp', '-r', '--from-plain-http', '--to-plain-http', `${name}:v1`, `${own.host}/copy/app:v1`);
    await checkStored(own, 'copy/app', 'v1', image);
    assert.deepEqual(await referrers(own, 'copy/app'), listed);
    await home.run('oras', 'manifest', 'delete', '--plain-http', '--force', `${name}@${sbom}`);
    assert.equal((await referrers(own, 'team/app')).length, 1);
  });

  test('regctl lists and copies what oras attached', needsProgram('oras', 'regctl'), async () => {
    await using own = await startOwnRegistry();
    using home = openClientHome();
    await store(own, 'team/app', 'v1', image);
    const name = `${own.host}/team/app`;
    for (const type of ['text/a', 'text/b']) await attach(home, `${name}:v1`, type, `{"of":"${type}"}`);
    const list = await home.run(
      'regctl',
      ...plainHost(name),
      'artifact',
      'list',
      '--format',
      '{{json .}}',
      `${name}:v1`,
    );
    const listed = await referrers(own, 'team/app');
    for (const { digest: found } of listed) assert.ok(list.includes(found), list);
    const some = await home.run(
      'regctl',
      ...plainHost(name),
      'artifact',
      'list',
      '--filter-artifact-type',
      'text/a',
      '--format',
      '{{json .}}',
      `${name}:v1`,
    );
    assert.deepEqual([some.includes('text/a'), some.includes('text/b')], [true, false]);
    await home.run(
      'regctl',
      ...plainHost(name),
      'image',
      'copy',
      '--referrers',
      `${name}:v1`,
      `${own.host}/copy/app:v1`,
    );
    assert.deepEqual(await referrers(own, 'copy/app'), listed);
    await home.run(
      'regctl',
      ...plainHost(name),
      'artifact',
      'put',
      '--artifact-type',
      'text/c',
      '--subject',
      `${name}:v1`,
      '--file',
      home.path('attached.json'),
    );
    assert.equal((await referrers(own, 'team/app', '?artifactType=text/c')).length, 1);
  });

  for (const cosign of cosigns) {
    test(`cosign ${cosign.major} signs, shows, verifies and copies`, async () => {
      await using own = await startOwnRegistry();
      using home = openClientHome();
      await store(own, 'team/app', 'v1', index);
      const name = `${own.host}/team/app`;
      const run = async (...args: readonly string[]): Promise<string> => {
        const { stdout, stderr } = await cosign.run(home.folder, ...args);
        return `${stdout}${stderr}`;
      };
      await run('generate-key-pair');
      writeFiles(home.folder, new Map([['predicate.json', Buffer.from('{"a":1}')]]));
      const mediaType = 'application/vnd.dev.sigstore.signingconfig.v0.2+json';
      const offline = cosign.major === 3 ? ['--signing-config', 'signing.json'] : ['--tlog-upload=false'];
      const services = JSON.stringify({ mediaType, rekorTlogConfig: {}, tsaConfig: {} });
      writeFiles(home.folder, new Map([['signing.json', Buffer.from(services)]]));
      const subject = `${name}@${index.descriptor.digest}`;
      await run('sign', '--key', 'cosign.key', '--yes', '--recursive', ...offline, subject);
      await run(
        'attest',
        '--key',
        'cosign.key',
        '--yes',
        ...offline,
        '--type',
        'custom',
        '--predicate',
        'predicate.json',
        subject,
      );
      const tree = await run('tree', `${name}:v1`);
      assert.match(tree, cosign.major === 3 ? /via OCI referrer: .+\/team\/app@/ : /Signatures/);
      const key = ['--key', 'cosign.pub', '--insecure-ignore-tlog'];
      await run('verify', ...key, `${name}:v1`);
      await run('verify', ...key, `${name}@${digest}`);
      await run('verify-attestation', ...key, '--type', 'custom', `${name}:v1`);
      await run('copy', `${name}:v1`, `${own.host}/copy/app:v1`);
      await checkStored(own, 'copy/app', 'v1', index);
      // The third leaves its own bundles behind, in whatever registry.
      if (cosign.major === 2) await run('verify', ...key, `${own.host}/copy/app:v1`);
      await store(own, 'team/unsigned', 'v1', arm);
      await assert.rejects(run('verify', ...key, `${own.host}/team/unsigned:v1`));
    });
  }
});

describe('between this registry and docker-registry', () => {
  for (const [title, toOwn] of [
    ['from', true],
    ['to', false],
  ] as const) {
    test(
      `skopeo copies and syncs ${title} docker-registry`,
      needsProgram('skopeo', 'docker-registry', 'crane'),
      async () => {
        await using own = await startOwnRegistry();
        await using docker = await startDockerRegistry();
        using home = openClientHome();
        const [from, to] = toOwn ? [docker.host, own.host] : [own.host, docker.host];
        const contents = { index, list: dockerList, image };
        for (const [name, content] of Object.entries(contents)) {
          writeFiles(home.path(name), layoutFiles([{ content, refName: '1' }]));
          await home.run('crane', 'push', home.path(name), `${from}/team/${name}:v1`);
          await home.run('crane', 'tag', `${from}/team/${name}:v1`, 'v2');
        }
        const loose = ['--src-tls-verify=false', '--dest-tls-verify=false'];
        for (const name of Object.keys(contents)) {
          const copy = ['copy', '--all', '--preserve-digests', '--insecure-policy', ...loose];
          await home.run('skopeo', ...copy, `docker://${from}/team/${name}:v1`, `docker://${to}/copied/${name}:v1`);
          const sync = ['sync', '--all', '--preserve-digests', '--src', 'docker', '--dest', 'docker', ...loose];
          await home.run('skopeo', ...sync, `${from}/team/${name}`, `${to}/synced`);
        }
        for (const [name, content] of Object.entries(contents)) {
          for (const place of [`copied/${name}:v1`, `synced/${name}:v1`, `synced/${name}:v2`]) {
            const pulled = home.path(place.replaceAll(/[/:]/g, '-'));
            await home.run('crane', 'pull', '--format', 'oci', `${to}/${place}`, pulled);
            checkLayout(pulled, content);
          }
          if (toOwn) await checkStored(own, `synced/${name}`, 'v2', content);
        }
      },
    );
  }
});
