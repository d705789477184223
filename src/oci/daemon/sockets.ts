import { join } from 'node:path';
import { OciError } from '../error.ts';

/** Which daemon is asked. Both speak Docker's API. */
export type DaemonKind = 'docker' | 'podman';

/** What tells where the socket is; the values of environment variables, passed in. */
export interface SocketHints {
  /** `DOCKER_HOST`, or `CONTAINER_HOST` for Podman: decides alone when it is set. */
  readonly host?: string;
  /** `XDG_RUNTIME_DIR`. */
  readonly runtimeDirectory?: string;
  /** `HOME`. */
  readonly home?: string;
}

/**
 * Where a daemon's socket may be, likeliest first.
 *
 * @throws OciError DAEMON_UNAVAILABLE for a host that is no local socket
 */
export function daemonSockets(kind: DaemonKind, { host, runtimeDirectory, home }: SocketHints): readonly string[] {
  if (host !== undefined && host !== '') {
    if (host.startsWith('unix://') && host.length > 'unix://'.length) return [host.slice('unix://'.length)];
    if (host.startsWith('/')) return [host];
    throw new OciError(
      'DAEMON_UNAVAILABLE',
      `The daemon's address "${host.slice(0, 100)}" is no local socket (unix://…); save the image there and scan the file`,
    );
  }
  if (kind === 'podman') {
    return [
      ...(runtimeDirectory ? [join(runtimeDirectory, 'podman', 'podman.sock')] : []),
      '/run/podman/podman.sock',
      '/var/run/podman/podman.sock',
    ];
  }
  return [
    '/var/run/docker.sock',
    // Rootless Docker, and Docker Desktop.
    ...(runtimeDirectory ? [join(runtimeDirectory, 'docker.sock')] : []),
    ...(home ? [join(home, '.docker', 'run', 'docker.sock'), join(home, '.docker', 'desktop', 'docker.sock')] : []),
  ];
}
