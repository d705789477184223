import { OciError } from '../error.ts';
import type { Image } from '../image.ts';
import { ambiguous, namesMatch, notFound } from '../image-selector.ts';
import type { ImageSelector } from '../image-selector.ts';
import { asObject, asText, parseJsonObject } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { OpenLocalOptions } from '../layout/open-layout.ts';
import { limits } from '../limits.ts';
import { checkPlatform } from '../open-image.ts';
import { parseImageConfig } from '../parse-config.ts';
import { digestOf } from '../verify-content.ts';
import type { ArchiveFile } from './archive-file.ts';
import { pairDockerLayers } from './docker-layers.ts';
import { archiveLimits } from './limits.ts';

/**
 * Opens an image of what Docker wrote before 1.10 (moby, "image tarball" specification 1.0): `repositories` names the
 * top of a chain of folders, each with `json` and `layer.tar`. There is no config, so one is made of the top's `json`,
 * and the layers are read for their diffIDs.
 *
 * @param dispose frees the archive; called when the image is closed, and not when this fails
 * @throws OciError ARCHIVE_INVALID, IMAGE_NOT_FOUND, IMAGE_AMBIGUOUS and others
 */
export async function openLegacyArchive(
  archive: ArchiveFile,
  options: OpenLocalOptions,
  dispose: () => Promise<void>,
  signal?: AbortSignal,
): Promise<Image> {
  const list = archive.find('repositories');
  if (list === undefined) throw invalid('it has neither manifest.json nor repositories');
  const { id, repoTags } = choose(
    await readObject(archive, list.name, archiveLimits.listBytes, signal),
    options.selector,
  );
  const chain = await readChain(archive, id, signal);
  const top = chain[0] as { readonly id: string; readonly json: JsonObject };
  const layers = await pairDockerLayers(
    archive,
    { layers: chain.map((link) => `${link.id}/layer.tar`).reverse(), layerSources: new Map() },
    [],
    signal,
  );
  const diffIds = layers.map(({ diffId }) => diffId);
  const { architecture, os, created, config } = top.json;
  const rawConfig = Buffer.from(
    JSON.stringify({ architecture, os, created, config, rootfs: { type: 'layers', diff_ids: diffIds } }),
  );
  const parsed = parseImageConfig(rawConfig);
  checkPlatform(parsed.platform, options.platform);
  return {
    name: options.name,
    imageId: digestOf(rawConfig),
    platform: parsed.platform,
    config: parsed,
    layers,
    repoTags,
    repoDigests: [],
    rawConfig,
    [Symbol.asyncDispose]: dispose,
  };
}

function choose(
  repositories: JsonObject,
  selector: ImageSelector,
): { readonly id: string; readonly repoTags: readonly string[] } {
  const named: { readonly name: string; readonly id: string }[] = [];
  for (const [repository, tags] of Object.entries(repositories).slice(0, archiveLimits.images)) {
    for (const [tag, id] of Object.entries(asObject(tags, 'a repository', invalid)).slice(0, archiveLimits.images)) {
      if (typeof id !== 'string' || !/^[a-f0-9]{64}$/.test(id)) throw invalid('repositories names a bad image id');
      named.push({ name: `${repository}:${tag}`, id });
    }
  }
  const { tag, digest } = selector;
  const matching = named.filter(
    ({ name, id }) =>
      (tag === undefined || namesMatch(tag, name)) && (digest === undefined || digest.endsWith(`:${id}`)),
  );
  const [first] = matching;
  const names = named.map(({ name }) => `:${name}`);
  if (first === undefined) throw notFound(selector, names);
  if (matching.some(({ id }) => id !== first.id)) throw ambiguous(names);
  return { id: first.id, repoTags: matching.map(({ name }) => name) };
}

/** Top first. */
async function readChain(
  archive: ArchiveFile,
  top: string,
  signal: AbortSignal | undefined,
): Promise<readonly { readonly id: string; readonly json: JsonObject }[]> {
  const chain: { readonly id: string; readonly json: JsonObject }[] = [];
  const seen = new Set<string>();
  for (let id: string | undefined = top; id !== undefined;) {
    if (seen.has(id) || seen.size >= limits.layers) throw invalid('its chain of layers has no end');
    if (!/^[a-f0-9]{64}$/.test(id)) throw invalid('a layer names a bad parent');
    seen.add(id);
    const json: JsonObject = await readObject(archive, `${id}/json`, limits.configBytes, signal);
    chain.push({ id, json });
    id = asText(json.parent);
  }
  return chain;
}

async function readObject(
  archive: ArchiveFile,
  name: string,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<JsonObject> {
  const entry = archive.find(name);
  if (entry === undefined) throw invalid(`it lacks ${name}`);
  return parseJsonObject(await archive.read(entry, maxBytes, signal), (what) => invalid(`${name}: ${what}`));
}

function invalid(what: string): OciError {
  return new OciError('ARCHIVE_INVALID', `The archive cannot be read: ${what}; save the image again`);
}
