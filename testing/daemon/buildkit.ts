import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ClientHome, openClientHome } from '../registry/client-programs.ts';
import { startDaemon } from './daemon-process.ts';

/** A BuildKit with an empty store of its own. */
export interface Buildkit extends AsyncDisposable {
  /** Where `buildctl` runs, and whose logins it brings along. */
  readonly home: ClientHome;
  /** Builds the Dockerfile of a folder. */
  build(folder: string, ...args: readonly string[]): Promise<string>;
}

/**
 * Starts one that keeps files in plain folders.
 *
 * @param registries settings by host, in TOML: `http = true`
 */
export async function startBuildkit(registries: Readonly<Record<string, string>>): Promise<Buildkit> {
  await using opened = new AsyncDisposableStack();
  const address = (folder: string): string => `unix://${join(folder, 'buildkitd.sock')}`;
  const home = opened.use(openClientHome());
  const daemon = opened.use(
    await startDaemon({
      program: 'buildkitd',
      args: (folder) => {
        const tables = Object.entries(registries).map(([host, settings]) => `[registry."${host}"]\n${settings}\n`);
        writeFileSync(join(folder, 'buildkitd.toml'), tables.join(''));
        const worker = ['--oci-worker=true', '--containerd-worker=false', '--oci-worker-snapshotter=native'];
        const places = ['--config', join(folder, 'buildkitd.toml'), '--root', join(folder, 'data')];
        return [...places, '--addr', address(folder), ...worker, '--oci-worker-net=host'];
      },
      isReady: async (folder) =>
        (await home.run('buildctl', '--addr', address(folder), 'debug', 'workers')).includes('linux/'),
    }),
  );
  const at = ['--addr', address(daemon.folder)];
  const kept = opened.move();
  return {
    home,
    build: (folder, ...args) => {
      const what = ['--frontend', 'dockerfile.v0', '--local', `context=${folder}`, '--local', `dockerfile=${folder}`];
      return home.run('buildctl', ...at, 'build', '--progress=plain', ...what, ...args);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
