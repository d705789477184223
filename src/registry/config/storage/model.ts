import type { SecretReference } from '../value/secret.ts';

/** Keys for an object store. */
export interface S3Credentials {
  readonly accessKey: SecretReference;
  readonly secretKey: SecretReference;
  /** Only for keys that end. */
  readonly sessionToken?: SecretReference;
}

/** An S3-compatible object store. */
export interface S3Config {
  readonly kind: 's3';
  /** Absent for AWS itself. */
  readonly endpoint?: string;
  readonly region: string;
  readonly bucket: string;
  /** Before every name, without a slash at its ends; empty for none. */
  readonly prefix: string;
  /** Whether the bucket stands in the path rather than in the host's name. */
  readonly pathStyle: boolean;
  readonly credentials: S3Credentials;
  /** Whether clients are sent to the store for blobs, rather than served by the registry. */
  readonly redirect: boolean;
}

/** Where bytes are kept. */
export type StorageConfig = { readonly kind: 'filesystem'; readonly folder: string } | S3Config;

/** PostgreSQL. */
export interface PostgresConfig {
  readonly kind: 'postgres';
  /** `postgres://user:password@host:port/database`. */
  readonly url: SecretReference;
  /** `off` for local sockets and trusted networks; `verify` checks certificate and name. */
  readonly tls: 'off' | 'verify';
  /** Authorities of the server, in PEM; without it, the ones that Node trusts. */
  readonly caFile?: string;
  /** Connections of one process. */
  readonly pool: number;
}

/** Where records are kept. */
export type DatabaseConfig = { readonly kind: 'sqlite'; readonly file: string } | PostgresConfig;
