import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { writeFiles } from '../../testing/image/image-files.ts';
import { type ClientHome, openClientHome } from '../../testing/registry/client-programs.ts';
import { needsProgram } from '../../testing/registry/find-program.ts';
import { digestOfText, type OwnRegistry, startOwnRegistry } from '../../testing/registry/own-registry.ts';
import { startTeamService } from '../../testing/registry/team-service.ts';

const needed = needsProgram('helm');
const plain = '--plain-http';
/** What helm says without rights: what it was answered, or that it has nothing to show. */
const refused = /status code 40[13]|credential not found/;
const manifestType = 'application/vnd.oci.image.manifest.v1+json';

const template = `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
data:
  version: {{ .Chart.Version | quote }}
`;

/** Packages a chart, and gives the name of its file. */
async function packageChart(home: ClientHome, name: string, version: string, more = ''): Promise<string> {
  const about = `apiVersion: v2\nname: ${name}\nversion: ${version}\n${more}`;
  const files = { 'Chart.yaml': about, 'values.yaml': 'a: 1\n', 'templates/config.yaml': template };
  writeFiles(home.path(name), new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])));
  await home.run('helm', 'package', name);
  return `${name}-${version}.tgz`;
}

interface Manifest {
  readonly config: { readonly mediaType: string };
  readonly layers: readonly { readonly mediaType: string; readonly digest: string }[];
}

async function manifestOf(own: OwnRegistry, path: string): Promise<Manifest & { readonly digest: string }> {
  const got = await own.ask('GET', path);
  assert.equal(got.status, 200, path);
  assert.equal(got.headers.get('content-type'), manifestType);
  return { ...(got.json() as Manifest), digest: digestOfText(got.body) };
}

