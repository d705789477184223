import { findDisguisedName, type ManifestPlace } from '../../oci/manifest-names.ts';
import { RegistryError } from '../error.ts';

/**
 * Refuses what this program passes over in a manifest and others do not: names that Go's `encoding/json` takes for the known
 * ones although their case differs (`Layers`, and even a long s in `layerſ`), and texts that are no texts.
 *
 * @throws RegistryError MANIFEST_INVALID
 */
export function checkDocument(document: unknown): void {
  if (!isObject(document)) return;
  checkObject(document, 'document');
  for (const name of ['config', 'subject', 'layers', 'manifests']) {
    const value = document[name];
    for (const descriptor of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (!isObject(descriptor)) continue;
      checkObject(descriptor, 'descriptor');
      if (isObject(descriptor['platform'])) checkObject(descriptor['platform'], 'platform');
    }
  }
}

function checkObject(object: Readonly<Record<string, unknown>>, place: ManifestPlace): void {
  const meant = findDisguisedName(object, place);
  if (meant !== undefined) {
    throw invalid(`it has a name that some readers take for ${meant}; write it so, or leave it out`);
  }
  for (const name of ['mediaType', 'artifactType']) {
    const value = object[name];
    if (value !== undefined && typeof value !== 'string') throw invalid(`a ${name} in it is not a text`);
  }
  const { annotations, data } = object;
  // Go takes a list of numbers for bytes, too.
  if (place === 'descriptor' && data !== undefined && data !== null && typeof data !== 'string') {
    throw invalid('a data in it is not a text in base64');
  }
  if (annotations === undefined || annotations === null) return;
  if (!isObject(annotations) || Object.values(annotations).some((value) => typeof value !== 'string')) {
    throw invalid('annotations in it are not a map of texts');
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(what: string): RegistryError {
  return new RegistryError('MANIFEST_INVALID', `The manifest is refused: ${what}`);
}
