import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { buildImage } from '../../testing/image/image-builder.ts';
import { layoutFiles, writeFiles } from '../../testing/image/image-files.ts';
import { file } from '../../testing/image/tar-writer.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { checkLayout } from '../../testing/registry/check-layout.ts';
import { type ClientHome, layoutClients, openClientHome } from '../../testing/registry/client-programs.ts';
import { needsProgram } from '../../testing/registry/find-program.ts';
import { startTeamService } from '../../testing/registry/team-service.ts';

const image = buildImage({ layers: [{ tar: [file('etc/os-release', 'ID=test\n')] }] });

/** How each client logs in; `password` is not always the right one. */
const logins: Readonly<
  Record<string, (home: ClientHome, host: string, user: string, password: string) => Promise<unknown>>
> = {
  crane: (home, host, user, password) => home.run('crane', 'auth', 'login', host, '-u', user, '-p', password),
  oras: (home, host, user, password) =>
    home.run('oras', 'login', '--plain-http', '--username', user, '--password', password, host),
  skopeo: (home, host, user, password) =>
    home.run('skopeo', 'login', '--tls-verify=false', '--username', user, '--password', password, host),
  regctl: async (home, host, user, password) => {
    await home.run('regctl', 'registry', 'set', '--tls', 'disabled', '--skip-check', host);
    await home.run('regctl', 'registry', 'login', '--user', user, '--pass', password, host);
  },
};

for (const auth of ['basic', 'token'] as const) {
  describe(`with ${auth === 'basic' ? 'basic authentication' : 'tokens'}`, () => {
    for (const { name, push, pull } of layoutClients) {
      test(`${name} logs in, and does what it may`, needsProgram(name), async () => {
        await using served = await startTeamService(auth, false);
        const { host } = served;
        using home = openClientHome();
        const login = logins[name] as NonNullable<(typeof logins)[string]>;
        writeFiles(home.path('layout'), layoutFiles([{ content: image, refName: '1' }]));
        const layout = home.path('layout');
        await assert.rejects(push(home, layout, `${host}/team/app:1`), 'a stranger');
        await login(home, host, 'sailor', 'hold-fast');
        await push(home, layout, `${host}/team/app:1`);
        await push(home, layout, `${host}/open/app:1`);
        await pull(home, `${host}/team/app:1`, home.path('pulled'));
        checkLayout(home.path('pulled'), image);
        await assert.rejects(push(home, layout, `${host}/other/app:1`), 'beyond the rights');
        using stranger = openClientHome();
        if (name === 'regctl')
          await stranger.run('regctl', 'registry', 'set', '--tls', 'disabled', '--skip-check', host);
        await assert.rejects(
          login(stranger, host, 'sailor', 'let-go').then(() =>
            pull(stranger, `${host}/team/app:1`, stranger.path('none')),
          ),
          'a wrong password',
        );
        using anybody = openClientHome();
        await pull(anybody, `${host}/open/app:1`, anybody.path('pulled'));
        checkLayout(anybody.path('pulled'), image);
        await assert.rejects(pull(anybody, `${host}/team/app:1`, anybody.path('none')), 'a stranger');
        using guest = openClientHome();
        await login(guest, host, 'guest', 'guest');
        await pull(guest, `${host}/open/app:1`, guest.path('pulled'));
        await assert.rejects(pull(guest, `${host}/team/app:1`, guest.path('none')), 'a guest');
        await assert.rejects(push(guest, layout, `${host}/open/app:2`), 'a guest');
      });
    }

    for (const program of ['podman', 'buildah']) {
      test(`${program} logs in and out`, needsProgram(program, 'crane'), async () => {
        await using served = await startTeamService(auth, false);
        const { host } = served;
        using home = openClientHome();
        const loose = '--tls-verify=false';
        const login = (user: string, password: string): Promise<string> =>
          home.run(program, 'login', loose, '--username', user, '--password', password, host);
        await assert.rejects(login('sailor', 'let-go'));
        await assert.rejects(login('nobody', 'hold-fast'));
        assert.match(await login('sailor', 'hold-fast'), /Login Succeeded/);
        assert.equal((await home.run(program, 'login', '--get-login', host)).trim(), 'sailor');
        writeFiles(home.path('layout'), layoutFiles([{ content: image, refName: '1' }]));
        await home.run('crane', 'push', home.path('layout'), `${host}/team/app:1`);
        await home.run(program, 'pull', loose, `${host}/team/app:1`);
        await home.run(program, 'push', loose, image.config.digest, `docker://${host}/team/app:${program}`);
        await home.run('crane', 'validate', '--remote', `${host}/team/app:${program}`);
        await home.run(program, 'logout', host);
        await assert.rejects(home.run(program, 'pull', loose, `${host}/team/app:${program}`));
        using empty = openClientHome();
        const credentials = ['--creds', 'sailor:hold-fast'];
        await empty.run(program, 'pull', loose, ...credentials, `${host}/team/app:${program}`);
        assert.equal((await empty.run(program, 'images', '--quiet', '--no-trunc')).trim(), image.config.digest);
      });
    }
  });
}

test(
  'clients trust the certificate of a private authority, and nothing else',
  needsProgram('crane', 'oras', 'skopeo'),
  async () => {
    await using served = await startTeamService('token', true);
    const { host, authority = '' } = served;
    using files = temporaryDirectory();
    writeFileSync(join(files.path, 'ca.crt'), authority);
    using home = openClientHome({ SSL_CERT_FILE: join(files.path, 'ca.crt') });
    writeFiles(home.path('layout'), layoutFiles([{ content: image, refName: '1' }]));
    await home.run('crane', 'auth', 'login', host, '-u', 'sailor', '-p', 'hold-fast');
    await home.run('crane', 'push', home.path('layout'), `${host}/team/app:1`);
    const ca = ['--from-ca-file', join(files.path, 'ca.crt')];
    await home.run('oras', 'cp', ...ca, `${host}/team/app:1`, '--to-oci-layout', `${home.path('by-oras')}:1`);
    checkLayout(home.path('by-oras'), image);
    const copy = ['copy', '--insecure-policy', '--src-cert-dir', files.path, '--src-creds', 'sailor:hold-fast'];
    await home.run('skopeo', ...copy, `docker://${host}/team/app:1`, `oci:${home.path('by-skopeo')}:1`);
    checkLayout(home.path('by-skopeo'), image);
    using other = openClientHome();
    await assert.rejects(other.run('crane', 'manifest', `${host}/open/app:1`), /certificate/);
  },
);
