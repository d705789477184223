import { isAbsolute } from 'node:path';
import { z } from 'zod';
import type { JsonSchema } from '../../codec/yaml/json-schema.ts';
import { duration, judged, listOf, value, word } from '../../codec/yaml/schema.ts';
import { formatNetworkRange, type NetworkRange, parseNetworkRange } from '../../net/network-range.ts';
import { egressLimits } from '../limits.ts';
import { runtimeNames } from '../runtime/runtime.ts';
import { isHostAndPort, isImageHost } from './image-host.ts';
import { networkOf } from './network-of.ts';
import type { EgressPolicy, HeaderSource, RegistryAccess, ServerAddress } from './model.ts';

/** A list that may be left out, and is empty then. */
function optionalList<Item>(item: z.ZodType<Item>): z.ZodType<readonly Item[]> {
  return listOf(item, 0, egressLimits.list).prefault([]);
}

/** The host of image names, in the one form that runtimes compare. */
const imageHost = value(
  'the host of image names, such as docker.io or registry.example.org:5000, in small letters',
  (text) => (isImageHost(text) ? text : undefined),
);

/** The widest networks that somebody may own: `10.0.0.0/8` and `fc00::/7`. */
const fewestBits = { 4: 8, 6: 7 } as const;

/** What is wrong with a range, or undefined. */
function whyNoRange(range: NetworkRange | undefined): string | undefined {
  if (range === undefined) return 'it is neither an address nor a network such as 10.0.0.0/8 or fd00::/8';
  if (range.bits < fewestBits[range.family]) return 'that is most of the internet; name your own networks';
  const network = networkOf(range);
  const isMapped = range.family === 6 && networkOf({ ...range, bits: 96 }).address === '::ffff:0:0';
  if (range.bits >= 96 && isMapped) return 'that is IPv4 in the form of IPv6, which no firewall sees; write it as IPv4';
  const isNetwork = network.address === networkOf({ ...range, bits: range.family === 4 ? 32 : 128 }).address;
  return isNetwork ? undefined : `it has bits behind those of its network; write ${formatNetworkRange(network)}`;
}

const range: z.ZodType<NetworkRange> = judged((text) => whyNoRange(parseNetworkRange(text))).transform((text) =>
  networkOf(parseNetworkRange(text) as NetworkRange),
);

/** Each once: clouds refuse a rule that is there already. */
const ranges: z.ZodType<readonly NetworkRange[]> = optionalList(range).transform((list) => [
  ...new Map(list.map((each) => [formatNetworkRange(each), each])).values(),
]);

const server: z.ZodType<ServerAddress> = value('ADDRESS:PORT such as 10.0.0.2:6443 or [fd00::2]:6443', (text) => {
  const match = /^(?:\[([^\]]+)\]|([\d.]+(?:\/\d+)?)):(\d{1,5})$/.exec(text);
  const read = parseNetworkRange(match?.[1] ?? match?.[2] ?? '');
  const port = Number(match?.[3] ?? 0);
  if (read === undefined || whyNoRange(read) !== undefined || port < 1 || port > 65_535) return undefined;
  return { range: networkOf(read), port };
});

/** A path on the nodes. It is written into files of several syntaxes, so that it has plain characters alone. */
const nodePath = value('an absolute path of the nodes, of letters, digits and . _ - @ / alone', (text) =>
  isAbsolute(text) && /^[\w./@-]+$/.test(text) && !text.split('/').includes('..') ? text : undefined,
);

const address = value('https://HOST or https://HOST:PORT, without a path', (text) => {
  const url = URL.parse(text);
  if (url === null || !/^https?:\/\/[^/?#@]+\/?$/i.test(text) || !['http:', 'https:'].includes(url.protocol))
    return undefined;
  if (!isHostAndPort(url.host)) return undefined;
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
    addresses: ranges,
    ca: nodePath.exactOptional(),
    client: z.strictObject({ certificate: nodePath, key: nodePath }).exactOptional(),
    authorization: variable.exactOptional(),
    authorizationFile: secretFile.exactOptional(),
    prefixed: optionalList(imageHost),
  })
  .transform(({ url, authorization, authorizationFile, ...rest }, context): RegistryAccess => {
    if (authorization !== undefined && authorizationFile !== undefined) {
      context.addIssue('names a secret twice; keep authorization or authorizationFile');
    }
    const source = authorization ?? authorizationFile;
    return { ...rest, ...url, ...(source === undefined ? {} : { authorization: source }) };
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

/** {@link EgressPolicy} as plain values of YAML give it. */
export const policySchema: z.ZodType<EgressPolicy> = z
  .strictObject({
    registry,
    hosts: z.optional(listOf(imageHost, 0, egressLimits.list)),
    exceptions: optionalList(z.strictObject({ host: imageHost, addresses: ranges })),
    cluster: ranges,
    apiServer: optionalList(server),
    dns: ranges,
    ntp: ranges,
    metadata: ranges,
    ports: word(['web', 'all']).prefault('web'),
    rollback: duration(10_000, 86_400_000).prefault('120s'),
    runtimes: optionalList(word(runtimeNames)),
  })
  .transform(({ rollback: rollbackMs, hosts, ...rest }): EgressPolicy => {
    const others = new Set([rest.registry.authority, ...rest.exceptions.map(({ host }) => host)]);
    return { ...rest, hosts: hosts ?? publicHosts.filter((host) => !others.has(host)), rollbackMs };
  });

/** The same as a JSON Schema, for the names that it knows. */
export function policyJsonSchema(): JsonSchema {
  return z.toJSONSchema(policySchema, { io: 'input' }) as JsonSchema;
}
