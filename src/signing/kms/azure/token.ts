import { azureProgramToken, findAzureToken } from '../../../cloud/azure/identity.ts';
import { CloudError } from '../../../cloud/error.ts';
import { cloudDepsOf } from '../../key/cloud-deps-of.ts';
import type { KeyDeps } from '../../key/key-deps.ts';
import { keyUnavailable } from '../../key/key-unavailable.ts';

/**
 * Gets a token for a vault as Azure's tools do, and by the `az` program where there is nothing else; `AZURE_AUTH_METHOD`
 * (`environment` or `cli`, as in cosign) leaves out the others.
 *
 * @throws SigningError KEY_UNAVAILABLE
 */
export async function keyVaultToken(resource: string, deps: KeyDeps): Promise<string> {
  const method = deps.env['AZURE_AUTH_METHOD']?.toLowerCase();
  const cloud = cloudDepsOf(deps);
  const find = async (): Promise<string> => {
    if (method === 'cli') return (await azureProgramToken(resource, cloud)).token;
    try {
      return (await findAzureToken({ resource, authority: authorityOf(resource) }, cloud)).token;
    } catch (error) {
      const isAbsent = error instanceof CloudError && error.code === 'CREDENTIALS_ABSENT';
      if (!isAbsent || method === 'environment') throw error;
      return (await azureProgramToken(resource, cloud)).token;
    }
  };
  return await find().catch((error: unknown) => {
    throw keyUnavailable(error);
  });
}

function authorityOf(resource: string): string {
  if (resource.endsWith('.cn')) return 'https://login.chinacloudapi.cn';
  if (resource.endsWith('.usgovcloudapi.net')) return 'https://login.microsoftonline.us';
  return 'https://login.microsoftonline.com';
}
