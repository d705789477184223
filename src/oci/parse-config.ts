import { CodecError } from '../codec/error.ts';
import { parseStrictJson } from '../codec/json/parse.ts';
import type { HistoryEntry, ImageConfig } from './config.ts';
import { isDigest } from './digest.ts';
import type { DiffId } from './digest.ts';
import { OciError } from './error.ts';
import { foldName } from './fold-name.ts';
import { asList, asObject, asText, textList, textMap } from './json.ts';
import type { JsonObject } from './json.ts';
import { limits } from './limits.ts';

/** Stands for a system or architecture that a config leaves out, as hand-made images do. */
export const unknownPlatformPart = 'unknown';

/**
 * Reads an image's config (OCI image-spec, config.md; Docker's image JSON has the same shape). Runtimes are written in Go, which takes names
 * in any case and of several that it takes for one the last: so names are read in any case, and what is there twice is refused.
 *
 * @throws OciError CONFIG_INVALID or LIMIT_EXCEEDED
 */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  if (bytes.length > limits.configBytes) {
    throw new OciError('LIMIT_EXCEEDED', `The image config has ${bytes.length} bytes, more than ${limits.configBytes}`);
  }
  const document = readNames(parse(bytes), documentNames);
  const settings = readNames(document.config, settingNames);
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
    diffIds: readDiffIds(readNames(document.rootfs, rootfsNames)),
    history: asList(document.history, 'history', limits.historyEntries, invalid).map(readHistory),
    labels: textMap(settings.Labels),
    ...(user ? { user } : {}),
    env: textList(bounded(settings.Env, 'variables')),
    ...exposedPorts(settings.ExposedPorts),
    ...(hasHealthcheck(settings.Healthcheck) ? { healthcheck: true } : {}),
  };
}

/** A set, which is written as an object whose members are empty. */
function exposedPorts(value: unknown): Pick<ImageConfig, 'exposedPorts'> {
  const ports = bounded(Object.keys(objectOrNone(value)), 'ports');
  return ports.length === 0 ? {} : { exposedPorts: ports };
}

/** An empty test is that of the image below, and `NONE` takes that one away. */
function hasHealthcheck(value: unknown): boolean {
  const [first] = textList(readNames(value, ['Test']).Test);
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

const documentNames = ['os', 'architecture', 'variant', 'os.version', 'created', 'config', 'rootfs', 'history'];
const settingNames = ['User', 'Labels', 'Env', 'ExposedPorts', 'Healthcheck'];
const rootfsNames = ['type', 'diff_ids'];

function parse(bytes: Uint8Array): unknown {
  try {
    return asObject(parseStrictJson(bytes), 'the document', invalid);
  } catch (error) {
    if (error instanceof CodecError) throw invalid(error.message);
    throw error;
  }
}

/** The members of an object that have these names, in whatever case. @throws OciError for one of which there are several */
function readNames(value: unknown, names: readonly string[]): JsonObject {
  const wanted = new Map(names.map((name) => [foldName(name), name]));
  const found: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(objectOrNone(value))) {
    const name = wanted.get(foldName(key));
    if (name === undefined) continue;
    if (name in found) throw invalid(`it has ${name} more than once, and readers differ in which one they take`);
    found[name] = member;
  }
  return found;
}

/** What is not looked at could be anything. */
function bounded<Value>(value: Value, what: string): Value {
  if (!Array.isArray(value) || value.length <= limits.mapEntries) return value;
  throw new OciError('LIMIT_EXCEEDED', `The image config has ${value.length} ${what}, more than ${limits.mapEntries}`);
}

function objectOrNone(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function invalid(what: string): OciError {
  return new OciError('CONFIG_INVALID', `The image config cannot be read: ${what}`);
}
