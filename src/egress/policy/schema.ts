import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { parseDuration } from '../../base/duration.ts';
import { printable } from '../../base/printable.ts';
import { suggest } from '../../base/suggest.ts';
import { type NetworkRange, parseNetworkRange } from '../../net/network-range.ts';
import { egressLimits } from '../limits.ts';
import { runtimeNames } from '../runtime/runtime.ts';
import type { EgressPolicy, HeaderSource, RegistryAccess, ServerAddress } from './model.ts';

/** Reads a plain value; `parse` gives undefined for what it is not. */
function value<Value>(expected: string, parse: (text: string) => Value | undefined): z.ZodType<Value> {
  return z.string().transform((text, context): Value => {
    const read = text.length > egressLimits.text ? undefined : parse(text);
    if (read !== undefined) return read;
    context.addIssue(`cannot be "${printable(text)}"; write ${expected}`);
    return z.NEVER;
  });
}

function listOf<Item>(item: z.ZodType<Item>): z.ZodType<readonly Item[]> {
  return z
    .array(item)
    .max(egressLimits.list, { error: `is a list of more than ${egressLimits.list}; write fewer` })
    .prefault([]);
}

const hostPattern =
  /^(?=.{1,255}$)(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::(\d{1,5}))?$/;

/** The host of image names, in the one form that runtimes compare. */
const imageHost = value(
  'the host of image names, such as docker.io or registry.example.org:5000, in small letters',
  (text) => {
    const match = hostPattern.exec(text);
    if (match === null || Number(match[1] ?? 0) > 65_535) return undefined;
    // Without one of these, a name is one of Docker Hub.
    return /[.:]|^localhost$/.test(text) ? text : undefined;
  },
);

const range: z.ZodType<NetworkRange> = value(
  'an address or a network such as 10.0.0.0/8 or fd00::/8',
  parseNetworkRange,
);

const server: z.ZodType<ServerAddress> = value('ADDRESS:PORT such as 10.0.0.2:6443 or [fd00::2]:6443', (text) => {
  const match = /^(?:\[([^\]]+)\]|([\d.]+(?:\/\d+)?)):(\d{1,5})$/.exec(text);
  const read = parseNetworkRange(match?.[1] ?? match?.[2] ?? '');
  const port = Number(match?.[3] ?? 0);
  return read === undefined || port < 1 || port > 65_535 ? undefined : { range: read, port };
});

/** A path on the nodes. It is written into files of several syntaxes, so that it has plain characters alone. */
const nodePath = value('an absolute path of the nodes, of letters, digits and . _ - @ / alone', (text) =>
  isAbsolute(text) && /^[\w./@-]+$/.test(text) && !text.split('/').includes('..') ? text : undefined,
);

