import { SbomError } from './error.ts';
import type { SbomCandidate, SbomFormat } from './format.ts';
import { parseBoundedJson } from './json.ts';
import { sbomLimits, type SbomLimits } from './limits.ts';
import { sbomFormats } from './list.ts';
import type { SbomDocument } from './model.ts';

/** A document and the format that it came in. */
export interface DecodedSbom {
  readonly format: SbomFormat;
  readonly document: SbomDocument;
}

/**
 * Reads a bill of materials, telling its format by its content: file names do not count.
 *
 * @throws SbomError; the signal's reason
 */
export async function decodeSbom(
  bytes: Uint8Array,
  limits: SbomLimits = sbomLimits,
  signal?: AbortSignal,
): Promise<DecodedSbom> {
  const json = parseBoundedJson(bytes, limits);
  const candidate: SbomCandidate = json === undefined ? { bytes } : { bytes, json };
  for (const format of sbomFormats) {
    if (format.decoder?.recognises(candidate) === true) {
      return { format, document: await format.decoder.decode(candidate, limits, signal) };
    }
  }
  throw new SbomError(
    'SBOM_UNRECOGNISED',
    json === undefined
      ? 'The file is neither CycloneDX nor SPDX in JSON; convert it, or check that it was written whole'
      : 'The JSON file is neither CycloneDX (no bomFormat) nor SPDX 2 (no spdxVersion); name another file',
  );
}
