import { CodecError } from '../../codec/error.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import { SbomError } from '../../sbom/error.ts';
import { checkStructure } from '../../sbom/json.ts';
import { isCsaf, parseCsafVex } from './csaf/parse.ts';
import { isCycloneDx, parseCycloneDxVex } from './cyclonedx/parse.ts';
import { malformed, type VexDocument } from './document.ts';
import { VexError } from './error.ts';
import { vexLimits, type VexLimits } from './limits.ts';
import { isOpenVex, parseOpenVex } from './openvex/parse.ts';

const formats = [
  [isOpenVex, parseOpenVex],
  [isCycloneDx, parseCycloneDxVex],
  [isCsaf, parseCsafVex],
] as const;

/**
 * Reads a VEX document, telling its format by its content: OpenVEX, CycloneDX or CSAF.
 *
 * @param source as the user named it
 * @throws VexError
 */
export function parseVex(bytes: Uint8Array, source: string, limits: VexLimits = vexLimits): VexDocument {
  const json = readJson(bytes, source, limits);
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) {
    const members = json as Readonly<Record<string, unknown>>;
    const format = formats.find(([recognises]) => recognises(members));
    if (format !== undefined) return format[1](json, source);
    if ('payloadType' in members || 'predicateType' in members || 'dsseEnvelope' in members) {
      const advice = 'write the document that it is about (its predicate) into a file, once you have verified it';
      throw new VexError('VEX_UNRECOGNISED', `${source} is an attestation, which nobody verifies here; ${advice}`);
    }
  }
  const what = 'neither OpenVEX (no @context of openvex.dev), CycloneDX (no bomFormat) nor CSAF (no csaf_version)';
  throw new VexError('VEX_UNRECOGNISED', `${source} is ${what}; name a VEX document`);
}

function readJson(bytes: Uint8Array, source: string, { bytes: most, depth, values }: VexLimits): unknown {
  if (bytes.length > most) {
    throw new VexError('VEX_LIMIT_EXCEEDED', `${source} has more than ${most} bytes; split it up`);
  }
  // Editors on Windows write a byte order mark.
  const isMarked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const text = isMarked ? bytes.subarray(3) : bytes;
  try {
    checkStructure(text, { depth, values });
    return parseStrictJson(text, depth);
  } catch (cause) {
    if (cause instanceof SbomError || (cause instanceof CodecError && cause.code === 'LIMIT_EXCEEDED')) {
      const message = `${source} nests too deep or has too many values (${cause.message}); split it up`;
      throw new VexError('VEX_LIMIT_EXCEEDED', message, { cause });
    }
    if (cause instanceof CodecError) throw malformed(source, cause.message, cause);
    throw cause;
  }
}
