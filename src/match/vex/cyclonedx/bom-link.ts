import type { VexBomProduct } from '../../../finding/vex.ts';

/**
 * Reads a BOM-Link (CycloneDX, "BOM-Link": `urn:cdx:SERIAL/VERSION#BOM-REF`, of which the last part is percent-encoded and may be
 * missing); undefined where a text is none.
 */
export function parseBomLink(text: string): VexBomProduct | undefined {
  const match = /^urn:cdx:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/([1-9]\d{0,8})(?:#(.+))?$/is.exec(text);
  if (match === null) return undefined;
  const [, serial = '', version = '', encoded] = match;
  const bom = { serial: serial.toLowerCase(), version: Number(version) };
  if (encoded === undefined) return { kind: 'bom', bom };
  try {
    return { kind: 'bom', bom, ref: decodeURIComponent(encoded) };
  } catch {
    // Some producers leave a percent sign of a reference as it is.
    return { kind: 'bom', bom, ref: encoded };
  }
}
