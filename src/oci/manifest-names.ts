import { foldName } from './fold-name.ts';
import type { JsonObject } from './json.ts';

/** Names that readers know, at each place where a manifest has objects (image-spec, manifest.md, image-index.md, descriptor.md). */
const names = {
  document: [
    'schemaVersion',
    'mediaType',
    'artifactType',
    'config',
    'layers',
    'manifests',
    'subject',
    'annotations',
    // Of Docker's first schema, which others may still look for.
    'fsLayers',
    'history',
    'signatures',
  ],
  descriptor: ['mediaType', 'digest', 'size', 'urls', 'annotations', 'data', 'platform', 'artifactType'],
  platform: ['architecture', 'os', 'os.version', 'os.features', 'variant', 'features'],
} as const;

/** A kind of object in a manifest or an index. */
export type ManifestPlace = keyof typeof names;

const known: Readonly<Record<ManifestPlace, ReadonlyMap<string, string>>> = {
  document: byFold(names.document),
  descriptor: byFold(names.descriptor),
  platform: byFold(names.platform),
};

/**
 * Finds a name that is passed over here, and that Go's `encoding/json` takes for a known one although its case differs (`Layers`, and even
 * a long s in `layerſ`): what stands there is read by runtimes alone.
 *
 * @returns the name that it is taken for; undefined where there is none
 */
export function findDisguisedName(object: JsonObject, place: ManifestPlace): string | undefined {
  for (const name of Object.keys(object)) {
    const meant = known[place].get(foldName(name));
    if (meant !== undefined && meant !== name) return meant;
  }
  return undefined;
}

function byFold(list: readonly string[]): ReadonlyMap<string, string> {
  return new Map(list.map((name) => [foldName(name), name]));
}
