import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, describe } from 'node:test';
import { buildImage } from '../../testing/image/image-builder.ts';
import { layoutFiles, writeFiles } from '../../testing/image/image-files.ts';
import { actionFolder, readAction, runAction, type ActionRun } from './action-runner.ts';
import { file as tarFile } from '../../testing/image/tar-writer.ts';
import { makeCertificate } from '../../testing/registry/certificate.ts';
import { needsProgram } from '../../testing/registry/find-program.ts';
import { listen } from '../../testing/registry/listen.ts';
import { launcher } from '../end-to-end/program.ts';
import { idsIn, sampleFindings, sampleImage } from '../end-to-end/sample.ts';
import { openSigningPlace, serveImage } from '../end-to-end/signing-place.ts';

const action = readAction();
const target = `${process.platform}-${process.arch}`;
const programs = needsProgram('curl', 'bash');
const skip = /^(?:linux|darwin)-(?:x64|arm64)$/.test(target)
  ? programs.skip
  : 'there is no single file for this machine';

// A line of this workflow's log, a script in three shells, and flags.
const hostile: readonly string[] = [
  'x; touch pwned',
  '$(touch pwned)',
  '`touch pwned`',
  '"; touch pwned; "',
  "'; touch pwned; '",
  '--output=pwned',
  '--policy',
  '-o',
  'a\n::set-env name=X::y',
  'a\n::error::pwned',
  '../*',
  '${IFS}touch${IFS}pwned',
  '%0A::error::pwned',
];

