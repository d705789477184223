import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { writeFiles } from '../../testing/image/image-files.ts';
import { idsIn, openWorkplace, packagesIn } from './sample.ts';
import { assertOneError } from './program.ts';

const place = await openWorkplace();
after(() => place[Symbol.dispose]());

const lock = JSON.stringify(
  {
    lockfileVersion: 3,
    packages: {
      '': { dependencies: { lodash: '^4' }, devDependencies: { other: '1' } },
      'node_modules/lodash': { version: '4.17.20', license: 'MIT' },
      'node_modules/other': { version: '1.0.0', dev: true },
    },
  },
  null,
  2,
);

const files = {
  'src/web/package-lock.json': lock,
  'src/java/pom.xml': '<project/>',
  'src/web/node_modules/lodash/package.json': '{"name":"lodash","version":"4.17.20"}',
};
writeFiles(place.path, new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])));

interface Result {
  readonly Target: string;
  readonly Class: string;
  readonly Type: string;
  readonly Packages?: readonly Readonly<Record<string, unknown>>[];
}

for (const command of ['fs', 'filesystem', 'repo', 'repository']) {
  test(`seaworthy ${command} finds what lock files name, a target for each file`, async () => {
    const { status, stdout, stderr } = await place.run([command, 'src', '-f', 'json']);
    assert.equal(status, 0, stderr);
    assert.deepEqual([idsIn(stdout), packagesIn(stdout)], [['CVE-2024-0003'], ['lodash']]);
    const { ArtifactType, Results } = JSON.parse(stdout) as { ArtifactType: string; Results: readonly Result[] };
    assert.equal(ArtifactType, 'filesystem');
    assert.deepEqual(
      Results.map(({ Target, Class, Type }) => [Target, Class, Type]),
      [['web/package-lock.json', 'lang-pkgs', 'npm']],
    );
    const { ID, Relationship, Locations } = Results[0]?.Packages?.[0] ?? {};
    assert.deepEqual([ID, Relationship, Locations], ['lodash@4.17.20', 'direct', [{ StartLine: 12, EndLine: 15 }]]);
    assert.match(stderr, /^src: 1 package that only development needs is left out; --include-dev-deps/m);
  });
}

test('seaworthy fs --include-dev-deps looks at what is for development, and --fail-on decides about it', async () => {
  const { status, stdout } = await place.run([
    'fs',
    '--include-dev-deps',
    '--fail-on',
    'CRITICAL',
    'src',
    '-f',
    'json',
  ]);
  assert.deepEqual([status, idsIn(stdout)], [1, ['CVE-2024-0003', 'CVE-2024-0004']]);
  const skipped = await place.run(['fs', '--skip-dirs', 'web', '--fail-on', 'CRITICAL', 'src']);
  assert.equal(skipped.status, 0);
});

test('seaworthy fs tells in the table of a project without a lock file', async () => {
  const { status, stdout } = await place.run(['fs', 'src']);
  assert.equal(status, 0);
  assert.match(stdout, /web\/package-lock\.json/);
  assert.match(stdout, /java\/pom\.xml/);
});

test('seaworthy fs lets no lock file pass that it cannot read', async () => {
  writeFiles(place.path, new Map([['broken/package-lock.json', Buffer.from('{"lockfileVersion":3,"packages":[]}')]]));
  const { status, stdout } = await place.run(['fs', 'broken', '--fail-on', 'HIGH']);
  assert.equal(status, 2);
  assert.match(stdout, /packages may be missing[^]*package-lock\.json[^]*\[FILE_MALFORMED,\s*incomplete\]/);
  assert.equal((await place.run(['fs', 'broken', '--skip-files', '**/package-lock.json'])).status, 0);
});

test('seaworthy fs reads one lock file, and SARIF has its lines and its place in the checkout', async () => {
  const { stdout } = await place.run(['fs', 'src/web/package-lock.json', '-f', 'sarif']);
  const { runs } = JSON.parse(stdout) as {
    runs: {
      results: { locations: { physicalLocation: { artifactLocation: { uri: string }; region: unknown } }[] }[];
    }[];
  };
  const physical = runs[0]?.results[0]?.locations[0]?.physicalLocation;
  assert.deepEqual(
    [physical?.artifactLocation.uri, physical?.region],
    ['src/web/package-lock.json', { startLine: 12, endLine: 15 }],
  );
});

test('seaworthy sbom fs: lists what lock files name, and its document is found to have the same flaws', async () => {
  const listed = await place.run(['sbom', 'fs:src', '--include-dev-deps', '-o', 'cyclonedx-json=src.cdx.json']);
  assert.equal(listed.status, 0, listed.stderr);
  const scanned = await place.run(['scan', 'sbom:src.cdx.json', '-f', 'json']);
  const straight = await place.run(['scan', 'fs:src', '--include-dev-deps', '-f', 'json']);
  assert.deepEqual(idsIn(scanned.stdout), ['CVE-2024-0003', 'CVE-2024-0004']);
  assert.deepEqual(idsIn(straight.stdout), idsIn(scanned.stdout));
  const targets = (JSON.parse(scanned.stdout) as { Results: readonly Result[] }).Results.map(({ Target, Type }) => [
    Target,
    Type,
  ]);
  assert.deepEqual(targets, [['web/package-lock.json', 'npm']]);
});

test('seaworthy rootfs goes on to find what is installed, and no lock files', async () => {
  const { stdout } = await place.run(['rootfs', 'src', '-f', 'json']);
  const { Results } = JSON.parse(stdout) as { Results: readonly Result[] };
  assert.deepEqual(
    Results.map(({ Target }) => Target),
    ['Node.js'],
  );
});

for (const [args, code, words] of [
  [['repo', 'https://github.com/a/b'], 'SETTING_INVALID', /git clone https:\/\/github\.com\/a\/b/],
  [['repo', 'https://u:p@ss@github.com/a/b'], 'SETTING_INVALID', /git clone https:\/\/github\.com\/a\/b/],
  [['fs', 'git@github.com:a/b.git'], 'SETTING_INVALID', /git clone/],
  [['fs', 'nowhere'], 'TARGET_INVALID', /nowhere/],
  [['fs', join('src', 'java', 'pom.xml')], 'TARGET_INVALID', /no lock file/],
  [['fs', '--scanners', 'vuln,secret', '.'], 'SETTING_INVALID', /write vuln/],
] as const) {
  test(`seaworthy ${args.join(' ')} says what to do`, async () => {
    assertOneError(await place.run(args), code, words);
  });
}
