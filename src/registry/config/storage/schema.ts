import { z } from 'zod';
import { count, flag, httpUrl, path, type Paths, secret, secretFields, text, word } from '../value/schema.ts';
import type { PostgresConfig, S3Config } from './model.ts';

/** The folder under which everything lies that has no place of its own. */
export function dataSchema(paths: Paths): z.ZodType<string> {
  return path(paths).describe('folder for blobs, records and keys that have no place of their own');
}

/** What the file says of storage; a folder that is not named is under `data`. */
export type GivenStorage = S3Config | { readonly kind: 'filesystem'; readonly folder?: string };

/** `StorageConfig`, before the folder is decided. */
export function storageSchema(paths: Paths): z.ZodType<GivenStorage> {
  return z
    .strictObject({
      filesystem: path(paths).exactOptional().describe('folder for blobs (default: `blobs` under `data`)'),
      s3: s3Schema(paths).exactOptional(),
    })
    .transform(({ filesystem, s3 }, context): GivenStorage => {
      if (filesystem !== undefined && s3 !== undefined) {
        context.addIssue('names two places; keep filesystem or s3');
      }
      return s3 ?? { kind: 'filesystem', ...(filesystem === undefined ? {} : { folder: filesystem }) };
    })
    .prefault({});
}

function s3Schema(paths: Paths): z.ZodType<S3Config> {
  return z
    .strictObject({
      endpoint: httpUrl.exactOptional().describe('address of the store (default: AWS, by its region)'),
      region: text('region').prefault('us-east-1').describe('region that requests are signed for'),
      bucket: text(
        'bucket',
        /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
        'the name of a bucket: 3 to 63 of a-z 0-9 . -',
      ).describe('bucket; it must be there'),
      prefix: text('prefix', /^[\w!.*'()-]+(?:\/[\w!.*'()-]+)*$/, 'a path without a "/" at its ends')
        .exactOptional()
        .describe('before every name in the bucket'),
      pathStyle: flag
        .prefault('false')
        .describe('whether the bucket stands in the path, as most stores but AWS want it'),
      ...secretFields('accessKey', paths, 'id of the access key (default: `env:AWS_ACCESS_KEY_ID`)'),
      ...secretFields('secretKey', paths, 'secret of the access key (default: `env:AWS_SECRET_ACCESS_KEY`)'),
      ...secretFields('sessionToken', paths, 'token of keys that end'),
      redirect: flag.prefault('false').describe('whether clients fetch blobs from the store themselves'),
    })
    .transform((given, context): S3Config => {
      const { endpoint, region, bucket, prefix = '', pathStyle, redirect } = given;
      const accessKey = secret(given, 'accessKey', context) ?? { kind: 'env', name: 'AWS_ACCESS_KEY_ID' };
      const secretKey = secret(given, 'secretKey', context) ?? { kind: 'env', name: 'AWS_SECRET_ACCESS_KEY' };
      const sessionToken = secret(given, 'sessionToken', context);
      const credentials = { accessKey, secretKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
      const place = { ...(endpoint === undefined ? {} : { endpoint }), region, bucket, prefix, pathStyle };
      return { kind: 's3', ...place, credentials, redirect };
    });
}

/** What the file says of the database; a file that is not named is under `data`. */
export type GivenDatabase = PostgresConfig | { readonly kind: 'sqlite'; readonly file?: string };

/** `DatabaseConfig`, before the file is decided. */
export function databaseSchema(paths: Paths): z.ZodType<GivenDatabase> {
  return z
    .strictObject({
      sqlite: path(paths)
        .exactOptional()
        .describe('file for records, on a disk of this machine (default: `registry.db` under `data`)'),
      postgres: postgresSchema(paths).exactOptional(),
    })
    .transform(({ sqlite, postgres }, context): GivenDatabase => {
      if (sqlite !== undefined && postgres !== undefined) context.addIssue('names two places; keep sqlite or postgres');
      return postgres ?? { kind: 'sqlite', ...(sqlite === undefined ? {} : { file: sqlite }) };
    })
    .prefault({});
}

function postgresSchema(paths: Paths): z.ZodType<PostgresConfig> {
  return z
    .strictObject({
      ...secretFields('url', paths, 'address with its password: `postgres://user:password@host/database`'),
      tls: word(['off', 'verify'])
        .prefault('verify')
        .describe('`verify` checks the certificate and its name; or `off`'),
      ca: path(paths).exactOptional().describe('authorities of the server, in PEM'),
      pool: count(1, 500).prefault('10').describe('connections of one process'),
    })
    .transform((given, context): PostgresConfig => {
      const url = secret(given, 'url', context);
      if (url === undefined) context.addIssue('names no address; add url: env:NAME, or urlFile');
      const { tls, ca, pool } = given;
      const place = url ?? ({ kind: 'env', name: '' } as const);
      return { kind: 'postgres', url: place, tls, ...(ca === undefined ? {} : { caFile: ca }), pool };
    });
}
