import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
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
  /** How many blobs the store has, each of them whole and verified. */
  blobs(): number;
  /** Where it is asked, as `unix://` URL. */
  readonly endpoint: string;
}

/** A containerd of a node. */
export interface NodeRuntime {
  /** The tree of hosts.toml that it goes by. */
  readonly hosts: string;
  /** `overlayfs` is what nodes have; `native` is for any file system. */
  readonly snapshotter: 'native' | 'overlayfs';
}

/**
 * Starts one. It unpacks into plain folders, so that any file system will do.
 *
 * @param node answers a kubelet too, or its client `crictl`
 */
export async function startContainerd(node?: NodeRuntime): Promise<Containerd> {
  await using opened = new AsyncDisposableStack();
  const socket = (folder: string): string => join(folder, 'containerd.sock');
  const home = opened.use(openClientHome({ CONTAINERD_SNAPSHOTTER: 'native' }));
  const daemon = opened.use(
    await startDaemon({
      program: 'containerd',
      args: (folder) => {
        writeFileSync(join(folder, 'config.toml'), configFor(folder, socket(folder), node));
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
    bytes: (digest) => readFileSync(join(dataOf(folder), blobsFolder, digest.replace(':', '/'))),
    blobs() {
      try {
        return readdirSync(join(dataOf(folder), blobsFolder, 'sha256')).length;
      } catch {
        return 0;
      }
    },
    endpoint: `unix://${socket(folder)}`,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const blobsFolder = 'io.containerd.content.v1.content/blobs';

function dataOf(folder: string): string {
  return join(folder, 'data');
}

/** What is left out is for containers, or for file systems that not every machine has. */
function configFor(folder: string, socket: string, node: NodeRuntime | undefined): string {
  const snapshotters = ['aufs', 'btrfs', 'devmapper', 'overlayfs', 'zfs']
    .filter((name) => name !== node?.snapshotter)
    .map((name) => `snapshotter.v1.${name}`);
  const disabled = [...(node === undefined ? ['grpc.v1.cri'] : []), ...snapshotters];
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  const answering =
    node === undefined
      ? ''
      : `
[${cri}.containerd]
snapshotter = "${node.snapshotter}"
[${cri}.registry]
config_path = "${node.hosts}"
`;
  return `
version = 2
root = "${dataOf(folder)}"
state = "${join(folder, 'run')}"
disabled_plugins = [${disabled.map((name) => `"io.containerd.${name}"`).join(', ')}]
[grpc]
address = "${socket}"
${answering}`;
}