describe('the GitHub action', { skip, concurrency: 1 }, async () => {
  const place = await openSigningPlace();
  after(() => place[Symbol.dispose]());
  const work = join(place.path, 'workspace');
  const source = join(place.path, 'release');
  for (const folder of [work, source]) mkdirSync(folder);
  // In place of the single file, what runs this checkout; it tells whether it ran.
  const program = `#!/bin/sh\necho ran >> '${place.path}/ran'\nexec '${process.execPath}' '${launcher}' "$@"\n`;
  const file = join(source, `seaworthy-${target}`);
  writeFileSync(file, program);
  chmodSync(file, 0o644);
  writeFiles(join(work, 'layout'), layoutFiles([{ content: sampleImage() }]));
  const installed = { source, checksum: createHash('sha256').update(program).digest('hex') };
  const run = (
    inputs: Readonly<Record<string, string>>,
    env: Readonly<Record<string, string>> = {},
  ): Promise<ActionRun> =>
    runAction(action, { 'cache-dir': place.cache, 'db-source': place.feeds, ...installed, ...inputs }, work, {
      HOME: place.path,
      PATH: '/usr/bin:/bin',
      COSIGN_PASSWORD: 'keel-and-anchor-0815',
      ...env,
    });
  const assertUnharmed = (what: string): void => {
    for (const folder of [work, place.path]) {
      assert.deepEqual(
        readdirSync(folder).filter((name) => name.includes('pwned')),
        [],
        what,
      );
    }
  };

  test('has no expression in any script, and hands over every input', () => {
    assert.equal(action.runs.using, 'composite');
    const used = new Set<string>();
    for (const { run: script, env = {}, shell } of action.runs.steps) {
      assert.doesNotMatch(script, /\$\{\{/);
      assert.equal(shell, 'bash');
      const handed = Object.values(env).filter((text) => text !== '${{ steps.pin.outputs.image }}');
      for (const text of handed) used.add(/^\$\{\{ inputs\.([\w-]+) \}\}$/.exec(text)?.[1] ?? text);
    }
    assert.deepEqual([...used].toSorted(), Object.keys(action.inputs).toSorted());
  });

  test('scans an image, and fails as it is told to', async () => {
    const found = await run({ 'image-ref': 'oci-dir:layout', format: 'json', output: 'report.json', 'exit-code': '7' });
    assert.equal(found.failed, 'Scan', found.shown);
    assert.equal(found.status, 7);
    assert.deepEqual(found.outputs, { status: '7' });
    assert.deepEqual(idsIn(readFileSync(join(work, 'report.json'), 'utf8')), sampleFindings);
    const worst = await run({
      'image-ref': 'oci-dir:layout',
      format: 'json',
      output: 'json',
      checksum: installed.checksum.toUpperCase(),
      severity: 'CRITICAL',
      'ignore-unfixed': 'true',
    });
    assert.equal(worst.failed, undefined, worst.shown);
    assert.deepEqual(idsIn(readFileSync(join(work, 'json'), 'utf8')), ['CVE-2024-0003']);
    assert.deepEqual(worst.outputs, { status: '0' });
  });

  test('takes rules of several files, folders, and lists of packages', async () => {
    writeFileSync(join(work, 'one'), 'CVE-2024-0001');
    writeFileSync(join(work, 'two'), 'CVE-2024-0002\n');
    const ignored = await run({
      'image-ref': 'oci-dir:layout',
      format: 'json',
      output: 'r.json',
      trivyignores: 'one, two',
    });
    assert.equal(ignored.failed, undefined, ignored.shown);
    assert.deepEqual(idsIn(readFileSync(join(work, 'r.json'), 'utf8')), ['CVE-2024-0003']);
    mkdirSync(join(work, 'tree', 'node_modules', 'lodash'), { recursive: true });
    writeFileSync(join(work, 'tree/node_modules/lodash/package.json'), '{"name":"lodash","version":"4.17.20"}');
    const tree = await run({ 'scan-type': 'rootfs', 'scan-ref': 'tree', 'fail-on': 'CRITICAL' });
    assert.equal(tree.status, 1, tree.shown);
    assert.match(tree.shown, /CVE-2024-0003/);
    writeFileSync(join(work, 'tree/yarn.lock'), 'lodash@^4:\n  version "4.17.20"\n');
    const source = await run({ 'scan-type': 'fs', 'scan-ref': 'tree', 'fail-on': 'CRITICAL' });
    assert.equal(source.status, 1, source.shown);
    assert.match(source.shown, /yarn\.lock[^]*CVE-2024-0003/);
  });

  test('checks configuration, without a database and without what is about packages', async () => {
    const web = join(work, 'web');
    mkdirSync(web);
    writeFileSync(join(web, 'Dockerfile'), 'FROM alpine:3.20\nRUN apk add curl\nUSER app\nHEALTHCHECK NONE\n');
    const checked = await run({
      'scan-type': 'config',
      'scan-ref': 'web',
      scanners: 'misconfig',
      format: 'json',
      output: 'config.json',
      'ignore-unfixed': 'true',
      'list-all-pkgs': 'true',
      'exit-code': '7',
      'cache-dir': join(place.path, 'no-database'),
      'db-source': join(place.path, 'no-feeds'),
    });
    assert.deepEqual([checked.failed, checked.outputs], ['Scan', { status: '7' }], checked.shown);
    const report = JSON.parse(readFileSync(join(work, 'config.json'), 'utf8')) as {
      readonly Results: readonly { readonly Misconfigurations: readonly { readonly ID: string }[] }[];
    };
    assert.deepEqual(
      report.Results.flatMap((result) => result.Misconfigurations.map(({ ID }) => ID)),
      ['DS-0025'],
    );
    const set = { 'scan-type': 'config', 'scan-ref': 'web', severity: 'CRITICAL', 'exit-code': '7' };
    assert.equal((await run(set)).failed, undefined);
  });

  test('says what it does not take', async () => {
    writeFileSync(join(work, 'two.yaml'), 'vulnerabilities: [{ id: CVE-2024-0002 }]\n');
    const cases: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
      [{}, /image-ref/],
      [{ 'scan-type': 'vm' }, /image, rootfs, fs, repo, sbom or config/],
      [{ 'scan-type': 'config', scanners: 'misconfig,secret' }, /misconfig alone/],
      [{ 'image-ref': 'x', scanners: 'vuln,secret' }, /vuln alone/],
      [{ 'image-ref': 'x', format: 'template' }, /not one of Seaworthy's/],
      [{ 'image-ref': 'x', 'ignore-unfixed': 'yes' }, /::ignore-unfixed is true or false, and not yes$/],
      [{ 'image-ref': 'x', trivyignores: 'one,two.yaml' }, /name two\.yaml alone/],
      [{ 'image-ref': 'x', trivyignores: 'one,none' }, /no file none/],
    ];
    for (const [inputs, said] of cases) {
      const ended = await run({ 'skip-db-update': 'true', ...inputs });
      assert.equal(ended.status, 2, ended.shown);
      assert.match(ended.commands.join('\n'), said);
    }
  });

  test('runs nothing whose checksum is not the one that is pinned', async () => {
    const cases: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
      [{ checksum: '0'.repeat(64) }, /it was not run/],
      [{ checksum: '' }, /No checksum is known/],
      [{ checksum: '', version: '9.9.9' }, /No checksum is known for version 9\.9\.9/],
      [{ checksum: 'x' }, /checksum is a SHA-256 of 64 hexadecimal digits, and not x$/],
      [{ version: '../../evil' }, /version is one such as/],
      [{ source: 'http://example.com/releases' }, /https/],
      [{ source: '/nowhere' }, /There is no seaworthy-/],
    ];
    for (const [inputs, said] of cases) {
      writeFileSync(join(place.path, 'ran'), '');
      const ended = await run({ 'image-ref': 'oci-dir:layout', ...inputs });
      assert.equal(ended.failed, 'Install Seaworthy', ended.shown);
      assert.match(ended.commands.join('\n'), said);
      assert.equal(readFileSync(join(place.path, 'ran'), 'utf8'), '');
    }
  });

  test('fetches a release over TLS, runs it by its checksum alone, and says what it could not have', async () => {
    const authority = makeCertificate('authority');
    const leaf = makeCertificate('releases', { issuer: authority, ips: ['127.0.0.1'] });
    const asked: string[] = [];
    await using plain = await listen((_request, response) => response.end(program));
    await using server = await listen(
      ({ url = '' }, response) => {
        asked.push(url);
        if (url === `/releases/v0.1.0/seaworthy-${target}`) response.end(program);
        else if (url.startsWith('/moved/'))
          response.writeHead(302, { location: url.replace('moved', 'releases') }).end();
        else if (url.startsWith('/in-the-clear/')) response.writeHead(302, { location: plain.url }).end();
        else if (url.startsWith('/changed/')) response.end(`${program}# `);
        else response.writeHead(404).end('Not Found');
      },
      { cert: leaf.cert, key: leaf.key },
    );
    const pemFile = (name: string, text: string): string => {
      place.write(`${name}.pem`, text);
      return join(place.path, `${name}.pem`);
    };
    const trusting = { CURL_CA_BUNDLE: pemFile('authority', authority.cert) };
    const ran = (): boolean => readFileSync(join(place.path, 'ran'), 'utf8') !== '';
    const from = async (folder: string, inputs: Readonly<Record<string, string>> = {}, env = trusting) => {
      writeFileSync(join(place.path, 'ran'), '');
      return await run({ 'image-ref': 'oci-dir:layout', source: `${server.url}/${folder}`, ...inputs }, env);
    };
    for (const folder of ['releases', 'moved']) {
      const ended = await from(folder);
      assert.deepEqual([ended.failed, ran()], [undefined, true], ended.shown);
      assert.match(ended.shown, /CVE-2024-0003/);
    }
    const refused: readonly (readonly [() => Promise<ActionRun>, RegExp])[] = [
      [() => from('changed'), /has the checksum [0-9a-f]{64}, and not [0-9a-f]{64}; it was not run/],
      [() => from('none'), /Version 0\.1\.0 could not be fetched from https:/],
      [() => from('releases', { version: '7.7.7' }), /Version 7\.7\.7 could not be fetched/],
      [() => from('in-the-clear'), /could not be fetched/],
      [() => from('releases', {}, { CURL_CA_BUNDLE: pemFile('other', makeCertificate('other').cert) }), /fetched/],
    ];
    for (const [ending, said] of refused) {
      const ended = await ending();
      assert.deepEqual([ended.failed, ended.status, ran()], ['Install Seaworthy', 2, false], ended.shown);
      assert.match(ended.commands.join('\n'), said);
    }
    assert.ok(asked.includes(`/releases/v7.7.7/seaworthy-${target}`));
  });

  test('evaluates no input, takes none for a flag, and lets none speak to the runner', async () => {
    for (const name of Object.keys(action.inputs)) {
      if (['cache-dir', 'db-source', 'checksum', 'source', 'sign-args'].includes(name)) continue;
      const value = hostile[Object.keys(action.inputs).indexOf(name) % hostile.length] as string;
      const ended = await run({
        'image-ref': 'oci-dir:layout',
        'skip-db-update': 'true',
        output: 'out.txt',
        [name]: value,
      });
      assertUnharmed(`${name}: ${value}`);
      for (const line of ended.commands) assert.match(line, /^::error title=Seaworthy::/, `${name}: ${value}`);
    }
    for (const value of hostile) {
      const ended = await run(
        { 'image-ref': value, 'skip-db-update': 'true', timeout: '2s' },
        { SEAWORTHY_OFFLINE: 'true' },
      );
      assert.equal(ended.failed, 'Scan', value);
      assert.equal(ended.status, 2, ended.shown);
      assertUnharmed(value);
      assert.deepEqual(ended.commands, [], value);
    }
  });

  test('judges by policies, and signs what has passed', async () => {
    await using registry = await serveImage();
    await place.makeKey('release');
    const policy = (nonRoot: boolean): string => {
      const spec = nonRoot ? 'config: {nonRoot: true}' : 'config: {nonRoot: true, enforcement: warn}';
      const text = `apiVersion: seaworthy.dev/v1\nkind: ImagePolicy\nmetadata: {name: p}\nspec:\n  ${spec}\n`;
      writeFileSync(join(work, `policy-${nonRoot}.yaml`), text);
      return `policy-${nonRoot}.yaml`;
    };
    const common = {
      'image-ref': registry.byDigest,
      sign: 'true',
      'sign-key': join(place.path, 'release.key'),
      'sign-args': '--tlog-upload=false',
    };
    const denied = await run({ ...common, policy: policy(true) });
    assert.equal(denied.failed, 'Judge by policies', denied.shown);
    assert.equal(denied.status, 40);
    const verify = () => place.run(['verify', '--key', 'release.pub', '--insecure-ignore-tlog', registry.byDigest]);
    assert.equal((await verify()).status, 10);
    const passed = await run({ ...common, policy: `${policy(false)}\n` });
    assert.equal(passed.failed, undefined, passed.shown);
    assert.equal((await verify()).status, 0);
  });

  test('signs nothing but what was scanned', async () => {
    await using registry = await serveImage();
    await place.makeKey('pinned');
    const key = { sign: 'true', 'sign-key': join(place.path, 'pinned.key'), 'sign-args': '--tlog-upload=false' };
    for (const [name, inputs] of [
      ['an archive', { input: 'layout' }],
      ['a folder', { 'scan-type': 'fs' }],
    ] as const) {
      const { failed, shown } = await run({ ...key, 'image-ref': registry.name, ...inputs });
      assert.equal(failed, 'Pin what is signed', name);
      assert.match(shown, /sign is about what was scanned/);
    }
    // The tag is moved as soon as somebody has asked for it.
    const other = buildImage({ layers: [{ tar: [tarFile('etc/other', 'x')] }] });
    for (const bytes of other.blobs.values()) registry.store.putBlob('app', bytes);
    const moving = setInterval(() => {
      if (!registry.requests.some(({ path }) => path.endsWith('/manifests/v1'))) return;
      const { mediaType, digest } = other.descriptor;
      registry.store.putManifest('app', 'v1', mediaType, other.blobs.get(digest) as Buffer);
      clearInterval(moving);
    }, 2);
    const passed = await run({ ...key, 'image-ref': registry.name });
    clearInterval(moving);
    assert.equal(passed.failed, undefined, passed.shown);
    const verify = (image: string) => place.run(['verify', '--key', 'pinned.pub', '--insecure-ignore-tlog', image]);
    assert.equal((await verify(registry.byDigest)).status, 0);
    assert.equal((await verify(registry.name)).status, 10);
  });

  test(
    'its scripts are what shellcheck has nothing to say about',
    { skip: existsSync('/usr/bin/shellcheck') ? false : 'shellcheck is not installed' },
    () => {
      const scripts = readdirSync(actionFolder).filter((name) => name.endsWith('.sh'));
      const { stdout, status } = spawnSync('shellcheck', ['-x', ...scripts], { cwd: actionFolder, encoding: 'utf8' });
      assert.equal(status, 0, stdout);
    },
  );
});