describe('helm', () => {
  test('pushes a chart, and shows, renders and pulls it', needed, async () => {
    await using own = await startOwnRegistry();
    using home = openClientHome();
    const charts = `oci://${own.host}/charts`;
    const packed = await packageChart(home, 'app', '1.0.0');
    await home.run('helm', 'push', plain, packed, charts);
    // Again, when all is there.
    await home.run('helm', 'push', plain, packed, charts);
    const { config, layers, digest } = await manifestOf(own, 'charts/app/manifests/1.0.0');
    assert.equal(config.mediaType, 'application/vnd.cncf.helm.config.v1+json');
    assert.deepEqual(
      layers.map((layer) => layer.digest),
      [digestOfText(readFileSync(home.path(packed)))],
    );

    // What a version needs that is no tag.
    await home.run('helm', 'push', plain, await packageChart(home, 'app', '1.1.0+build.5'), charts);
    const tags = (await own.ask('GET', 'charts/app/tags/list')).json() as { readonly tags: readonly string[] };
    assert.deepEqual(tags.tags, ['1.0.0', '1.1.0_build.5']);

    using other = openClientHome();
    const app = `${charts}/app`;
    assert.match(await other.run('helm', 'show', 'chart', plain, app), /^version: 1\.1\.0\+build\.5$/m);
    assert.match(await other.run('helm', 'show', 'values', plain, app, '--version', '1.0.0'), /a: 1/);
    const rendered = await other.run('helm', 'template', 'release', plain, app, '--version', '<1.1');
    assert.match(rendered, /name: release\ndata:\n {2}version: "1\.0\.0"/);
    for (const which of [`${app}:1.0.0`, `${app}@${digest}`]) {
      await other.run('helm', 'pull', plain, which);
      assert.deepEqual(readFileSync(other.path(packed)), readFileSync(home.path(packed)), which);
    }
    await assert.rejects(other.run('helm', 'pull', plain, app, '--version', '2.0.0'), /not found/);
    assert.equal((await own.ask('DELETE', 'charts/app/manifests/1.0.0')).status, 202);
    await assert.rejects(other.run('helm', 'pull', plain, `${app}:1.0.0`), /not found/);
    await home.run('helm', 'push', plain, packed, charts);
    await other.run('helm', 'pull', plain, `${app}:1.0.0`);
  });

  test('brings provenance along, and charts that others depend on', needed, async () => {
    await using own = await startOwnRegistry();
    using home = openClientHome();
    const charts = `oci://${own.host}/charts`;
    const packed = await packageChart(home, 'base', '1.0.0');
    const provenance = Buffer.from('-----BEGIN PGP SIGNED MESSAGE-----\n');
    writeFiles(home.folder, new Map([[`${packed}.prov`, provenance]]));
    await home.run('helm', 'push', plain, packed, charts);
    const { layers } = await manifestOf(own, 'charts/base/manifests/1.0.0');
    assert.ok(layers.some(({ mediaType }) => mediaType === 'application/vnd.cncf.helm.chart.provenance.v1.prov'));
    using other = openClientHome();
    await other.run('helm', 'pull', plain, '--prov', `${charts}/base`);
    assert.deepEqual(readFileSync(other.path(`${packed}.prov`)), provenance);

    const needs = `dependencies:\n  - { name: base, version: ^1, repository: "${charts}" }\n`;
    writeFiles(
      other.path('app'),
      new Map([['Chart.yaml', Buffer.from(`apiVersion: v2\nname: app\nversion: 1.0.0\n${needs}`)]]),
    );
    await other.run('helm', 'dependency', 'update', plain, 'app');
    assert.deepEqual(readFileSync(other.path(`app/charts/${packed}`)), readFileSync(home.path(packed)));
  });

  test('finds the newest version on the last of many pages', needed, async () => {
    await using own = await startOwnRegistry({ pageEntries: 50 });
    using home = openClientHome();
    await home.run('helm', 'push', plain, await packageChart(home, 'app', '9.9.9'), `oci://${own.host}/charts`);
    const { body } = await own.ask('GET', 'charts/app/manifests/9.9.9');
    for (let minor = 0; minor < 120; minor += 30) {
      const tags = Array.from({ length: 30 }, (_, at) => `tag=1.${minor + at}.0`).join('&');
      const path = `charts/app/manifests/${digestOfText(body)}?${tags}`;
      const headers = { 'content-type': manifestType };
      assert.equal((await own.ask('PUT', path, { body, headers })).status, 201);
    }
    await home.run('helm', 'pull', plain, `oci://${own.host}/charts/app`, '--version', '>=2');
    assert.ok(readFileSync(home.path('app-9.9.9.tgz')).length > 0);
  });

  for (const auth of ['basic', 'token'] as const) {
    for (const isTls of [false, true]) {
      test(
        `logs in, and does what it may, with ${auth} authentication${isTls ? ' over TLS' : ''}`,
        needed,
        async () => {
          await using served = await startTeamService(auth, isTls);
          const { host, authority = '' } = served;
          using home = openClientHome();
          using stranger = openClientHome();
          for (const one of [home, stranger]) writeFiles(one.folder, new Map([['ca.pem', Buffer.from(authority)]]));
          const way = isTls ? ['--ca-file', 'ca.pem'] : [plain];
          const packed = await packageChart(home, 'app', '1.0.0');
          const push = (name: string): Promise<string> =>
            home.run('helm', 'push', ...way, packed, `oci://${host}/${name}`);
          const login = (who: ClientHome, user: string, password: string): Promise<string> =>
            who.run('helm', 'registry', 'login', ...way, '--username', user, '--password', password, host);
          const show = (who: ClientHome, name: string): Promise<string> =>
            who.run('helm', 'show', 'chart', ...way, `oci://${host}/${name}/app`);
          await assert.rejects(push('team'), refused, 'a stranger');
          await assert.rejects(login(home, 'sailor', 'let-go'), /401/);
          await login(home, 'sailor', 'hold-fast');
          await push('team');
          await push('open');
          await assert.rejects(push('other'), refused, 'beyond the rights');
          assert.match(await show(home, 'team'), /version: 1\.0\.0/);
          assert.match(await show(stranger, 'open'), /version: 1\.0\.0/);
          await assert.rejects(show(stranger, 'team'), refused, 'a stranger');
          await login(stranger, 'guest', 'guest');
          await assert.rejects(show(stranger, 'team'), refused, 'a guest');
          await home.run('helm', 'registry', 'logout', host);
          await assert.rejects(show(home, 'team'), refused, 'logged out');
          if (!isTls) return;
          await assert.rejects(home.run('helm', 'show', 'chart', `oci://${host}/open/app`), /certificate/);
        },
      );
    }
  }
});
