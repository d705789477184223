/** A digest taken apart, when it is one that formats can name. */
export interface Checksum {
  readonly algorithm: 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512';
  /** Lower-case hex. */
  readonly hex: string;
}

const hexLengths: Readonly<Record<Checksum['algorithm'], number>> = {
  md5: 32,
  sha1: 40,
  sha256: 64,
  sha384: 96,
  sha512: 128,
};

/** Reads `algorithm:hex`; undefined for other algorithms and for hex of another length. */
export function parseChecksum(digest: string | undefined): Checksum | undefined {
  const match = /^(md5|sha1|sha256|sha384|sha512):([0-9a-fA-F]+)$/.exec(digest ?? '');
  if (match === null) return undefined;
  const algorithm = match[1] as Checksum['algorithm'];
  const hex = (match[2] as string).toLowerCase();
  return hex.length === hexLengths[algorithm] ? { algorithm, hex } : undefined;
}

/** The digest for an algorithm as a format spells it (`SHA-256`, `SHA256`); undefined for those we do not keep. */
export function digestOfChecksum(algorithm: string, hex: string): string | undefined {
  const digest = `${algorithm.toLowerCase().replace('-', '')}:${hex}`;
  return parseChecksum(digest) === undefined ? undefined : digest.toLowerCase();
}
