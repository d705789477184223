import { SigningError } from '../../error.ts';

/** `azurekms://VAULT_HOST/KEY[/VERSION]`. */
export interface AzureReference {
  readonly provider: 'azure';
  /** `name.vault.azure.net` */
  readonly host: string;
  /** What tokens for the vault are asked for: `https://vault.azure.net`. */
  readonly resource: string;
  readonly key: string;
  readonly version?: string;
}

const pattern = /^azurekms:\/\/([a-z0-9-]{1,127}(?:\.[a-z0-9-]{1,63})*)\/([0-9a-zA-Z-]{1,127})(?:\/([0-9a-z]{0,64}))?$/;

/**
 * The suffixes of vaults in each of Azure's clouds, and of managed HSMs (Azure documentation, "Keys, secrets, and
 * certificates overview"). Tokens for vaults are sent nowhere else.
 */
const suffixes = [
  'vault.azure.net',
  'vault.azure.cn',
  'vault.usgovcloudapi.net',
  'managedhsm.azure.net',
  'managedhsm.azure.cn',
  'managedhsm.usgovcloudapi.net',
];

/** Parses `azurekms://…`; a vault's name alone means one of the public cloud. @throws SigningError KEY_REFERENCE_INVALID */
export function parseAzureReference(text: string): AzureReference {
  const [, vault = '', key = '', version = ''] = pattern.exec(text) ?? [];
  const host = vault === '' || vault.includes('.') ? vault : `${vault}.vault.azure.net`;
  const suffix = suffixes.find((end) => host.endsWith(`.${end}`) && !host.slice(0, -end.length - 1).includes('.'));
  if (suffix === undefined) {
    throw new SigningError(
      'KEY_REFERENCE_INVALID',
      `${JSON.stringify(text.slice(0, 200))} is no key of Azure Key Vault; write azurekms://NAME.vault.azure.net/KEY or …/KEY/VERSION`,
    );
  }
  const reference = { provider: 'azure', host, resource: `https://${suffix}`, key } as const;
  return version === '' ? reference : { ...reference, version };
}
