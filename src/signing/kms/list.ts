import type { KeyDeps } from '../key/key-deps.ts';
import { type AwsReference, parseAwsReference } from './aws/reference.ts';
import { type AzureReference, parseAzureReference } from './azure/reference.ts';
import { type GcpReference, parseGcpReference } from './gcp/reference.ts';
import { parseVaultReference, type VaultReference } from './hashivault/reference.ts';
import type { KmsKey } from './kms-key.ts';
import { parsePkcs11Reference, type Pkcs11Reference } from './pkcs11/reference.ts';
import { parsePluginReference, type PluginReference } from './plugin/reference.ts';

/** A key in some key management service. */
export type KmsReference =
  | AwsReference
  | AzureReference
  | GcpReference
  | Pkcs11Reference
  | PluginReference
  | VaultReference;

/** Parsers by what references begin with; any other scheme is a plugin's. */
const parsers: Readonly<Record<string, (text: string) => KmsReference>> = {
  'awskms:': parseAwsReference,
  'azurekms:': parseAzureReference,
  'gcpkms:': parseGcpReference,
  'hashivault:': parseVaultReference,
  'openbao:': parseVaultReference,
  'pkcs11:': parsePkcs11Reference,
};

/** Parses a reference to a key in a key management service. @throws SigningError KEY_REFERENCE_INVALID */
export function parseKmsReference(text: string): KmsReference {
  const scheme = text.slice(0, text.indexOf(':') + 1);
  return (parsers[scheme] ?? parsePluginReference)(text);
}

/**
 * Opens a key in its service: fetches its public half, and can sign with it. Each service's code is loaded when it is used.
 *
 * @throws SigningError KEY_UNAVAILABLE
 */
export async function openKmsKey(reference: KmsReference, deps: KeyDeps): Promise<KmsKey> {
  switch (reference.provider) {
    case 'aws':
      return (await import('./aws/client.ts')).openAwsKey(reference, deps);
    case 'azure':
      return (await import('./azure/client.ts')).openAzureKey(reference, deps);
    case 'gcp':
      return (await import('./gcp/client.ts')).openGcpKey(reference, deps);
    case 'hashivault':
      return (await import('./hashivault/client.ts')).openVaultKey(reference, deps);
    case 'pkcs11':
      return (await import('./pkcs11/client.ts')).openPkcs11Key(reference, deps);
    default:
      return (await import('./plugin/client.ts')).openPluginKey(reference, deps);
  }
}
