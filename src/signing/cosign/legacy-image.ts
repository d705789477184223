import type { PushedManifest } from '../../oci/client/push.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { encodeDescriptor } from '../../oci/encode-descriptor.ts';
import { OciError } from '../../oci/error.ts';
import { type JsonObject, parseJsonObject } from '../../oci/json.ts';
import { digestOf } from '../../oci/verify-content.ts';
import { configMediaType, manifestMediaType } from './media-types.ts';

/** A legacy image ready to push: its config first. */
export interface LegacyImage {
  readonly config: Buffer;
  readonly manifest: PushedManifest;
}

/** Cosign writes no times, so that the same signatures give the same image. */
const noTime = '0001-01-01T00:00:00Z';

/**
 * Makes the image that holds signatures, attestations or an SBOM as layers, byte for byte as cosign does.
 *
 * @param layers as they stand in the manifest: descriptors that were there already are passed on as they are
 * @param current the manifest that is replaced, of which everything else is kept
 */
export function legacyImage(layers: readonly JsonObject[], current?: Uint8Array): LegacyImage {
  const before = current === undefined ? {} : rawManifest(current);
  const config = Buffer.from(
    JSON.stringify({
      architecture: '',
      created: noTime,
      history: layers.map(() => ({ created: noTime })),
      os: '',
      // The layers are stored as they are, so their digests are those of their content.
      rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
      config: {},
    }),
  );
  const oldConfig = (before.config ?? {}) as { readonly mediaType?: string };
  const mediaType = typeof before.mediaType === 'string' ? before.mediaType : manifestMediaType;
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType,
      ...before,
      config: encodeDescriptor({
        mediaType: oldConfig.mediaType ?? configMediaType,
        size: config.length,
        digest: digestOf(config),
      }),
      layers,
    }),
  );
  return { config, manifest: { mediaType, bytes } };
}

/** The layers of a manifest as they are written there. @throws OciError MANIFEST_INVALID */
export function rawLayers(manifest: Uint8Array): readonly JsonObject[] {
  const { layers } = rawManifest(manifest);
  return Array.isArray(layers) ? (layers as JsonObject[]) : [];
}

/** A new layer as cosign writes it: annotations in the order of their names. */
export function newLayer(layer: Descriptor): JsonObject {
  const { annotations = {}, ...rest } = layer;
  const sorted = Object.fromEntries(Object.entries(annotations).sort(([a], [b]) => (a < b ? -1 : 1)));
  return encodeDescriptor({ ...rest, ...(Object.keys(sorted).length === 0 ? {} : { annotations: sorted }) });
}

function rawManifest(bytes: Uint8Array): JsonObject {
  return parseJsonObject(bytes, (what) => new OciError('MANIFEST_INVALID', `The manifest cannot be read: ${what}`));
}
