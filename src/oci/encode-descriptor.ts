import type { Descriptor } from './descriptor.ts';
import type { JsonObject } from './json.ts';

/** A descriptor as documents have it, in the order that Go programs write (OCI image-spec, descriptor.md). */
export function encodeDescriptor(descriptor: Descriptor): JsonObject {
  const { mediaType, size, digest, urls, annotations, platform, artifactType } = descriptor;
  return {
    mediaType,
    size,
    digest,
    ...(urls === undefined ? {} : { urls }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(platform === undefined ? {} : { platform: encodePlatform(platform) }),
    ...(artifactType === undefined ? {} : { artifactType }),
  };
}

function encodePlatform({ os, architecture, variant, osVersion }: NonNullable<Descriptor['platform']>): JsonObject {
  return {
    architecture,
    os,
    ...(osVersion === undefined ? {} : { 'os.version': osVersion }),
    ...(variant === undefined ? {} : { variant }),
  };
}
