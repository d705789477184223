import { paceSteps } from '../base/steps.ts';
import type { SbomFormat } from './format.ts';

/** Every format, by hand. Encoders and decoders load when they are used: most commands need none. */
export const sbomFormats: readonly SbomFormat[] = [
  {
    id: 'cyclonedx-json',
    artifactType: 'cyclonedx',
    encode: async (document) => (await import('./cyclonedx/encode.ts')).encodeCycloneDx(document),
    decoder: {
      recognises: ({ json }) => field(json, 'bomFormat') === 'CycloneDX',
      decode: async ({ json }, limits, signal) =>
        paceSteps((await import('./cyclonedx/decode.ts')).decodeCycloneDx(json, limits), signal),
    },
  },
  {
    id: 'spdx-json',
    artifactType: 'spdx',
    encode: async (document) => (await import('./spdx/encode.ts')).encodeSpdx(document),
    decoder: {
      recognises: ({ json }) => typeof field(json, 'spdxVersion') === 'string',
      decode: async ({ json }, limits, signal) =>
        paceSteps((await import('./spdx/decode.ts')).decodeSpdx(json, limits), signal),
    },
  },
];

/** The format of that id. */
export function sbomFormat(id: string): SbomFormat | undefined {
  return sbomFormats.find((format) => format.id === id);
}

function field(json: unknown, name: string): unknown {
  return typeof json === 'object' && json !== null && Object.hasOwn(json, name)
    ? (json as Record<string, unknown>)[name]
    : undefined;
}
