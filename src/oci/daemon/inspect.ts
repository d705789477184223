import { isDigest } from '../digest.ts';
import type { DiffId, Digest } from '../digest.ts';
import { OciError } from '../error.ts';
import { asList, asText, parseJson, parseJsonObject, textList } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { limits } from '../limits.ts';

/** What a daemon tells about an image (Docker Engine API, "ImageInspect"). */
export interface InspectedImage {
  /** Digest of the config, or of the manifest or index where Docker uses containerd's store. */
  readonly id: Digest;
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
  readonly diffIds: readonly DiffId[];
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly osVersion?: string;
  readonly created?: string;
  /** `Config`, as it is. */
  readonly settings: unknown;
}

/**
 * Reads the answer of `GET /images/{name}/json`.
 *
 * @throws OciError CONFIG_INVALID
 */
export function parseInspect(bytes: Uint8Array): InspectedImage {
  const document = parseJsonObject(bytes, invalid);
  const id = readId(document.Id);
  const rootFs = (document.RootFS ?? {}) as JsonObject;
  const diffIds = asList(rootFs.Layers, 'RootFS.Layers', limits.layers, invalid).map((value) => {
    if (typeof value !== 'string' || !isDigest(value)) throw invalid('RootFS.Layers has what is not a digest');
    return value;
  });
  const variant = asText(document.Variant);
  const os = asText(document.Os) ?? 'unknown';
  // Only Windows has it; Podman tells here which Docker built the image.
  const osVersion = os === 'windows' ? asText(document.OsVersion) : undefined;
  const created = asText(document.Created);
  return {
    id,
    repoTags: textList(document.RepoTags),
    repoDigests: textList(document.RepoDigests),
    diffIds,
    os,
    architecture: asText(document.Architecture) ?? 'unknown',
    ...(variant ? { variant } : {}),
    ...(osVersion ? { osVersion } : {}),
    ...(created ? { created } : {}),
    settings: document.Config ?? {},
  };
}

/**
 * Reads the answer of `GET /images/{name}/history` as the `history` of a config: lowest step first.
 *
 * The API does not tell which steps made no layer. Steps of no size are such when that leaves as many steps as there
 * are layers; where it does not, there is no telling, and no history.
 */
export function parseHistory(bytes: Uint8Array, layers: number): readonly JsonObject[] {
  const steps = asList(parseJson(bytes, invalid), 'the history', limits.historyEntries, invalid).map(
    (step) => (typeof step === 'object' && step !== null ? step : {}) as JsonObject,
  );
  const full = steps.filter(({ Size }) => Size !== 0).length;
  if (full !== layers) return [];
  return steps.toReversed().map(({ Created, CreatedBy, Comment, Size }) => {
    const created = typeof Created === 'number' ? toRfc3339(Created) : undefined;
    return {
      ...(created ? { created } : {}),
      created_by: asText(CreatedBy) ?? '',
      ...(asText(Comment) ? { comment: Comment } : {}),
      ...(Size === 0 ? { empty_layer: true } : {}),
    };
  });
}

function readId(value: unknown): Digest {
  // Podman leaves the algorithm out.
  const id = typeof value === 'string' && /^[a-f0-9]{64}$/.test(value) ? `sha256:${value}` : value;
  if (typeof id !== 'string' || !isDigest(id)) throw invalid('it has no image id');
  return id;
}

/** Seconds since 1970 as text; nothing when no calendar has that day. */
function toRfc3339(seconds: number): string | undefined {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

function invalid(what: string): OciError {
  return new OciError('CONFIG_INVALID', `The daemon's answer about the image cannot be read: ${what}`);
}
