import type { Keychain } from '../oci/client/credential.ts';
import type { RegistryClient } from '../oci/client/registry-client.ts';
import { openRegistryImage } from '../oci/client/open-registry-image.ts';
import { openDaemonImage } from '../oci/daemon/open-daemon.ts';
import { daemonSockets, type SocketHints } from '../oci/daemon/sockets.ts';
import type { Image } from '../oci/image.ts';
import { openLocalImage } from '../oci/open-local.ts';
import type { Platform } from '../oci/platform.ts';
import type { ImageSource } from '../oci/source.ts';
import type { Network } from '../net/network.ts';

/** What opening an image needs, whatever its source. */
export interface SourceContext {
  readonly network: Network;
  readonly keychain: Keychain;
  /** Speaks with the image's registry, where others ask it as well. */
  readonly registryClient?: RegistryClient;
  /** Asked for by name; nothing else will do. */
  readonly platform?: Platform;
  /** Preferred when none was asked for. */
  readonly defaultPlatform: Platform;
  readonly docker: SocketHints;
  readonly podman: SocketHints;
  /** Where a daemon's save is spooled, without a name. */
  readonly spoolDirectory: string;
}

/**
 * Opens an image at its source. No layer is read yet.
 *
 * @param name what the user wrote
 * @throws OciError, NetError
 */
export async function openImageSource(
  source: Exclude<ImageSource, { kind: 'dir' | 'fs' }>,
  name: string,
  context: SourceContext,
  signal: AbortSignal,
): Promise<Image> {
  const { network, keychain, defaultPlatform } = context;
  const platform = context.platform === undefined ? {} : { platform: context.platform };
  switch (source.kind) {
    case 'registry':
      return openRegistryImage(
        network,
        source.reference,
        {
          name,
          keychain,
          defaultPlatform,
          ...platform,
          ...(context.registryClient === undefined ? {} : { client: context.registryClient }),
        },
        signal,
      );
    case 'docker':
    case 'podman':
      return openDaemonImage(
        source.name,
        {
          name,
          kind: source.kind,
          sockets: daemonSockets(source.kind, context[source.kind]),
          request: (request) => network.request(request),
          spoolDirectory: context.spoolDirectory,
          ...platform,
        },
        signal,
      );
    default:
      return openLocalImage(source.path, { name, defaultPlatform, ...platform }, signal);
  }
}
