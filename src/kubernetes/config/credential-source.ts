import type { CredentialPart } from './credential-part.ts';
import type { Credentials, CredentialSource } from './model.ts';

/**
 * Makes one source of several parts: the first that has a token or password gives it, and the first that has a certificate gives that.
 *
 * @param headers what goes along with it
 */
export function credentialSource(
  parts: readonly CredentialPart[],
  headers: Readonly<Record<string, string>> = {},
): CredentialSource {
  return {
    async current(signal) {
      const all = [];
      for (const part of parts) all.push(await part.current(signal));
      const authorization = all.find((one) => one.authorization !== undefined)?.authorization;
      return {
        headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
        certificate: all.find((one) => one.certificate !== undefined)?.certificate,
      } satisfies Credentials;
    },
    refused: () => parts.map((part) => part.expire()).some((isRenewed) => isRenewed),
  };
}
