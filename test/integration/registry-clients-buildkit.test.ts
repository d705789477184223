import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { openNetwork } from '../../src/net/open-network.ts';
import { RegistryClient } from '../../src/oci/client/registry-client.ts';
import type { Outcome } from '../../src/registry/pipeline/pipeline.ts';
import { syncRegistries } from '../../src/registry/sync/sync-registries.ts';
import { type Buildkit, startBuildkit } from '../../testing/daemon/buildkit.ts';
import { needsDaemon } from '../../testing/daemon/daemon-process.ts';
import { writeFiles } from '../../testing/image/image-files.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { store } from '../../testing/registry/check-layout.ts';
import { small } from '../../testing/registry/client-contents.ts';
import { findProgram } from '../../testing/registry/find-program.ts';
import { digestOfText, type OwnRegistry, startOwnRegistry } from '../../testing/registry/own-registry.ts';
import { startTeamService } from '../../testing/registry/team-service.ts';

const needed = needsDaemon('buildkitd', 'buildctl');
const plain = 'http = true';

/** What it says without rights. */
const refused = /40[13]|authoriz|denied|no basic auth|insufficient_scope|not found/i;

/** Bytes that no compression makes smaller. */
const noise = Buffer.concat(Array.from({ length: 50_000 }, (_, at) => createHash('sha512').update(`${at}`).digest()));

/** A folder to be built, in the place of the builder. */
function context(builder: Buildkit, recipe: string, files: Readonly<Record<string, Buffer>> = {}): string {
  const all = { Dockerfile: Buffer.from(recipe), 'etc/os-release': Buffer.from('ID=test\n'), noise, ...files };
  writeFiles(builder.home.path('context'), new Map(Object.entries(all)));
  return builder.home.path('context');
}

const recipe = 'FROM scratch\nCOPY etc /etc\nCOPY noise /noise\n';

function pushing(name: string, more = ''): readonly string[] {
  return ['--output', `type=image,name=${name},push=true${more}`];
}

