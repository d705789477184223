import { z } from 'zod';
import type { CloudName } from '../../../cloud/cloud.ts';
import { dockerHub } from '../../../oci/reference.ts';
import { configLimits } from '../limits.ts';
import {
  count,
  cron,
  duration,
  flag,
  httpUrl,
  listOf,
  path,
  type Paths,
  repositoryPattern,
  secret,
  secretFields,
  size,
  tagPattern,
  text,
  word,
} from '../value/schema.ts';
import type { PrefetchConfig, UpstreamConfig, UpstreamCredentials, UpstreamsConfig, UpstreamWrite } from './model.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const century = 36_525 * day;
const requests = 1_000_000_000;

const host = text(
  'host',
  /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::[0-9]{1,5})?$/,
  'a host such as docker.io, or host:port',
);

const name = text(
  'name',
  /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/,
  'lower-case letters and digits, parted by . _ and -',
);

const helper = text('helper', /^[A-Za-z0-9][\w.-]{0,63}$/, 'the name behind docker-credential-, such as ecr-login');

const repository = text(
  'repository',
  /^[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)+$/,
  'a repository with its upstream before it, such as docker.io/library/nginx',
);

const platform = text(
  'platform',
  /^[a-z0-9]+\/[a-z0-9_]+(?:\/[a-z0-9]+)?$/,
  'os/architecture[/variant] such as linux/amd64',
);

const patterns = listOf(repositoryPattern, 1);

const budget = z
  .strictObject({
    requests: count(1, requests).exactOptional().describe('requests of every kind (default: any number)'),
    manifests: count(1, requests)
      .exactOptional()
      .describe('fetched manifests, which Docker Hub counts as pulls (default: any number)'),
    per: duration(1000, 31 * day)
      .prefault('6h')
      .describe('the time in which they may be made, by all processes together'),
  })
  .transform(({ per, ...rest }) => ({ ...rest, perMs: per }))
  .prefault({});

function registry(paths: Paths): z.ZodType<UpstreamConfig> {
  return z
    .strictObject({
      host: host.describe('registry that is cached, as images name it, and clients in `?ns=`'),
      name: name.exactOptional().describe('first part of its repositories here (default: the host, a colon as `-`)'),
      url: httpUrl.exactOptional().describe('where it is reached (default: the host by https)'),
      allow: patterns.exactOptional().describe('patterns of its repositories that are fetched (default: all)'),
      deny: patterns.exactOptional().describe('patterns of those that are not'),
      ttl: duration(0, 365 * day)
        .prefault('5m')
        .describe('how long a tag is served without asking whether it moved'),
      notFoundFor: duration(0, day).prefault('30s').describe('how long it is remembered that there is no such image'),
      staleFor: duration(0, century)
        .exactOptional()
        .describe('how long tags are served while it cannot be asked (default: for ever)'),
      username: text('name').exactOptional().describe('user that it is asked as'),
      ...secretFields('password', paths, 'its password or token'),
      helper: helper
        .exactOptional()
        .describe('program `docker-credential-NAME` that knows user and password: `ecr-login`, `gcloud`'),
      provider: word<CloudName>(['amazon', 'azure', 'google'])
        .exactOptional()
        .describe(
          'cloud that it is a registry of, and where this process has a role or identity: `amazon`, `azure`, `google`',
        ),
      tokenHosts: listOf(host)
        .prefault([])
        .describe('hosts that may be asked for tokens, besides its own and those under the same registered domain'),
      allowPrivate: flag
        .prefault('false')
        .describe('whether it, or what it redirects to, may be in a private network or on this machine'),
      width: count(1, 1000).prefault('16').describe('blobs that each process fetches from it at a time'),
      budget,
      write: listOf(word<UpstreamWrite>(['delete', 'attach']))
        .prefault([])
        .describe('what permitted clients may do to its repositories here: `delete` images, `attach` signatures'),
    })
    .transform((given, context): UpstreamConfig => {
      const { ttl, notFoundFor, staleFor, username, deny = [], url, helper: program, provider, ...rest } = given;
      const password = secret(given, 'password', context);
      let credentials: UpstreamCredentials | undefined;
      if (program !== undefined) credentials = { kind: 'helper', name: program };
      if (username !== undefined && password !== undefined) credentials = { kind: 'password', username, password };
      if (provider !== undefined) credentials = { kind: 'cloud', provider };
      const ways = [program, provider, username ?? password].filter((way) => way !== undefined);
      if (ways.length > 1) {
        context.addIssue('says twice who asks; keep helper, provider, or username and password');
      } else if ((username === undefined) !== (password === undefined)) {
        context.addIssue('names a user without a password, or the other way round; add what is missing');
      }
      const { password: _password, passwordFile: _passwordFile, ...kept } = rest;
      return {
        ...kept,
        name: given.name ?? given.host.replace(':', '-'),
        url: new URL(url ?? `https://${given.host === dockerHub ? 'registry-1.docker.io' : given.host}`).origin,
        deny,
        ttlMs: ttl,
        notFoundMs: notFoundFor,
        ...(staleFor === undefined ? {} : { staleForMs: staleFor }),
        ...(credentials === undefined ? {} : { credentials }),
      };
    });
}

const prefetched: z.ZodType<PrefetchConfig> = z.strictObject({
  repository: repository.describe('repository, with the name of its upstream before it'),
  tags: listOf(tagPattern, 1).describe('names or patterns of tags'),
  platforms: listOf(platform, 1).exactOptional().describe('platforms such as `linux/amd64` (default: all)'),
});

/** {@link UpstreamsConfig}. */
export function upstreamsSchema(paths: Paths): z.ZodType<UpstreamsConfig> {
  return z
    .strictObject({
      registries: listOf(registry(paths), 0, configLimits.upstreams).prefault([]),
      spool: z
        .strictObject({
          maxBytes: size(1_048_576, Number.MAX_SAFE_INTEGER)
            .prefault('50GiB')
            .describe('bytes of blobs on their way, on the disk of `data`'),
          abandonAfter: duration(0, day)
            .prefault('10m')
            .describe('how long a blob is fetched on when every client that wanted it went away'),
        })
        .transform(({ maxBytes, abandonAfter }) => ({ maxBytes, abandonAfterMs: abandonAfter }))
        .prefault({}),
      evict: z
        .strictObject({
          schedule: cron.prefault('20 * * * *').describe('when that is done: five fields of cron, in UTC'),
          maxBytes: size(0, Number.MAX_SAFE_INTEGER)
            .exactOptional()
            .describe('bytes that all upstreams together may hold (default: any number)'),
          unusedFor: duration(minute, century)
            .exactOptional()
            .describe('images go that were not pulled for so long (default: none)'),
          guard: duration(0, century)
            .prefault('24h')
            .describe('images that were pulled within this time stay in any case'),
          keep: listOf(repositoryPattern).prefault([]).describe('patterns of repositories of which nothing goes'),
          running: listOf(path(paths), 0, configLimits.policies)
            .prefault([])
            .describe(
              'files with the digests of images that run, which stay; while one cannot be read, or is older than `guard`, nothing goes',
            ),
        })
        .transform(({ unusedFor, guard, ...rest }) => ({
          ...rest,
          guardMs: guard,
          ...(unusedFor === undefined ? {} : { unusedForMs: unusedFor }),
        }))
        .prefault({}),
      prefetch: z
        .strictObject({
          schedule: cron.prefault('10 * * * *').describe('when images are fetched: five fields of cron, in UTC'),
          images: listOf(prefetched).prefault([]),
        })
        .prefault({}),
    })
    .prefault({});
}
