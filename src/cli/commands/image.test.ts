import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { buildImage, buildIndex, type BuiltContent } from '../../../testing/image/image-builder.ts';
import { dockerArchive } from '../../../testing/image/image-files.ts';
import { directory, file, symlink } from '../../../testing/image/tar-writer.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import {
  apkDatabase,
  dpkgDatabase,
  goProgram,
  javaArchiveFile,
  npmPackage,
  osRelease,
} from '../../../testing/package-files.ts';
import { plainHost, plainSettings } from '../../../testing/plain-host.ts';
import {
  type Attaching,
  type SigningRegistry,
  startSigningRegistry,
} from '../../../testing/registry/signing-registry.ts';
import { advisoryUpdate, makeAdvisory, makeAffected } from '../../../testing/vulnerability-database.ts';
import { generateKeyPair } from '../../signing/key/private-key.ts';
import { formatPublicKey } from '../../signing/key/public-key-pem.ts';
import { buildDatabase } from '../../vulndb/build.ts';
import { isSeaworthyError } from '../../base/error.ts';
import type { Settings } from '../config/settings.ts';
import { imageCommand } from './image.ts';
import { sbomCommand } from './sbom.ts';

const stranger = await generateKeyPair();

const advisories = [
  makeAdvisory({ id: 'CVE-2026-1', affected: [makeAffected('Alpine:v3.19 musl', ['0 1.2.4-r3'])] }),
  makeAdvisory({ id: 'CVE-2026-2', affected: [makeAffected('Debian:12 curl', ['0 7.88.1-11'])] }),
  makeAdvisory({ id: 'GHSA-xxxx', affected: [makeAffected('npm axios', ['0 1.0.0'])] }),
];

/** One of everything that an SBOM must carry: kinds of packages, packages in archives, owners, links, whiteouts, problems. */
const debian = buildImage({
  layers: [
    {
      tar: [
        osRelease('debian', '12'),
        dpkgDatabase({ curl: '7.88.1-10', nodejs: '18.13.0-1' }),
        file('var/lib/dpkg/info/nodejs.list', '/usr/share/nodejs/axios/package.json\n'),
        file('usr/share/nodejs/axios/package.json', JSON.stringify({ name: 'axios', version: '0.21.0' })),
        npmPackage('gone', '1.0.0'),
      ],
    },
    {
      tar: [
        file('app/node_modules/.wh.gone'),
        npmPackage('axios', '0.20.0'),
        npmPackage('mine', '1.0.0'),
        file('app/node_modules/broken/package.json', '{'),
        javaArchiveFile('srv/app.jar', 'org.example', 'lib', '1.0'),
        goProgram('usr/bin/tool', 'example.com/tool', 'golang.org/x/net', 'v0.1.0'),
        directory('opt/'),
        symlink('opt/node_modules', '../app/node_modules'),
      ],
      compression: 'zstd',
    },
  ],
  config: { created: '2024-01-26T23:44:47Z', config: { Labels: { a: 'b' } }, history: [{ created_by: 'x' }] },
});

/** An image of Alpine for a machine. */
function alpine(architecture: string, musl: string): BuiltContent {
  const platform = { os: 'linux', architecture };
  return buildImage({ layers: [{ tar: [osRelease('alpine', '3.19.1'), apkDatabase({ musl })] }], platform });
}

const [amd, arm] = [alpine('amd64', '1.2.4-r2'), alpine('arm64', '1.2.4-r3')];
const index = buildIndex([
  { content: amd, platform: { os: 'linux', architecture: 'amd64' } },
  { content: arm, platform: { os: 'linux', architecture: 'arm64' } },
]);

interface World extends AsyncDisposable {
  readonly registry: SigningRegistry;
  readonly folder: TemporaryDirectory;
}