interface Described {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly os: string; readonly architecture: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Document {
  readonly mediaType: string;
  readonly config?: Described;
  readonly layers?: readonly Described[];
  readonly manifests?: readonly Described[];
}

/** A manifest or index, after a look at each byte that it leads to. */
async function whole(own: OwnRegistry, repository: string, reference: string): Promise<Document> {
  const got = await own.ask('GET', `${repository}/manifests/${reference}`);
  assert.equal(got.status, 200, reference);
  assert.equal(got.headers.get('docker-content-digest'), digestOfText(got.body));
  const document = got.json() as Document;
  assert.equal(got.headers.get('content-type'), document.mediaType);
  const { config, layers = [], manifests = [] } = document;
  for (const { digest, size, mediaType } of [...(config === undefined ? [] : [config]), ...layers, ...manifests]) {
    if (/\.(?:manifest|index|list)\./.test(mediaType)) await whole(own, repository, digest);
    else {
      const { status, body } = await own.ask('GET', `${repository}/blobs/${digest}`);
      assert.deepEqual([status, digestOfText(body), body.length], [200, digest, size]);
    }
  }
  return document;
}

function count(outcomes: readonly Outcome[], form: RegExp): number {
  return outcomes.filter(({ request, status }) => form.test(`${status} ${request.method} ${request.url}`)).length;
}

describe('BuildKit', () => {
  for (const [title, more, type] of [
    ['gzip', '', /^application\/vnd\.oci\.image\.layer\.v1\.tar\+gzip$/],
    ['zstd', ',compression=zstd,force-compression=true', /\+zstd$/],
    ['eStargz', ',compression=estargz,force-compression=true', /\+gzip$/],
    ['no compression', ',compression=uncompressed,force-compression=true', /\.tar$/],
    ["docker's types", ',oci-mediatypes=false', /^application\/vnd\.docker\.image\.rootfs\.diff\.tar\.gzip$/],
  ] as const) {
    test(`pushes an image with ${title}, and builds on it`, needed, async () => {
      const outcomes: Outcome[] = [];
      await using own = await startOwnRegistry({ observe: (outcome) => void outcomes.push(outcome) });
      const name = `${own.host}/team/app:1`;
      {
        await using builder = await startBuildkit({ [own.host]: plain });
        await builder.build(context(builder, recipe), ...pushing(name, more));
      }
      const { layers = [] } = await whole(own, 'team/app', '1');
      assert.equal(layers.length, 2);
      for (const layer of layers) {
        assert.match(layer.mediaType, type);
        const isStargz = 'containerd.io/snapshot/stargz/toc.digest' in (layer.annotations ?? {});
        assert.equal(isStargz, title === 'eStargz');
      }
      // One that has nothing of it yet mounts what it only names, and fetches what it reads.
      await using empty = await startBuildkit({ [own.host]: plain });
      outcomes.length = 0;
      const further = `FROM ${name}\nLABEL of=test\n`;
      await empty.build(context(empty, further), ...pushing(`${own.host}/team/built:1`));
      const built = await whole(own, 'team/built', '1');
      assert.deepEqual(
        built.layers?.slice(0, 2).map(({ digest }) => digest),
        layers.map(({ digest }) => digest),
      );
      assert.equal(count(outcomes, /^201 POST .*\/team\/built\/.*from=team\/app/), 2);
      outcomes.length = 0;
      const reading = `FROM ${name} AS below\nFROM scratch\nCOPY --from=below /noise /copied\n`;
      await empty.build(context(empty, reading), ...pushing(`${own.host}/team/read:1`));
      assert.equal((await whole(own, 'team/read', '1')).layers?.length, 1);
      assert.ok(count(outcomes, /^20[06] GET .*\/team\/app\/blobs\//) >= 2);
    });
  }

  test('pushes images of several platforms with provenance', needed, async () => {
    await using own = await startOwnRegistry();
    await using builder = await startBuildkit({ [own.host]: plain });
    const about = ['--opt', 'platform=linux/amd64,linux/arm64', '--opt', 'attest:provenance=mode=max'];
    await builder.build(context(builder, recipe), ...about, ...pushing(`${own.host}/team/app:1`));
    const { mediaType, manifests = [] } = await whole(own, 'team/app', '1');
    assert.equal(mediaType, 'application/vnd.oci.image.index.v1+json');
    assert.deepEqual(
      manifests.map(({ platform }) => `${platform?.os}/${platform?.architecture}`),
      ['linux/amd64', 'linux/arm64', 'unknown/unknown', 'unknown/unknown'],
    );
    const [amd, , attested] = manifests;
    assert.equal(attested?.annotations?.['vnd.docker.reference.digest'], amd?.digest);
    const { layers = [] } = await whole(own, 'team/app', attested?.digest ?? '');
    assert.equal(
      layers[0]?.annotations?.['in-toto.io/predicate-type']?.startsWith('https://slsa.dev/provenance/'),
      true,
    );
    await builder.build(
      context(builder, `FROM ${own.host}/team/app:1\nCOPY noise /again\n`),
      '--opt',
      'platform=linux/arm64',
      ...pushing(`${own.host}/team/arm:1`),
    );
    assert.equal((await whole(own, 'team/arm', '1')).layers?.length, 3);
  });

  for (const asImage of [true, false]) {
    test(`brings its cache along as an ${asImage ? 'image' : 'index'}`, needed, async () => {
      const outcomes: Outcome[] = [];
      const observe = (outcome: Outcome): void => void outcomes.push(outcome);
      await using own = await startOwnRegistry({ observe });
      const cache = `type=registry,ref=${own.host}/team/cache:1`;
      const form = `mode=max,oci-mediatypes=true,image-manifest=${asImage}`;
      {
        await using builder = await startBuildkit({ [own.host]: plain });
        await builder.build(context(builder, recipe), '--export-cache', `${cache},${form}`);
      }
      const { mediaType, config, layers, manifests } = await whole(own, 'team/cache', '1');
      const kind = asImage ? 'manifest' : 'index';
      assert.equal(mediaType, `application/vnd.oci.image.${kind}.v1+json`);
      assert.equal((config ?? manifests?.at(-1))?.mediaType, 'application/vnd.buildkit.cacheconfig.v0');
      assert.equal((layers ?? manifests?.slice(0, -1))?.length, 2);

      await using mirror = await startOwnRegistry({ observe });
      await using network = openNetwork();
      const clients = [own, mirror].map(({ host }) => new RegistryClient(network, host)) as [
        RegistryClient,
        RegistryClient,
      ];
      const options = { repositories: ['team/cache'], tags: [], overwrite: false };
      const report = await syncRegistries(...clients, options);
      assert.deepEqual([report.copied, report.problems], [1, []]);
      await whole(mirror, 'team/cache', '1');

      for (const from of [own, mirror]) {
        await using empty = await startBuildkit({ [from.host]: plain });
        outcomes.length = 0;
        const imported = ['--import-cache', `type=registry,ref=${from.host}/team/cache:1`];
        await empty.build(context(empty, recipe), ...imported, ...pushing(`${from.host}/team/app:1`));
        await whole(from, 'team/app', '1');
        // It takes the layers as they are, without a look at them.
        assert.equal(count(outcomes, /^201 POST .*\/team\/app\/.*from=team\/cache/), 2);
      }
    });
  }

  const busybox = findProgram('busybox');
  const runs = needsDaemon('buildkitd', 'buildctl', 'busybox', 'runc');
  // In an image it stands alone.
  const isAlone = busybox !== undefined && !readFileSync(busybox).includes('/ld-');
  test(
    'runs a step in an image, and lets one list what it built',
    runs.skip === false && !isAlone ? { skip: 'busybox is not static' } : runs,
    async () => {
      await using own = await startOwnRegistry();
      await using builder = await startBuildkit({ [own.host]: plain });
      // How it asks for a list: docs/attestations/sbom-protocol.md of BuildKit.
      const list = {
        _type: 'https://in-toto.io/Statement/v0.1',
        predicateType: 'https://spdx.dev/Document',
        predicate: {},
      };
      const script = `echo '${JSON.stringify(list)}' >"$BUILDKIT_SCAN_DESTINATION/list.spdx.json"\n`;
      const scanner = `${own.host}/team/scanner:1`;
      const folder = context(
        builder,
        'FROM scratch\nCOPY --chmod=755 busybox /bin/sh\nCOPY scan /\nRUN echo made >/made\nENTRYPOINT ["/bin/sh", "/scan"]\n',
        { scan: Buffer.from(script) },
      );
      copyFileSync(busybox as string, `${folder}/busybox`);
      await builder.build(folder, ...pushing(scanner));
      assert.equal((await whole(own, 'team/scanner', '1')).layers?.length, 3);
      const target = pushing(`${own.host}/team/app:1`);
      await builder.build(context(builder, recipe), '--opt', `attest:sbom=generator=${scanner}`, ...target);
      const { manifests = [] } = await whole(own, 'team/app', '1');
      assert.equal(manifests.length, 2);
      const { layers = [] } = await whole(own, 'team/app', manifests[1]?.digest ?? '');
      assert.deepEqual(
        layers.map(({ annotations }) => annotations?.['in-toto.io/predicate-type']),
        ['https://spdx.dev/Document'],
      );
    },
  );

  for (const [title, auth, isTls] of [
    ['basic authentication', 'basic', false],
    ['tokens', 'token', false],
    ['tokens over TLS', 'token', true],
  ] as const) {
    test(`brings the logins of who builds, with ${title}`, needed, async () => {
      await using served = await startTeamService(auth, isTls);
      const { host, authority = '' } = served;
      using files = temporaryDirectory();
      // Of a registry on loopback, it takes for granted that it speaks no TLS.
      const ca = files.write('ca.pem', authority);
      const trusting = `http = false\nca = ["${ca}"]`;
      // Tokens are fetched by who builds, not by the builder.
      const way = isTls ? ['--registry-auth-tlscontext', `host=${host},ca=${ca}`] : [];
      const start = (): Promise<Buildkit> => startBuildkit({ [host]: isTls ? trusting : plain });
      const login = ({ home }: Buildkit, who: string): void => {
        const auths = { [host]: { auth: Buffer.from(who).toString('base64') } };
        writeFiles(home.folder, new Map([['config.json', Buffer.from(JSON.stringify({ auths }))]]));
      };
      await using builder = await start();
      const push = (name: string): Promise<string> =>
        builder.build(context(builder, recipe), ...way, ...pushing(`${host}/${name}:1`));
      await assert.rejects(push('team/app'), refused, 'a stranger');
      login(builder, 'sailor:let-go');
      await assert.rejects(push('team/app'), refused, 'a wrong password');
      login(builder, 'sailor:hold-fast');
      await push('team/app');
      await push('open/app');
      await assert.rejects(push('other/app'), refused, 'beyond the rights');
      // One builder shows the token of one user for the next, so each has one of its own.
      for (const [who, may] of [
        [undefined, ['open']],
        ['guest:guest', ['open']],
        ['sailor:hold-fast', ['open', 'team']],
      ] as const) {
        await using other = await start();
        if (who !== undefined) login(other, who);
        for (const name of ['open', 'team'] as const) {
          const folder = context(other, `FROM ${host}/${name}/app:1\nCOPY noise /more\n`);
          if (may.some((one) => one === name)) await other.build(folder, ...way);
          else await assert.rejects(other.build(folder, ...way), refused, `${who} ${name}`);
        }
      }
      if (!isTls) return;
      await using strange = await startBuildkit({ [host]: 'http = false' });
      await assert.rejects(strange.build(context(strange, `FROM ${host}/open/app:1\n`)), /certificate/);
    });
  }

  test('is told what is gone, and pushes again what was deleted', needed, async () => {
    await using own = await startOwnRegistry();
    await using builder = await startBuildkit({ [own.host]: plain });
    const name = `${own.host}/team/app`;
    const build = (): Promise<string> => builder.build(context(builder, recipe), ...pushing(`${name}:1`));
    await build();
    const { digest } = small.descriptor;
    await store(own, 'team/base', '1', small);
    const onBase = (reference: string): Promise<string> =>
      builder.build(context(builder, `FROM ${own.host}/team/base${reference}\nCOPY noise /more\n`));
    await onBase(':1');
    assert.equal((await own.ask('DELETE', 'team/base/manifests/1')).status, 202);
    await assert.rejects(onBase(':1'), /not found/);
    await onBase(`@${digest}`);
    const pushed = (await own.ask('HEAD', 'team/app/manifests/1')).headers.get('docker-content-digest') ?? '';
    assert.equal((await own.ask('DELETE', `team/app/manifests/${pushed}`)).status, 202);
    await build();
    await whole(own, 'team/app', '1');
  });
});
