import { isUnspecified } from '../../net/host.ts';
import type { RegistryConfig } from '../config/model.ts';
import { formatListenAddress } from '../../net/listen-address.ts';

/** How clients reach the registry: as it is told, or else by the address and port that it listens at. */
export function ownUrl(config: Pick<RegistryConfig, 'url' | 'listen' | 'tls'>, port: number): string {
  if (config.url !== undefined) return config.url;
  const { host } = config.listen;
  const named = isUnspecified(host) ? 'localhost' : host;
  return `${config.tls === undefined ? 'http' : 'https'}://${formatListenAddress({ host: named, port })}`;
}
