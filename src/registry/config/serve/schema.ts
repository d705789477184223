import { z } from 'zod';
import type { ListenAddress } from '../../../net/listen-address.ts';
import {
  count,
  duration,
  flag,
  httpUrl,
  ipNetwork,
  listenAddress,
  listOf,
  path,
  type Paths,
  size,
  word,
} from '../value/schema.ts';
import {
  type DeleteConfig,
  type MetricsConfig,
  type ProxiesConfig,
  type Risk,
  risks,
  type ServerLimits,
  type TlsConfig,
} from './model.ts';
import type { TracingConfig, UploadsConfig } from './model.ts';

const day = 86_400_000;

/** Where the registry listens. */
export const listenSchema: z.ZodType<ListenAddress> = listenAddress
  .prefault('127.0.0.1:5000')
  .describe('address and port to serve at; `:5000` is every address of the machine');

/** The registry's own address, as clients write it. */
export const urlSchema: z.ZodType<string> = httpUrl.describe(
  'how clients reach the registry, where a proxy stands before it: `https://registry.example.org`',
);

/** {@link ProxiesConfig}. */
export const proxiesSchema: z.ZodType<ProxiesConfig> = z
  .strictObject({
    trusted: listOf(ipNetwork)
      .prefault([])
      .describe('addresses and networks (`10.0.0.0/8`) of proxies that are believed about where requests come from'),
    header: word(['x-forwarded-for', 'forwarded'])
      .prefault('x-forwarded-for')
      .describe('where they say it: `x-forwarded-for` with `x-forwarded-proto`, or `forwarded` (RFC 7239)'),
  })
  .prefault({});

/** {@link TlsConfig}. */
export function tlsSchema(paths: Paths): z.ZodType<TlsConfig> {
  return z
    .strictObject({
      cert: path(paths).describe('the certificate with its chain, in PEM'),
      key: path(paths).describe('its private key, in PEM, not encrypted'),
      clientCa: path(paths).exactOptional().describe('authorities whose client certificates are taken, in PEM'),
      clientCrl: path(paths).exactOptional().describe('certificates that these authorities revoked, in PEM'),
      reload: duration(1000, day).prefault('10s').describe('how often the files are looked at for newer ones'),
    })
    .transform(({ cert, key, clientCa, clientCrl, reload }) => ({
      certFile: cert,
      keyFile: key,
      ...(clientCa === undefined ? {} : { clientCaFile: clientCa }),
      ...(clientCrl === undefined ? {} : { clientCrlFile: clientCrl }),
      reloadMs: reload,
    }));
}

/** Processes that serve. */
export const workersSchema: z.ZodType<number> = count(1, 256)
  .prefault('1')
  .describe('processes that serve; more than one share the database and the storage');

/** {@link ServerLimits}. */
export const limitsSchema: z.ZodType<ServerLimits> = z
  .strictObject({
    manifestBytes: size(1024, 4 * 2 ** 20)
      .prefault('4MiB')
      .describe('largest manifest; clients take no more than 4 MiB'),
    pageEntries: count(1, 10_000).prefault('1000').describe('most entries of a page, whatever a client asks for'),
    connections: count(1, 1_000_000).prefault('10000').describe('most connections of one process'),
    idleTimeout: duration(1000, day).prefault('60s').describe('longest silence in the middle of a body'),
    leastSpeed: size(1, 2 ** 20)
      .prefault('2KiB')
      .describe('bytes a second below which clients are let go that send a body or take an answer'),
  })
  .transform(({ idleTimeout, ...rest }) => ({ ...rest, idleMs: idleTimeout }))
  .prefault({});

/** {@link UploadsConfig}. */
export const uploadsSchema: z.ZodType<UploadsConfig> = z
  .strictObject({
    expireAfter: duration(60_000, 365 * day)
      .prefault('24h')
      .describe('when an upload is thrown away that nobody goes on with'),
    maxBytes: size(1, Number.MAX_SAFE_INTEGER).prefault('100GiB').describe('largest blob'),
  })
  .transform(({ expireAfter, maxBytes }) => ({ expireAfterMs: expireAfter, maxBytes }))
  .prefault({});

/** {@link DeleteConfig}. */
export const deleteSchema: z.ZodType<DeleteConfig> = z
  .strictObject({
    enabled: flag.prefault('true').describe('whether clients may delete at all; permissions say who'),
  })
  .prefault({});

/** {@link MetricsConfig}. */
export const metricsSchema: z.ZodType<MetricsConfig> = z.strictObject({
  listen: listenAddress.describe('address and port to serve `/metrics` at, without login'),
});

/** {@link TracingConfig}. */
export const tracingSchema: z.ZodType<TracingConfig> = z.strictObject({
  endpoint: httpUrl.describe(
    'collector that takes OTLP over HTTP in JSON; without a path, it is asked at `/v1/traces`',
  ),
});

/** {@link Risk}. */
export const acceptSchema: z.ZodType<readonly Risk[]> = listOf(word(risks))
  .prefault([])
  .describe(
    'risks that are refused unless they stand here: `plain-http`, `no-auth`, `anonymous-push`, `empty-repositories`',
  );
