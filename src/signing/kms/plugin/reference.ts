import { SigningError } from '../../error.ts';

/** `NAME://KEY`: a key that the program `sigstore-kms-NAME` has. */
export interface PluginReference {
  readonly provider: 'plugin';
  readonly program: string;
  /** What follows the `//`; the program knows what it means. */
  readonly keyResourceId: string;
}

const pattern = /^([a-z][a-z0-9+.-]{0,62}):\/\/([^\0]{1,4096})$/;

/** Parses `NAME://…` of a scheme that nothing else has. @throws SigningError KEY_REFERENCE_INVALID */
export function parsePluginReference(text: string): PluginReference {
  const [, name, keyResourceId] = pattern.exec(text) ?? [];
  if (name === undefined || keyResourceId === undefined) {
    throw new SigningError(
      'KEY_REFERENCE_INVALID',
      `${JSON.stringify(text.slice(0, 200))} is no key: write a path, or NAME://KEY for a key of the program sigstore-kms-NAME`,
    );
  }
  return { provider: 'plugin', program: `sigstore-kms-${name}`, keyResourceId };
}
