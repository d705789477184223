import type { Descriptor } from '../descriptor.ts';
import { OciError } from '../error.ts';
import { ambiguous, namesMatch, notFound } from '../image-selector.ts';
import type { ImageSelector } from '../image-selector.ts';
import { asList, asObject, parseJson, textList } from '../json.ts';
import { limits } from '../limits.ts';
import { parseDescriptor } from '../parse-descriptor.ts';
import { archiveLimits } from './limits.ts';

/** One image of a docker-archive, as its `manifest.json` has it (moby, "image tarball" specification 1.2). */
export interface DockerManifestEntry {
  /** Name of the config's entry. */
  readonly config: string;
  readonly repoTags: readonly string[];
  /** Names of the layers' entries, lowest first. */
  readonly layers: readonly string[];
  /** What the layers are in a registry, by diffID; Docker writes it from version 20 on. */
  readonly layerSources: ReadonlyMap<string, Descriptor>;
}

/**
 * Reads `manifest.json`.
 *
 * @throws OciError ARCHIVE_INVALID
 */
export function parseDockerManifest(bytes: Uint8Array): readonly DockerManifestEntry[] {
  const list = parseJson(bytes, invalid);
  if (!Array.isArray(list)) throw invalid('it is not a list');
  return asList(list, 'the list of images', archiveLimits.images, invalid).map((value, at) => {
    const image = asObject(value, `image ${at}`, invalid);
    if (typeof image.Config !== 'string' || image.Config === '') throw invalid(`image ${at} has no Config`);
    const layers = asList(image.Layers, `Layers of image ${at}`, limits.layers, invalid);
    return {
      config: image.Config,
      repoTags: textList(image.RepoTags),
      layers: layers.map((layer) => {
        if (typeof layer !== 'string' || layer === '') throw invalid(`a layer of image ${at} has no name`);
        return layer;
      }),
      layerSources: readLayerSources(image.LayerSources),
    };
  });
}

/**
 * Chooses one of the images by a name or tag, or by the digest of its config (the image id).
 *
 * @throws OciError IMAGE_NOT_FOUND, or IMAGE_AMBIGUOUS, whose message lists the choices
 */
export function chooseDockerImage(
  images: readonly DockerManifestEntry[],
  selector: ImageSelector,
): DockerManifestEntry {
  const { tag, digest } = selector;
  const matching = images.filter(
    ({ config, repoTags }) =>
      (tag === undefined || repoTags.some((name) => namesMatch(tag, name))) &&
      (digest === undefined || config.includes(digest.slice(digest.indexOf(':') + 1))),
  );
  const [first] = matching;
  if (first === undefined) {
    if (images.length > 0) throw notFound(selector, choices(images));
    throw new OciError('IMAGE_NOT_FOUND', 'The archive holds no image: its manifest.json is empty');
  }
  const configs = new Set(matching.map(({ config }) => config));
  if (configs.size > 1) throw ambiguous(choices(matching));
  return { ...first, repoTags: [...new Set(matching.flatMap(({ repoTags }) => repoTags))] };
}

function choices(images: readonly DockerManifestEntry[]): readonly string[] {
  return images.map(({ config, repoTags }) => {
    const id = /[a-f0-9]{64}/.exec(config)?.[0];
    return repoTags[0] === undefined ? `@sha256:${id ?? config.slice(0, 100)}` : `:${repoTags[0]}`;
  });
}

function readLayerSources(value: unknown): ReadonlyMap<string, Descriptor> {
  const sources = new Map<string, Descriptor>();
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return sources;
  for (const [diffId, source] of Object.entries(value).slice(0, limits.layers)) {
    sources.set(diffId, parseDescriptor(source, 'LayerSources', invalid));
  }
  return sources;
}

function invalid(what: string): OciError {
  return new OciError('ARCHIVE_INVALID', `The archive's manifest.json cannot be read: ${what}; save the image again`);
}
