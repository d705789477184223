import type { DiffId } from '../digest.ts';
import { OciError } from '../error.ts';
import type { Layer } from '../image.ts';
import type { ArchiveFile } from './archive-file.ts';
import { computeDiffId } from './compute-diff-id.ts';
import type { DockerManifestEntry } from './docker-manifest.ts';
import type { ArchiveEntry } from './tar-index.ts';

/**
 * Pairs the layers of a docker-archive with their diffIDs. Position tells, as Docker writes both lists in one order.
 *
 * Where the lists are of different length (squashed images, archives somebody trimmed), the layers that are there are
 * read to compute their diffIDs, and the diffIDs that no layer has are reported as missing layers.
 *
 * @param diffIds of the config; none at all where the config does not tell
 */
export async function pairDockerLayers(
  archive: ArchiveFile,
  manifest: Pick<DockerManifestEntry, 'layers' | 'layerSources'>,
  diffIds: readonly DiffId[],
  signal?: AbortSignal,
): Promise<readonly Layer[]> {
  const entries = manifest.layers.map((name) => archive.find(name));
  if (entries.length === diffIds.length) {
    return entries.map((entry, at) => makeLayer(archive, manifest, diffIds[at] as DiffId, entry));
  }
  const computed: { readonly diffId: DiffId; readonly entry: ArchiveEntry }[] = [];
  for (const entry of entries) {
    if (entry === undefined) continue;
    computed.push({ diffId: await computeDiffId(archive.stream(entry, signal)), entry });
  }
  const there = new Map(computed.map(({ diffId, entry }) => [diffId, entry]));
  const promised = new Set(diffIds);
  return [
    ...diffIds.map((diffId) => makeLayer(archive, manifest, diffId, there.get(diffId))),
    ...computed
      .filter(({ diffId }) => !promised.has(diffId))
      .map(({ diffId, entry }) => makeLayer(archive, manifest, diffId, entry)),
  ];
}

function makeLayer(
  archive: ArchiveFile,
  { layerSources }: Pick<DockerManifestEntry, 'layerSources'>,
  diffId: DiffId,
  entry: ArchiveEntry | undefined,
): Layer {
  if (entry === undefined) {
    return {
      diffId,
      absent: 'missing',
      open: () => {
        throw new OciError('BLOB_UNKNOWN', `The archive lacks the layer ${diffId}; save the image again`);
      },
    };
  }
  // A source describes the layer in the registry; it describes these bytes only when the entry is named for it.
  const source = layerSources.get(diffId);
  const described = source !== undefined && entry.name === `blobs/${source.digest.replace(':', '/')}`;
  const range = archive.range(entry);
  return {
    diffId,
    ...(described ? { descriptor: source } : {}),
    ...(range ? { range } : {}),
    open: (signal) => archive.stream(entry, signal),
  };
}
