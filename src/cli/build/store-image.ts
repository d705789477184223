import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Progress } from '../../base/progress.ts';
import { ArchiveWriter } from '../../oci/archive/archive-writer.ts';
import type { BuiltContent } from '../../oci/build/model.ts';
import { storeContent } from '../../oci/build/store-content.ts';
import { pushManifest } from '../../oci/client/push.ts';
import { RegistrySink } from '../../oci/client/registry-sink.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { openLayoutFolder } from '../../oci/layout/layout-folder.ts';
import { LayoutWriter } from '../../oci/layout/layout-writer.ts';
import { familiarReference, formatReference } from '../../oci/reference.ts';
import type { ImageName, LocalTarget } from './read-targets.ts';

const tagKey = 'org.opencontainers.image.ref.name';
const nameKey = 'io.containerd.image.name';

/** What storing is told besides. */
export interface StoreOptions {
  readonly names: readonly ImageName[];
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Stores an image on this machine, where it then is whole. @throws OciError, and what the base's source throws */
export async function storeLocally(
  content: BuiltContent,
  { kind, path }: LocalTarget,
  { names, progress, signal }: StoreOptions,
): Promise<void> {
  const entries = entriesOf(content, names);
  if (kind === 'oci-dir') {
    await using writer = await LayoutWriter.open(path);
    const others = otherEntries(path, entries);
    await storeContent(content, writer, signal, progress);
    await writer.commit([...others, ...entries]);
    return;
  }
  await using writer = await ArchiveWriter.open(path);
  await storeContent(content, writer, signal, progress);
  const [image] = content.images;
  const listed =
    kind === 'oci-archive' || image === undefined
      ? []
      : [
          {
            config: image.config.descriptor.digest,
            layers: image.layers.map(({ digest }) => digest),
            repoTags: names.flatMap(({ reference }) => (reference === undefined ? [] : [familiarReference(reference)])),
          },
        ];
  await writer.commit(entries, listed);
}

/** Stores an image in a repository; the tags come last, so that whoever pulls by one finds the whole. @throws OciError */
export async function push(
  content: BuiltContent,
  target: RemoteRepository,
  base: RemoteRepository | undefined,
  tags: readonly string[],
  { progress, signal }: Pick<StoreOptions, 'progress' | 'signal'>,
): Promise<void> {
  await storeContent(content, new RegistrySink(target, base), signal, progress);
  const { descriptor, bytes } = content.root;
  for (const tag of tags) {
    await pushManifest(target.client, target.repository, tag, { mediaType: descriptor.mediaType, bytes }, signal);
  }
}

/** An image without a name has one entry, one with names an entry for each, as containerd reads them. */
function entriesOf({ root, images }: BuiltContent, names: readonly ImageName[]): readonly Descriptor[] {
  const [image] = images;
  const single = image?.manifest === root ? { platform: image.platform } : {};
  const entry = { ...root.descriptor, ...single };
  if (names.length === 0) return [entry];
  return names.map(({ tag, reference }) => ({
    ...entry,
    annotations: { ...(reference === undefined ? {} : { [nameKey]: formatReference(reference) }), [tagKey]: tag },
  }));
}

/** What a layout has besides: images of other names. @throws OciError LAYOUT_INVALID for one that is damaged */
function otherEntries(path: string, entries: readonly Descriptor[]): readonly Descriptor[] {
  if (!existsSync(join(path, 'index.json'))) return [];
  const names = new Set(entries.map(nameOf));
  return openLayoutFolder(path).entries.filter((entry) => !names.has(nameOf(entry)));
}

function nameOf({ annotations }: Descriptor): string {
  return annotations?.[nameKey] ?? annotations?.[tagKey] ?? '';
}
