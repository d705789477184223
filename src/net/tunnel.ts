import type { Duplex } from 'node:stream';
import { NetError } from './error.ts';
import { netErrorOf } from './failure.ts';
import { bareHostname, effectivePort } from './host.ts';
import { proxyAuthorization } from './proxy.ts';

/**
 * Asks a proxy for a tunnel to a host (RFC 9110, 9.3.6, CONNECT).
 *
 * @throws NetError PROXY when it refuses, or what kept the proxy itself from being reached
 */
export async function openTunnel(proxy: URL, host: string, port: number, timeoutMs: number): Promise<Duplex> {
  const { request: open } = await (proxy.protocol === 'https:' ? import('node:https') : import('node:http'));
  const target = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const authorization = proxyAuthorization(proxy);
  return await new Promise<Duplex>((resolve, reject) => {
    const request = open({
      host: bareHostname(proxy),
      port: effectivePort(proxy),
      method: 'CONNECT',
      path: target,
      agent: false,
      headers: { host: target, ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }) },
    });
    function fail(error: NetError): void {
      clearTimeout(timer);
      request.destroy();
      reject(error);
    }
    function refuse(status: number | undefined): void {
      const advice = status === 407 ? 'give its user and password in the proxy address' : 'ask who runs it';
      fail(new NetError('PROXY', proxy.host, `the proxy ${proxy.host} answered ${status} for ${target}; ${advice}`));
    }
    const timer = setTimeout(() => {
      fail(new NetError('TIMEOUT', proxy.host, `the proxy ${proxy.host} did not open a way to ${target} in time`));
    }, timeoutMs);
    request.on('connect', (response, socket, head) => {
      if (response.statusCode !== 200) {
        socket.destroy();
        return refuse(response.statusCode);
      }
      clearTimeout(timer);
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    request.on('response', (response) => refuse(response.statusCode));
    request.on('error', (error) => {
      const failure = netErrorOf(error, proxy.host);
      fail(new NetError('PROXY', proxy.host, `the proxy cannot be used: ${failure.message}`, { cause: failure }));
    });
    request.end();
  });
}
