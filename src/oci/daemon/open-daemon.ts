import { OciError } from '../error.ts';
import type { Image } from '../image.ts';
import { checkPlatform } from '../open-image.ts';
import { parseImageConfig } from '../parse-config.ts';
import type { Platform } from '../platform.ts';
import { DaemonClient } from './daemon-client.ts';
import { parseHistory, parseInspect } from './inspect.ts';
import type { InspectedImage } from './inspect.ts';
import type { RequestUnixSocket } from './request.ts';
import { SavedImage } from './saved-image.ts';
import type { DaemonKind } from './sockets.ts';
import { spoolToFile } from './spool.ts';

/** How to reach a daemon, and which image of a name is meant. */
export interface OpenDaemonOptions {
  /** What the user asked for, as they wrote it. */
  readonly name: string;
  readonly kind: DaemonKind;
  /** Where the socket may be: see `daemonSockets`. */
  readonly sockets: readonly string[];
  readonly request: RequestUnixSocket;
  /** Holds the saved image, without a name, while its layers are read. */
  readonly spoolDirectory: string;
  /** Asked for by name; without it the daemon gives the variant that it has. */
  readonly platform?: Platform;
}

/** API versions from which `GET /images/{name}/get` takes a platform; older ones know one platform per image. */
const savePlatformVersion: readonly [number, number] = [1, 48];

/**
 * Opens an image that a Docker or Podman daemon has. The daemon tells config and diffIDs at once; it is made to save
 * the image only when a layer is read, so an image whose layers are known already costs two small requests.
 *
 * The config is put together from what the API tells, since the API does not give the stored one.
 *
 * @param reference a name or an image id, for the daemon to resolve
 * @throws OciError DAEMON_UNAVAILABLE, IMAGE_NOT_FOUND, PLATFORM_UNAVAILABLE, REFERENCE_INVALID, CONFIG_INVALID
 */
export async function openDaemonImage(
  reference: string,
  options: OpenDaemonOptions,
  signal?: AbortSignal,
): Promise<Image> {
  const client = new DaemonClient(options.kind, options.sockets, options.request);
  const path = imagePath(reference);
  const query = options.platform === undefined ? '' : platformQuery(options.platform);
  const { bytes, apiVersion } = await client.get(`${path}/json${query}`, signal);
  const inspected = parseInspect(bytes);
  const rawConfig = await buildConfig(client, inspected, signal);
  const config = parseImageConfig(rawConfig);
  checkPlatform(config.platform, options.platform);
  // By id: the name may be moved to another image before the layers are read, and means all tags when it has none.
  const save = `${imagePath(inspected.id)}/get${atLeast(apiVersion, savePlatformVersion) ? platformQuery(config.platform) : ''}`;
  const saved = new SavedImage(
    async (abort) => await spoolToFile(options.spoolDirectory, client.stream(save, abort)),
    options.name,
    config.platform,
  );
  return {
    name: options.name,
    imageId: inspected.id,
    platform: config.platform,
    config,
    layers: config.diffIds.map((diffId) => saved.layer(diffId)),
    repoTags: inspected.repoTags,
    repoDigests: inspected.repoDigests,
    rawConfig,
    rebuiltConfig: true,
    [Symbol.asyncDispose]: () => saved.close(),
  };
}

/** A config in the stored form, of what the API tells. */
async function buildConfig(
  client: DaemonClient,
  { id, diffIds, os, architecture, variant, osVersion, created, settings }: InspectedImage,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  const history = parseHistory((await client.get(`${imagePath(id)}/history`, signal)).bytes, diffIds.length);
  return Buffer.from(
    JSON.stringify({
      architecture,
      ...(variant ? { variant } : {}),
      os,
      ...(osVersion ? { 'os.version': osVersion } : {}),
      ...(created ? { created } : {}),
      config: settings,
      rootfs: { type: 'layers', diff_ids: diffIds },
      history,
    }),
  );
}

function imagePath(reference: string): string {
  const segments = reference.split('/');
  const plain = /^[\w[][\w.:/@[\]-]{0,1023}$/.test(reference);
  // A dot segment would make the path another endpoint of the daemon.
  if (!plain || segments.some((segment) => segment === '' || /^\.+$/.test(segment))) {
    throw new OciError(
      'REFERENCE_INVALID',
      `"${reference.slice(0, 100)}" names no image; write REPOSITORY:TAG or an image id`,
    );
  }
  return `/images/${segments.map(encodeURIComponent).join('/')}`;
}

function platformQuery({ os, architecture, variant }: Platform): string {
  return `?platform=${encodeURIComponent(JSON.stringify({ os, architecture, ...(variant ? { variant } : {}) }))}`;
}

function atLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const match = /^(\d{1,4})\.(\d{1,4})$/.exec(version);
  if (match === null) return false;
  const actual = Number(match[1]);
  return actual > major || (actual === major && Number(match[2]) >= minor);
}
