import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { parseNetworkRange } from '../../net/network-range.ts';
import { NetworkSet } from '../../net/network-set.ts';
import type { ProxiesConfig } from '../config/serve/model.ts';
import { type ForwardingHeader, hopsOf, plainAddress } from './forwarded.ts';

/** Proxies that are believed, made ready for requests. */
export interface CompiledProxies {
  readonly networks: NetworkSet;
  readonly header: ForwardingHeader;
}

/** Makes them ready; undefined where there are none. */
export function compileProxies({ trusted, header }: ProxiesConfig): CompiledProxies | undefined {
  const ranges = trusted.map(parseNetworkRange).filter((range) => range !== undefined);
  if (ranges.length === 0) return undefined;
  const networks = new NetworkSet();
  for (const range of ranges) networks.add(range);
  return { networks, header };
}

/** Where a request comes from. */
export interface ClientOrigin {
  /** An IP address; undefined where there is none, as of a connection that was closed. */
  readonly address: string | undefined;
  /** How the client asked. */
  readonly scheme: 'http' | 'https';
}

const originOf = Symbol('origin');

interface Marked extends IncomingMessage {
  [originOf]?: ClientOrigin;
}

/**
 * Looks where a request comes from, as soon as it is there: a connection that was closed does not tell any more. That is the
 * connection's other end or, where that is a trusted proxy, the first hop back from here that is none. Where a trusted proxy names no
 * address, its own is as far as anything is known.
 */
export function noteOrigin(request: IncomingMessage, proxies: CompiledProxies | undefined): void {
  const peer = peerOf(request);
  (request as Marked)[originOf] = proxies === undefined ? peer : followHops(request, peer, proxies);
}

/** Where a request comes from. Nothing else may look at the address of a connection to tell clients apart. */
export function clientOrigin(request: IncomingMessage): ClientOrigin {
  return (request as Marked)[originOf] ?? peerOf(request);
}

function followHops(
  { headers }: IncomingMessage,
  peer: ClientOrigin,
  { networks, header }: CompiledProxies,
): ClientOrigin {
  let origin = peer;
  if (!isIn(networks, origin.address)) return origin;
  for (const { address, scheme } of hopsOf(header, headers)) {
    if (address === undefined) break;
    origin = { address, scheme: scheme ?? origin.scheme };
    if (!isIn(networks, address)) break;
  }
  return origin;
}

function peerOf({ socket }: IncomingMessage): ClientOrigin {
  const { remoteAddress, encrypted } = socket as Partial<TLSSocket>;
  return {
    address: remoteAddress === undefined ? undefined : plainAddress(remoteAddress),
    scheme: encrypted === true ? 'https' : 'http',
  };
}

function isIn(networks: NetworkSet, address: string | undefined): boolean {
  return address !== undefined && isIP(address) !== 0 && networks.has(address.split('%', 1)[0] as string);
}
