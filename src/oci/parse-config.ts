import type { HistoryEntry, ImageConfig } from './config.ts';
import { isDigest } from './digest.ts';
import type { DiffId } from './digest.ts';
import { OciError } from './error.ts';
import { asList, asText, parseJsonObject, textList, textMap } from './json.ts';
import type { JsonObject } from './json.ts';
import { limits } from './limits.ts';

/** Stands for a system or architecture that a config leaves out, as hand-made images do. */
export const unknownPlatformPart = 'unknown';

/**
 * Reads an image's config (OCI image-spec, config.md; Docker's image JSON has the same shape).
 *
 * @throws OciError CONFIG_INVALID or LIMIT_EXCEEDED
 */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  if (bytes.length > limits.configBytes) {
    throw new OciError('LIMIT_EXCEEDED', `The image config has ${bytes.length} bytes, more than ${limits.configBytes}`);
  }
  const document = parseJsonObject(bytes, invalid);
  const settings = objectOrNone(document.config);
  const created = asText(document.created);
  const user = asText(settings.User);
  const variant = asText(document.variant);
  const osVersion = asText(document['os.version']);
  return {
    platform: {
      os: asText(document.os) ?? unknownPlatformPart,
      architecture: asText(document.architecture) ?? unknownPlatformPart,
      ...(variant ? { variant } : {}),
      ...(osVersion ? { osVersion } : {}),
    },
    ...(created ? { created } : {}),
    diffIds: readDiffIds(objectOrNone(document.rootfs)),
    history: asList(document.history, 'history', limits.historyEntries, invalid).map(readHistory),
    labels: textMap(settings.Labels),
    ...(user ? { user } : {}),
    env: textList(settings.Env),
    ...exposedPorts(settings.ExposedPorts),
    ...(hasHealthcheck(settings.Healthcheck) ? { healthcheck: true } : {}),
  };
}

/** A set, which is written as an object whose members are empty. */
function exposedPorts(value: unknown): Pick<ImageConfig, 'exposedPorts'> {
  const ports = Object.keys(objectOrNone(value)).slice(0, limits.mapEntries);
  return ports.length === 0 ? {} : { exposedPorts: ports };
}

/** An empty test is that of the image below, and `NONE` takes that one away. */
function hasHealthcheck(value: unknown): boolean {
  const [first] = textList(objectOrNone(value).Test);
  return first !== undefined && first !== 'NONE';
}

function readDiffIds(rootfs: JsonObject): readonly DiffId[] {
  if (rootfs.type !== undefined && rootfs.type !== 'layers') throw invalid('rootfs.type is not "layers"');
  return asList(rootfs.diff_ids, 'rootfs.diff_ids', limits.layers, invalid).map((value, at) => {
    if (typeof value !== 'string' || !isDigest(value)) throw invalid(`rootfs.diff_ids[${at}] is not a digest`);
    return value;
  });
}

function readHistory(value: unknown): HistoryEntry {
  const entry = objectOrNone(value);
  const created = asText(entry.created);
  const createdBy = asText(entry.created_by);
  const comment = asText(entry.comment);
  return {
    ...(created ? { created } : {}),
    ...(createdBy ? { createdBy } : {}),
    ...(comment ? { comment } : {}),
    emptyLayer: entry.empty_layer === true,
  };
}

function objectOrNone(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function invalid(what: string): OciError {
  return new OciError('CONFIG_INVALID', `The image config cannot be read: ${what}`);
}
