import { type Progress, silentProgress } from '../../base/progress.ts';
import { blobOf } from '../client/push.ts';
import type { StoredBlob } from '../content-sink.ts';
import type { Digest } from '../digest.ts';
import type { Image } from '../image.ts';
import { formatPlatform, type Platform } from '../platform.ts';
import { baseOf, emptyBase, type BaseImage } from './base-image.ts';
import { invalidBuild } from './error.ts';
import { buildLimits } from './limits.ts';
import { LayerMaker } from './layer-maker.ts';
import { hasTriggers, makeConfig } from './make-config.ts';
import { makeConfigDocument, makeIndex, makeManifest } from './make-documents.ts';
import type {
  BuiltCompression,
  BuiltContent,
  BuiltDocument,
  BuiltImage,
  BuiltLayer,
  ConfigChanges,
  LayerSteps,
} from './model.ts';

/** What to build. */
export interface BuildRequest {
  /** One image for each; where there is none, one for what the base is for. */
  readonly platforms: readonly Platform[];
  /** What an empty image is for when nothing is said. */
  readonly defaultPlatform: Platform;
  /** Lowest first. */
  readonly layers: readonly LayerSteps[];
  readonly changes: ConfigChanges;
  readonly annotations: Readonly<Record<string, string>>;
  readonly compression: BuiltCompression;
  /** Of the image and of every file in its layers, in whole seconds. */
  readonly time: Date;
}

/** What building needs of the world. */
export interface BuildContext {
  /** Sources are below this folder where they are not absolute. */
  readonly cwd: string;
  /** Where layers lie without a name until they are stored. */
  readonly spoolFolder: string;
  /** Opens the base for a platform, or for the usual one; absent for an image on nothing. */
  readonly openBase?: (platform: Platform | undefined) => Promise<Image>;
  /** What the base is called where others can get it; absent for files. */
  readonly baseName?: string;
  /** Is told what is as it should not be, and does not keep the image from being built. */
  readonly warn?: (sentence: string) => void;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/**
 * Builds an image, or one for each platform and an index over them. The same request over the same files and the same base gives the same
 * digests. What was built is open until it is disposed of, and nothing of it has a name yet.
 *
 * @throws BuildError, what opening the base throws, the signal's reason
 */
export async function buildImage(request: BuildRequest, context: BuildContext): Promise<BuiltContent> {
  const { platforms, defaultPlatform } = request;
  checkRequest(request);
  const { spoolFolder, signal, openBase, warn = () => undefined } = context;
  const created = request.time.toISOString().replace('.000Z', 'Z');
  await using opened = new AsyncDisposableStack();
  const layers = opened.use(
    new LayerMaker({
      cwd: context.cwd,
      spoolFolder,
      onBase: openBase !== undefined,
      compression: request.compression,
      mtime: request.time.getTime() / 1000,
      progress: context.progress ?? silentProgress,
      ...(signal === undefined ? {} : { signal }),
    }),
  );
  const blobs = new Map<Digest, StoredBlob>();
  const images: BuiltImage[] = [];
  for (const platform of platforms.length === 0 ? [undefined] : platforms) {
    let base: BaseImage;
    if (openBase === undefined) base = emptyBase(platform ?? defaultPlatform);
    else base = await baseOf(opened.use(await openBase(platform)), spoolFolder, opened, signal);
    if (hasTriggers(base)) warn('The base wants steps done when it is built on (ONBUILD), which were not done');
    const made = await layers.make(request.layers, platform ?? base.platform);
    const image = buildOne(request, base, made, created, context.baseName, blobs);
    // What an index says of a platform is what was asked for.
    images.push({ ...image, platform: platform ?? base.platform });
  }
  const root =
    platforms.length > 1
      ? makeIndex(images, annotationsOf(request, created, context.baseName))
      : (images[0] as BuiltImage).manifest;
  const held = opened.move();
  return { root, images, blobs, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

function buildOne(
  request: BuildRequest,
  base: BaseImage,
  layers: readonly BuiltLayer[],
  created: string,
  baseName: string | undefined,
  blobs: Map<Digest, StoredBlob>,
): Omit<BuiltImage, 'platform'> {
  const all = [...base.layers, ...layers];
  if (all.length > buildLimits.allLayers) {
    throw invalidBuild(`The image would have ${all.length} layers, and no engine takes more; put more into each`);
  }
  for (const { blob } of all) if (blob !== undefined) blobs.set(blob.digest, blob);
  const config = makeConfigDocument(makeConfig(base, layers, request.changes, created));
  blobs.set(config.descriptor.digest, blobOf(config.bytes));
  const descriptors = all.map(({ descriptor }) => descriptor);
  const manifest: BuiltDocument = makeManifest(
    config.descriptor,
    descriptors,
    annotationsOf(request, created, baseName, base.digest),
  );
  return { manifest, config, layers: descriptors };
}

/** What a user says of the image counts before what is known of it (OCI image-spec, annotations.md). */
function annotationsOf(
  { annotations }: BuildRequest,
  created: string,
  baseName: string | undefined,
  baseDigest?: Digest,
): Readonly<Record<string, string>> {
  const key = 'org.opencontainers.image';
  return {
    [`${key}.created`]: created,
    ...(baseName === undefined ? {} : { [`${key}.base.name`]: baseName }),
    ...(baseDigest === undefined ? {} : { [`${key}.base.digest`]: baseDigest }),
    ...annotations,
  };
}

function checkRequest({ platforms, layers }: BuildRequest): void {
  if (platforms.length > buildLimits.platforms) {
    throw invalidBuild(`An image for ${platforms.length} platforms is too much; name at most ${buildLimits.platforms}`);
  }
  const names = platforms.map(formatPlatform);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw invalidBuild(`The platform ${twice} is named twice; name it once`);
  if (layers.length > buildLimits.layers) {
    throw invalidBuild(`A build of ${layers.length} layers is too much; name at most ${buildLimits.layers}`);
  }
}
