import assert from 'node:assert/strict';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ContentEvent } from '../../src/registry/content/content.ts';
import { importContent } from '../../src/registry/import/import-content.ts';
import { openImportSource } from '../../src/registry/import/open-source.ts';
import { attestationEntry, type BuiltContent, buildImage, buildIndex } from '../../testing/image/image-builder.ts';
import { layoutFiles, writeFiles } from '../../testing/image/image-files.ts';
import { file } from '../../testing/image/tar-writer.ts';
import { checkStored } from '../../testing/registry/check-layout.ts';
import { openClientHome } from '../../testing/registry/client-programs.ts';
import { startDockerRegistry } from '../../testing/registry/docker-registry.ts';
import { needsProgram } from '../../testing/registry/find-program.ts';
import { startOwnRegistry } from '../../testing/registry/own-registry.ts';

const base = { tar: [file('etc/os-release', 'ID=test\n')] };
const image = buildImage({ layers: [base, { tar: [file('opt/big', Buffer.alloc(300_000, 'big'))] }] });
const arm = buildImage({ layers: [base], platform: { os: 'linux', architecture: 'arm64' } });
const docker = buildImage({ layers: [base], docker: true });

/** What is pushed, by `repository:tag`. */
const contents: Readonly<Record<string, BuiltContent>> = {
  'team/app:v1': image,
  'team/app:v2': buildIndex([{ content: image }, { content: arm }, attestationEntry(image)]),
  'team/deep/er/app:1': docker,
  'alone:list': buildIndex([{ content: docker }], { docker: true }),
};

test(
  'what crane and oras pushed to docker-registry is taken over from its folder, with what is attached to it',
  needsProgram('docker-registry', 'crane', 'oras'),
  async () => {
    await using registry = await startDockerRegistry();
    await using own = await startOwnRegistry();
    using home = openClientHome();
    for (const [name, content] of Object.entries(contents)) {
      const layout = home.path(name.replaceAll(/[/:]/g, '-'));
      writeFiles(layout, layoutFiles([{ content, refName: '1' }]));
      await home.run('crane', 'push', layout, `${registry.host}/${name}`);
    }
    // A tag that moved: both images are kept, and the tag names the second.
    await home.run('crane', 'tag', `${registry.host}/team/app:v1`, 'moved');
    await home.run('crane', 'tag', `${registry.host}/team/app:v2`, 'moved');
    writeFileSync(home.path('sbom.json'), '{}');
    const attach = ['attach', '--plain-http', '--artifact-type', 'application/spdx+json'];
    await home.run('oras', ...attach, `${registry.host}/team/app:v1`, 'sbom.json:application/json');

    const events: ContentEvent[] = [];
    const journal = (_: unknown, event: ContentEvent): Promise<void> => {
      events.push(event);
      return Promise.resolve();
    };
    const source = await openImportSource(registry.storage, undefined);
    const report = await importContent(own.registry.content, source, { journal });
    assert.deepEqual(report.problems, []);
    assert.equal(report.repositories, 3);
    for (const [name, content] of Object.entries(contents)) {
      const [repository = '', tag = ''] = name.split(':');
      await checkStored(own, repository, tag, content);
    }
    await checkStored(own, 'team/app', 'moved', contents['team/app:v2'] as BuiltContent);
    assert.ok(events.some(({ repository, tag }) => repository === 'team/app' && tag === 'moved'));
    // docker-registry has a list by a tag, and here it is asked for (distribution-spec, "Backwards Compatibility").
    const { digest } = image.descriptor;
    const listed = (await own.ask('GET', `team/app/referrers/${digest}`)).json() as {
      readonly manifests: readonly { readonly artifactType: string; readonly digest: string }[];
    };
    assert.deepEqual(
      listed.manifests.map(({ artifactType }) => artifactType),
      ['application/spdx+json'],
    );
    const found = await home.run('oras', 'discover', '--plain-http', '--format', 'json', `${own.host}/team/app:v1`);
    assert.ok(found.includes(listed.manifests[0]?.digest ?? 'nothing'));
    for (const name of Object.keys(contents).filter((one) => one !== 'team/app:v2')) {
      await home.run('crane', 'validate', '--remote', `${own.host}/${name}`);
    }

    // Run again, it changes nothing.
    const again = await importContent(own.registry.content, source, { journal });
    assert.deepEqual([again.manifests, again.problems], [0, []]);
  },
);

test(
  'an image of docker-registry that lost a layer costs itself alone',
  needsProgram('docker-registry', 'crane'),
  async () => {
    await using registry = await startDockerRegistry();
    await using own = await startOwnRegistry();
    using home = openClientHome();
    for (const [tag, content] of Object.entries({ whole: arm, broken: image })) {
      writeFiles(home.path(tag), layoutFiles([{ content, refName: '1' }]));
      await home.run('crane', 'push', home.path(tag), `${registry.host}/team/app:${tag}`);
    }
    const blobs = join(registry.storage, 'docker/registry/v2/blobs/sha256');
    const lost = image.layers[1]?.digest.slice('sha256:'.length) ?? 'nothing';
    assert.ok(readdirSync(blobs).includes(lost.slice(0, 2)));
    rmSync(join(blobs, lost.slice(0, 2), lost), { recursive: true });
    const source = await openImportSource(registry.storage, undefined);
    const report = await importContent(own.registry.content, source, { journal: () => Promise.resolve() });
    assert.ok(report.problems.length > 0);
    assert.ok(
      report.problems.every(({ subject }) => subject.includes(image.descriptor.digest) || /broken/.test(subject)),
    );
    await checkStored(own, 'team/app', 'whole', arm);
    assert.equal((await own.ask('HEAD', 'team/app/manifests/broken')).status, 404);
  },
);
