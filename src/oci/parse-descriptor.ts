import type { Descriptor } from './descriptor.ts';
import { isDigest } from './digest.ts';
import { annotationMap, asObject, asText, textList } from './json.ts';
import type { Complain } from './json.ts';
import { findDisguisedName } from './manifest-names.ts';
import type { Platform } from './platform.ts';

/**
 * Reads one descriptor of a manifest or an index (OCI image-spec, descriptor.md, "Properties").
 *
 * @param name where it stands, for the message: `layers[2]`
 * @throws what `complain` makes
 */
export function parseDescriptor(value: unknown, name: string, complain: Complain): Descriptor {
  const object = asObject(value, name, complain);
  const disguised = findDisguisedName(object, 'descriptor');
  if (disguised !== undefined) throw complain(`${name} has a name that some readers take for ${disguised}`);
  const { mediaType, digest, size } = object;
  if (mediaType !== undefined && typeof mediaType !== 'string') throw complain(`${name}.mediaType is not a string`);
  if (typeof digest !== 'string' || !isDigest(digest)) throw complain(`${name}.digest is not a digest`);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw complain(`${name}.size is not a number of bytes`);
  }
  const platform = parsePlatformObject(object.platform);
  const artifactType = asText(object.artifactType);
  const urls = textList(object.urls);
  const data = asText(object.data);
  return {
    mediaType: mediaType ?? '',
    digest,
    size,
    ...(object.annotations ? { annotations: annotationMap(object.annotations, `${name}.annotations`, complain) } : {}),
    ...(platform ? { platform } : {}),
    ...(artifactType ? { artifactType } : {}),
    ...(urls.length > 0 ? { urls } : {}),
    ...(data ? { data } : {}),
  };
}

/** Reads a `platform` property; undefined when it does not tell both system and architecture. */
function parsePlatformObject(value: unknown): Platform | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const object = value as Readonly<Record<string, unknown>>;
  const os = asText(object.os);
  const architecture = asText(object.architecture);
  if (os === undefined || architecture === undefined) return undefined;
  const variant = asText(object.variant);
  const osVersion = asText(object['os.version']);
  return { os, architecture, ...(variant ? { variant } : {}), ...(osVersion ? { osVersion } : {}) };
}
