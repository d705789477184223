import { gatekeeperLimits } from './limits.ts';

/** An image that Gatekeeper asks about. */
export interface ProviderKey {
  readonly image: string;
  /** Empty where the template does not say it. */
  readonly namespace: string;
}

/**
 * Reads a key. Gatekeeper tells a provider no namespace; templates for several tenants put it before the image, as Ratify's do:
 * `[team-a]ghcr.io/org/app:1`. Undefined for what is no key.
 */
export function parseProviderKey(text: string): ProviderKey | undefined {
  if (text.length > gatekeeperLimits.keyLength) return undefined;
  const [, namespace, image] = /^\[([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)\](.+)$/s.exec(text) ?? [];
  if (namespace !== undefined && image !== undefined) return { image, namespace };
  return text === '' || (text.startsWith('[') && !/^\[[0-9a-fA-F:]+\]/.test(text))
    ? undefined
    : { image: text, namespace: '' };
}
