import { isIP } from 'node:net';

/** A network, or a single address, which is one with all bits. */
export interface NetworkRange {
  readonly family: 4 | 6;
  /** In lower case. */
  readonly address: string;
  readonly bits: number;
}

/** Reads `10.0.0.0/8`, `fd00::/8` or an address; undefined for anything else. */
export function parseNetworkRange(text: string): NetworkRange | undefined {
  const match = /^([0-9A-Fa-f:.]{2,45})(?:\/(\d{1,3}))?$/.exec(text);
  const address = match?.[1]?.toLowerCase() ?? '';
  const family = isIP(address);
  if (family !== 4 && family !== 6) return undefined;
  const most = family === 4 ? 32 : 128;
  const bits = match?.[2] === undefined ? most : Number(match[2]);
  return bits > most ? undefined : { family, address, bits };
}

/** Writes a range, always with its bits. */
export function formatNetworkRange({ address, bits }: NetworkRange): string {
  return `${address}/${bits}`;
}