const address = value('https://HOST or https://HOST:PORT, without a path', (text) => {
  const url = URL.parse(text);
  if (url === null || !/^https?:\/\/[^/?#@]+\/?$/i.test(text) || !['http:', 'https:'].includes(url.protocol))
    return undefined;
  if (!hostPattern.test(url.host)) return undefined;
  const scheme = url.protocol.slice(0, -1);
  const port = url.port === '' ? (scheme === 'http' ? 80 : 443) : Number(url.port);
  return { scheme, authority: url.host, port };
});

const variable: z.ZodType<HeaderSource> = z.string().transform((text, context): HeaderSource => {
  const match = /^env:([A-Za-z_][A-Za-z0-9_]{0,127})$/.exec(text);
  if (match !== null) return { kind: 'env', name: match[1] as string };
  // What stands here may be the secret itself, so it is not repeated.
  context.addIssue('holds no secret itself; write env:NAME, or put it into a file and name that as authorizationFile');
  return z.NEVER;
});

const secretFile: z.ZodType<HeaderSource> = value('an absolute path', (text) =>
  isAbsolute(text) && !text.includes('\0') ? { kind: 'file' as const, path: text } : undefined,
);

const registry: z.ZodType<RegistryAccess> = z
  .strictObject({
    url: address,
    addresses: listOf(range),
    ca: nodePath.exactOptional(),
    client: z.strictObject({ certificate: nodePath, key: nodePath }).exactOptional(),
    authorization: variable.exactOptional(),
    authorizationFile: secretFile.exactOptional(),
    prefixed: listOf(imageHost),
  })
  .transform(({ url, authorization, authorizationFile, ...rest }, context): RegistryAccess => {
    if (authorization !== undefined && authorizationFile !== undefined) {
      context.addIssue('names a secret twice; keep authorization or authorizationFile');
    }
    const source = authorization ?? authorizationFile;
    return { ...rest, ...url, ...(source === undefined ? {} : { authorization: source }) };
  });

const runtime = value(`one of ${runtimeNames.join(', ')}`, (text) => runtimeNames.find((name) => name === text));

const rollback = value('a duration from 10s to 24h, such as 120s', (text) => {
  const read = parseDuration(text);
  return read !== undefined && read >= 10_000 && read <= 86_400_000 ? read : undefined;
});

/** Public registries that most clusters pull from. */
const publicHosts = [
  'docker.io',
  'gcr.io',
  'ghcr.io',
  'mcr.microsoft.com',
  'public.ecr.aws',
  'quay.io',
  'registry.k8s.io',
];

const hostList = z
  .array(imageHost)
  .max(egressLimits.list, { error: `is a list of more than ${egressLimits.list}; write fewer` });

/** {@link EgressPolicy} as plain values of YAML give it. */
export const policySchema: z.ZodType<EgressPolicy> = z
  .strictObject({
    registry,
    hosts: z.optional(hostList),
    exceptions: listOf(z.strictObject({ host: imageHost, addresses: listOf(range) })),
    cluster: listOf(range),
    apiServer: listOf(server),
    dns: listOf(range),
    ntp: listOf(range),
    metadata: listOf(range),
    ports: value('web or all', (text) => (text === 'web' || text === 'all' ? text : undefined)).prefault('web'),
    rollback: rollback.prefault('120s'),
    runtimes: listOf(runtime),
  })
  .transform(({ rollback: rollbackMs, hosts, ...rest }): EgressPolicy => {
    const others = new Set([rest.registry.authority, ...rest.exceptions.map(({ host }) => host)]);
    return { ...rest, hosts: hosts ?? publicHosts.filter((host) => !others.has(host)), rollbackMs };
  });

/** Members of each object, for telling what a mistyped one was to be. */
const members: Readonly<Record<string, readonly string[]>> = {
  '': [
    'registry',
    'hosts',
    'exceptions',
    'cluster',
    'apiServer',
    'dns',
    'ntp',
    'metadata',
    'ports',
    'rollback',
    'runtimes',
  ],
  registry: ['url', 'addresses', 'ca', 'client', 'authorization', 'authorizationFile', 'prefixed'],
  client: ['certificate', 'key'],
  exceptions: ['host', 'addresses'],
};

/** Says what is wrong with each place that an issue is about. */
export function explainIssue(
  issue: z.core.$ZodIssue,
): { readonly path: (string | number)[]; readonly sentence: string }[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  if (issue.code === 'unrecognized_keys') {
    const known = members[path.findLast((part) => typeof part === 'string') ?? ''] ?? [];
    return issue.keys.map((key) => {
      const near = suggest(key, known);
      const advice = near === undefined ? `there are ${known.join(', ')}` : `did you mean ${near}?`;
      return { path: [...path, key], sentence: `is no setting; ${advice}` };
    });
  }
  if (issue.code !== 'invalid_type') return [{ path, sentence: issue.message }];
  const shapes: Readonly<Record<string, string>> = {
    string: 'one plain value',
    array: 'a list',
    object: 'names with values',
  };
  return [{ path, sentence: `takes ${shapes[issue.expected] ?? 'another value'}` }];
}
