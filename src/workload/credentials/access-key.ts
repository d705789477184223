import type { PullAccess } from './pull-access.ts';

/** The same for the same ways to reach a registry. */
export function accessKey({ plainHttp, secrets, providers, podSecrets }: PullAccess): string {
  return JSON.stringify([plainHttp, secrets, providers, podSecrets]);
}
