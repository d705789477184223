import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryDirectory } from '../image/temporary-directory.ts';
import { findProgram } from './find-program.ts';

const execute = promisify(execFile);

/** A place in which clients find no settings of the user, and leave theirs. */
export interface ClientHome extends Disposable {
  readonly folder: string;
  /** A path in it. */
  path(name: string): string;
  /** Runs a program, and gives what it wrote to stdout; rejects with its words when it fails. */
  run(program: string, ...args: readonly string[]): Promise<string>;
}

/** What podman and buildah store in, a file system that needs no privilege. */
const storage = (folder: string): readonly string[] => [
  '--root',
  join(folder, 'storage'),
  '--runroot',
  join(folder, 'run'),
  '--storage-driver',
  'vfs',
];

/**
 * Makes one in a folder that goes with it.
 *
 * @param settings variables that programs are run with
 */
export function openClientHome(settings: Readonly<Record<string, string>> = {}): ClientHome {
  const directory = temporaryDirectory();
  const { path: folder } = directory;
  // Podman and buildah want the file that they are told of.
  directory.write('config.json', '{}');
  return {
    folder,
    path: (name) => join(folder, name),
    async run(program, ...args) {
      const found = findProgram(program);
      if (found === undefined) throw new Error(`${program} was not looked for before it is used`);
      const isStoring = program === 'podman' || program === 'buildah';
      const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: folder, DOCKER_CONFIG: folder, TMPDIR: folder };
      const options = {
        cwd: folder,
        env: { ...env, XDG_RUNTIME_DIR: folder, REGISTRY_AUTH_FILE: join(folder, 'config.json'), ...settings },
        timeout: 120_000,
        maxBuffer: 64 * 1024 * 1024,
      };
      const { stdout } = await execute(found, [...(isStoring ? storage(folder) : []), ...args], options);
      return stdout;
    },
    [Symbol.dispose]: () => directory[Symbol.dispose](),
  };
}

/** How a client brings an OCI layout, whose only root is called `1`, into a registry, and takes it out again. */
export interface LayoutClient {
  readonly name: string;
  readonly push: (home: ClientHome, layout: string, target: string) => Promise<unknown>;
  /** Into a layout in a new folder. */
  readonly pull: (home: ClientHome, source: string, layout: string) => Promise<unknown>;
  /** Within or between registries. */
  readonly copy: (home: ClientHome, source: string, target: string) => Promise<unknown>;
}

/** Clients that move content as it is, byte by byte. */
export const layoutClients: readonly LayoutClient[] = [
  {
    name: 'crane',
    push: (home, layout, target) => home.run('crane', 'push', layout, target),
    pull: (home, source, layout) => home.run('crane', 'pull', '--format', 'oci', source, layout),
    copy: (home, source, target) => home.run('crane', 'copy', source, target),
  },
  {
    name: 'skopeo',
    push: (home, layout, target) => home.run('skopeo', ...skopeoCopy, `oci:${layout}:1`, `docker://${target}`),
    pull: (home, source, layout) => home.run('skopeo', ...skopeoCopy, `docker://${source}`, `oci:${layout}:1`),
    copy: (home, source, target) => home.run('skopeo', ...skopeoCopy, `docker://${source}`, `docker://${target}`),
  },
  {
    name: 'oras',
    push: (home, layout, target) =>
      home.run('oras', 'cp', '--from-oci-layout', `${layout}:1`, '--to-plain-http', target),
    pull: (home, source, layout) =>
      home.run('oras', 'cp', '--from-plain-http', source, '--to-oci-layout', `${layout}:1`),
    copy: (home, source, target) => home.run('oras', 'cp', '--from-plain-http', source, '--to-plain-http', target),
  },
  {
    name: 'regctl',
    push: (home, layout, target) =>
      home.run('regctl', ...plainHost(target), 'image', 'copy', `ocidir://${layout}:1`, target),
    pull: (home, source, layout) =>
      home.run('regctl', ...plainHost(source), 'image', 'copy', source, `ocidir://${layout}:1`),
    copy: (home, source, target) =>
      home.run('regctl', ...plainHost(source), ...plainHost(target), 'image', 'copy', source, target),
  },
];

const skopeoCopy = [
  'copy',
  '--all',
  '--preserve-digests',
  '--insecure-policy',
  '--src-tls-verify=false',
  '--dest-tls-verify=false',
] as const;

/** Tells regctl that the registry of a reference speaks no TLS. */
export function plainHost(reference: string): readonly string[] {
  return ['--host', `reg=${reference.slice(0, reference.indexOf('/'))},tls=disabled`];
}
