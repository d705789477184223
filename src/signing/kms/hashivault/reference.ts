import { SigningError } from '../../error.ts';

/** `hashivault://KEY` or `openbao://KEY`: a key of the transit engine. */
export interface VaultReference {
  readonly provider: 'hashivault';
  /** Whose variables say where the server is. */
  readonly flavor: 'vault' | 'openbao';
  readonly key: string;
}

const pattern = /^(hashivault|openbao):\/\/(\w(?:[\w.-]{0,200}\w)?)$/;

/** Parses `hashivault://…` and `openbao://…`. @throws SigningError KEY_REFERENCE_INVALID */
export function parseVaultReference(text: string): VaultReference {
  const [, scheme, key] = pattern.exec(text) ?? [];
  if (key === undefined) {
    throw new SigningError(
      'KEY_REFERENCE_INVALID',
      `${JSON.stringify(text.slice(0, 200))} is no key of Vault or OpenBao; write hashivault://KEY or openbao://KEY, the engine's path in TRANSIT_SECRET_ENGINE_PATH`,
    );
  }
  return { provider: 'hashivault', flavor: scheme === 'openbao' ? 'openbao' : 'vault', key };
}