async function openWorld(attaching: Attaching): Promise<World> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryDirectory());
  await buildDatabase(join(folder.path, 'cache', 'vulndb'), [advisoryUpdate(advisories)], {
    clock: () => new Date('2026-11-27T07:00:00Z'),
  });
  const registry = opened.use(await startSigningRegistry(folder.path, attaching));
  folder.write('registry.pub', registry.publicKey);
  folder.write('stranger.pub', formatPublicKey(stranger.publicKey));
  const kept = opened.move();
  return { registry, folder, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

interface Ended {
  readonly status: number;
  readonly out: string;
  /** What was said, without what was done. */
  readonly said: string;
  readonly requests: readonly string[];
}

async function run(
  world: World,
  tag: string,
  changes: Partial<Settings>,
  command: 'image' | 'sbom' = 'image',
): Promise<Ended> {
  const { host, out, err } = plainHost(world.folder.path);
  const settings = plainSettings({
    cacheDir: join(world.folder.path, 'cache'),
    noCache: true,
    debug: true,
    ...changes,
  });
  const name = `${world.registry.service.host}/app:${tag}`;
  const status = await (command === 'image' ? imageCommand([name], settings, host) : sbomCommand(name, settings, host));
  const lines = err().split('\n');
  return {
    status,
    out: out(),
    said: lines.filter((line) => !line.startsWith('debug: ')).join('\n'),
    requests: lines.flatMap((line) => /url=http:\/\/[^/]+(\S+)/.exec(line)?.[1] ?? []),
  };
}

const formats = ['json', 'table', 'sarif', 'cyclonedx-json', 'spdx-json'];

function reportsIn({ folder }: World, place: string): Settings['output'] {
  return formats.map((format) => ({ format, file: join(folder.path, `${place}.${format}`) }));
}

/** The layers that were asked for. */
function layersRead({ requests }: Ended, { blobs }: BuiltContent): readonly string[] {
  return requests.filter((path) => [...blobs].some(([digest, bytes]) => path.endsWith(digest) && bytes[0] !== 0x7b));
}

test('image --sbom-key reports what the layers hold, and reads none of them', async () => {
  await using world = await openWorld('signed');
  await world.registry.push('app', 'debian', debian);
  await world.registry.push('app', 'index', index, [amd, arm]);
  const targets = [
    ['debian', debian, {}],
    ['index', index, {}],
    ['index', index, { platform: { os: 'linux', architecture: 'arm64' } }],
  ] as const;
  for (const [tag, content, changes] of targets) {
    const plain = await run(world, tag, { ...changes, output: reportsIn(world, 'plain') });
    const sbomKey = ['stranger.pub', 'registry.pub'];
    const known = await run(world, tag, { ...changes, sbomKey, output: reportsIn(world, 'known') });
    assert.ok(layersRead(plain, content).length > 0);
    assert.deepEqual(layersRead(known, content), []);
    assert.match(
      known.said,
      /app:\w+: its packages are those of its SBOM sha256:\w{64}, which registry\.pub signed\n$/,
    );
    assert.equal(known.status, plain.status);
    for (const format of formats) {
      const [one, other] = ['plain', 'known'].map((place) =>
        readFileSync(join(world.folder.path, `${place}.${format}`), 'utf8'),
      );
      assert.ok((one ?? '').length > 100);
      assert.equal(other, one, format);
    }
  }
  const { out } = await run(world, 'debian', {
    format: 'json',
    sbomKey: ['registry.pub'],
    sbomOnly: true,
    quiet: true,
  });
  for (const fact of [
    'CVE-2026-2',
    'GHSA-xxxx',
    'srv/app.jar',
    'golang.org/x/net',
    '"DiffID"',
    'broken/package.json',
  ]) {
    assert.ok(out.includes(fact), fact);
  }
  const bill = await run(world, 'debian', { sbomKey: ['registry.pub'] }, 'sbom');
  assert.deepEqual(layersRead(bill, debian), []);
  assert.equal(bill.out, (await run(world, 'debian', {}, 'sbom')).out);

  // What was read here comes first, and what others say is never taken for it.
  const cached = { noCache: false, sbomKey: ['registry.pub'], format: 'json' };
  assert.deepEqual(layersRead(await run(world, 'debian', cached), debian), []);
  const first = await run(world, 'debian', { ...cached, sbomKey: [] });
  assert.ok(layersRead(first, debian).length > 0);
  const again = await run(world, 'debian', cached);
  assert.deepEqual([again.said, again.requests.some((path) => path.includes('/referrers/'))], ['', false]);

  for (const [changes, sentence] of [
    [{ sbomKey: ['stranger.pub'] }, /but its SBOM sha256:\w+ cannot be used: The signature was not made with the key/],
    [{ sbomKey: ['registry.pub'], skipDirs: ['srv'] }, /what --skip-dirs and --skip-files leave out/],
  ] as const) {
    const { said, ...ended } = await run(world, 'debian', changes);
    assert.match(said, /^127\.0\.0\.1:\d+\/app:debian: its layers are read: --sbom-key was given, but /);
    assert.match(said, sentence);
    assert.ok(layersRead(ended as Ended, debian).length > 0);
    assert.equal((await run(world, 'debian', { ...changes, quiet: true })).said, '');
    await assert.rejects(run(world, 'debian', { ...changes, sbomOnly: true }), (error) => {
      assert.ok(isSeaworthyError(error) && error.code === 'SBOM_UNUSABLE');
      assert.match(error.message, sentence);
      return true;
    });
  }
});

test('image --sbom-key reads the layers where the SBOM of a registry is not signed', async () => {
  await using world = await openWorld('unsigned');
  await world.registry.push('app', 'one', amd);
  const ended = await run(world, 'one', { sbomKey: ['registry.pub'] });
  assert.match(ended.said, /but its SBOM is not signed\n/);
  assert.ok(layersRead(ended, amd).length > 0);
});

test('image --sbom-key reads the layers where nothing is attached, and refuses what makes no sense', async () => {
  await using world = await openWorld('nothing');
  await world.registry.push('app', 'one', amd);
  const ended = await run(world, 'one', { sbomKey: ['registry.pub'] });
  assert.match(ended.said, /but it has no signed SBOM\n/);
  assert.ok(layersRead(ended, amd).length > 0);
  for (const [changes, code] of [
    [{ sbomKey: ['nowhere.pub'] }, 'KEY_UNREADABLE'],
    [{ sbomOnly: true }, 'SETTING_INVALID'],
  ] as const) {
    await assert.rejects(run(world, 'one', changes), (error) => isSeaworthyError(error) && error.code === code);
  }
  const path = world.folder.write('image.tar', dockerArchive([{ image: debian, repoTags: ['app:1'] }]));
  const { host } = plainHost(world.folder.path);
  const cacheDir = join(world.folder.path, 'cache');
  const settings = plainSettings({ cacheDir, noCache: true, sbomKey: ['registry.pub'], sbomOnly: true });
  await assert.rejects(imageCommand([`docker-archive:${path}`], settings, host), /it is in no registry/);
});
