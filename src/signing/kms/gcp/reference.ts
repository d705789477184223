import { SigningError } from '../../error.ts';

/** `gcpkms://projects/P/locations/L/keyRings/R/cryptoKeys/K[/versions/V]`. */
export interface GcpReference {
  readonly provider: 'gcp';
  /** The resource name of the key, without a version. */
  readonly name: string;
  readonly version?: string;
}

const part = '[A-Za-z0-9:._-]{1,100}';
const pattern = new RegExp(
  `^gcpkms://(projects/${part}/locations/${part}/keyRings/${part}/cryptoKeys/${part})` +
    '(?:/(?:versions|cryptoKeyVersions)/([1-9]\\d{0,9}))?$',
);

/** Parses `gcpkms://…`. @throws SigningError KEY_REFERENCE_INVALID */
export function parseGcpReference(text: string): GcpReference {
  const [, name, version] = pattern.exec(text) ?? [];
  // A resource name becomes a path.
  if (name === undefined || name.split('/').some((step) => step === '.' || step === '..')) {
    throw new SigningError(
      'KEY_REFERENCE_INVALID',
      `${JSON.stringify(text.slice(0, 200))} is no key of Google Cloud KMS; write gcpkms://projects/P/locations/L/keyRings/R/cryptoKeys/K[/versions/V]`,
    );
  }
  return { provider: 'gcp', name, ...(version === undefined ? {} : { version }) };
}
