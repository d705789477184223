import type { Descriptor } from '../descriptor.ts';
import { encodeDescriptor } from '../encode-descriptor.ts';
import type { JsonObject } from '../json.ts';
import { limits } from '../limits.ts';
import { digestOf } from '../verify-content.ts';
import { BuildError } from './error.ts';
import { sorted } from './make-config.ts';
import type { BuiltDocument, BuiltImage } from './model.ts';

const configMediaType = 'application/vnd.oci.image.config.v1+json';
const manifestMediaType = 'application/vnd.oci.image.manifest.v1+json';
const indexMediaType = 'application/vnd.oci.image.index.v1+json';

type Annotations = Readonly<Record<string, string>>;

/** A config as it is stored. @throws BuildError LIMIT_EXCEEDED */
export function makeConfigDocument(config: JsonObject): BuiltDocument {
  return documentOf(configMediaType, config, limits.configBytes);
}

/** The manifest of one image (OCI image-spec, manifest.md). @throws BuildError LIMIT_EXCEEDED */
export function makeManifest(
  config: Descriptor,
  layers: readonly Descriptor[],
  annotations: Annotations,
): BuiltDocument {
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestMediaType,
    config: encodeDescriptor(config),
    layers: layers.map(encodeDescriptor),
    ...annotated(annotations),
  };
  return documentOf(manifestMediaType, manifest, limits.manifestBytes);
}

/** The index of several images (OCI image-spec, image-index.md), in the order in which they were asked for. @throws BuildError LIMIT_EXCEEDED */
export function makeIndex(
  images: readonly Pick<BuiltImage, 'manifest' | 'platform'>[],
  annotations: Annotations,
): BuiltDocument {
  const index = {
    schemaVersion: 2,
    mediaType: indexMediaType,
    manifests: images.map(({ manifest, platform }) => encodeDescriptor({ ...manifest.descriptor, platform })),
    ...annotated(annotations),
  };
  return documentOf(indexMediaType, index, limits.manifestBytes);
}

function annotated(annotations: Annotations): { readonly annotations?: Annotations } {
  return Object.keys(annotations).length === 0 ? {} : { annotations: sorted(annotations) };
}

function documentOf(mediaType: string, value: JsonObject, most: number): BuiltDocument {
  const bytes = Buffer.from(JSON.stringify(value));
  if (bytes.length > most) {
    const message = `The image would have a ${kindOf(mediaType)} of ${bytes.length} bytes, more than the ${most} that are read; say less in it`;
    throw new BuildError('LIMIT_EXCEEDED', message);
  }
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}

function kindOf(mediaType: string): string {
  return mediaType === configMediaType ? 'config' : mediaType === indexMediaType ? 'index' : 'manifest';
}
