/** A registry of Azure. */
export interface AzureRegistry {
  readonly host: string;
  /** Who gives tokens in its cloud. */
  readonly authority: string;
}

/** Azure's clouds, by the domain of their registries. That of Germany is closed, and what was its domain may be anybody's. */
const authorities: Readonly<Record<string, string>> = {
  io: 'https://login.microsoftonline.com',
  cn: 'https://login.chinacloudapi.cn',
  us: 'https://login.microsoftonline.us',
};

/**
 * A registry's own host, with the hash that newer ones have, or the host of its replica in one region (Azure, "Container registry
 * endpoint reference"). Hosts for data (`NAME.REGION.data.azurecr.io`) take no token: registries redirect there with addresses that
 * are signed themselves.
 */
const pattern = /^[a-z0-9]{5,50}(?:-[a-z0-9]{1,30})?(?:\.[a-z0-9]{1,40}\.geo)?\.azurecr\.(io|cn|us)$/;

/** The registry that a host is; undefined for all that is none, such as `x.azurecr.io.evil.tld` (CVE-2025-27403). */
export function azureRegistry(host: string): AzureRegistry | undefined {
  const authority = authorities[pattern.exec(host)?.[1] ?? ''];
  return authority === undefined ? undefined : { host, authority };
}
