import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuiltContent } from '../image/image-builder.ts';
import { ociArchive } from '../image/image-files.ts';
import { type ClientHome, openClientHome } from '../registry/client-programs.ts';
import { startDaemon } from './daemon-process.ts';

/** A containerd with an empty store of its own. */
export interface Containerd extends AsyncDisposable {
  /** Where `ctr` runs. */
  readonly home: ClientHome;
  /** Runs `ctr`. */
  run(...args: readonly string[]): Promise<string>;
  /** Takes an image or index into the store, under a reference, and leaves its layers packed. */
  load(content: BuiltContent, reference: string): Promise<void>;
  /** The bytes that the store has by a digest; throws where it has none. */
  bytes(digest: string): Buffer;
}

/** Starts one. It unpacks into plain folders, so that any file system will do. */
export async function startContainerd(): Promise<Containerd> {
  await using opened = new AsyncDisposableStack();
  const socket = (folder: string): string => join(folder, 'containerd.sock');
  const home = opened.use(openClientHome({ CONTAINERD_SNAPSHOTTER: 'native' }));
  const daemon = opened.use(
    await startDaemon({
      program: 'containerd',
      args: (folder) => {
        writeFileSync(join(folder, 'config.toml'), configFor(folder, socket(folder)));
        return ['--config', join(folder, 'config.toml')];
      },
      isReady: async (folder) => (await home.run('ctr', '--address', socket(folder), 'version')).includes('Server'),
    }),
  );
  const { folder } = daemon;
  const run = (...args: readonly string[]): Promise<string> => home.run('ctr', '--address', socket(folder), ...args);
  const kept = opened.move();
  return {
    home,
    run,
    async load(content, reference) {
      writeFileSync(home.path('loaded.tar'), ociArchive([{ content, imageName: reference }]));
      await run('images', 'import', '--all-platforms', '--no-unpack', home.path('loaded.tar'));
    },
    bytes: (digest) =>
      readFileSync(join(dataOf(folder), 'io.containerd.content.v1.content/blobs', digest.replace(':', '/'))),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function dataOf(folder: string): string {
  return join(folder, 'data');
}

/** What is left out is for containers, or for file systems that not every machine has. */
function configFor(folder: string, socket: string): string {
  const snapshotters = ['aufs', 'btrfs', 'devmapper', 'overlayfs', 'zfs'].map((name) => `snapshotter.v1.${name}`);
  const disabled = ['grpc.v1.cri', ...snapshotters].map((name) => `"io.containerd.${name}"`);
  return `
version = 2
root = "${dataOf(folder)}"
state = "${join(folder, 'run')}"
disabled_plugins = [${disabled.join(', ')}]
[grpc]
address = "${socket}"
`;
}
