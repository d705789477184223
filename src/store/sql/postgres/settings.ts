import { Client, type PoolConfig } from 'pg';
import { StoreError } from '../../error.ts';
import { postgresLimits } from './limits.ts';

/** How a connection is encrypted; the server must prove its name. */
export interface PostgresTls {
  /** Certificates in PEM that are trusted instead of the system's. */
  readonly ca?: string;
  /** A certificate and key in PEM, for a server that asks for one. */
  readonly certificate?: string;
  readonly key?: string;
  /** The name that the server must prove, when it is not the one in the URL. */
  readonly serverName?: string;
}

/** Where a server is and how to treat it. */
export interface PostgresSettings {
  /**
   * `postgresql://user:password@host:port/database`, with the parameters of libpq that `pg` reads. What is not there comes from
   * the variables that libpq reads (PGHOST, PGPASSWORD, …).
   */
  readonly url: string;
  /** Instead of parameters of the URL. */
  readonly tls?: PostgresTls;
  readonly poolSize?: number;
  /** How long a transaction may wait for something other than its queries, in milliseconds. */
  readonly transactionTime?: number;
}

/** What `pg` is given, and the texts that must be in no message. */
export interface PoolSettings {
  readonly config: PoolConfig;
  readonly secrets: readonly string[];
}

/**
 * Makes the settings of a pool.
 *
 * @throws StoreError STORE_SETTING_INVALID, without the URL, which may hold a password
 */
export function poolSettings(settings: PostgresSettings): PoolSettings {
  const { url, tls, poolSize, transactionTime } = settings;
  if (tls !== undefined && /[?&]ssl/.test(url)) {
    throw new StoreError('STORE_SETTING_INVALID', 'Say how to encrypt either in the URL of the database or beside it');
  }
  const config: PoolConfig = {
    connectionString: url,
    ...(tls === undefined ? {} : { ssl: tlsOptions(tls) }),
    application_name: 'seaworthy',
    max: poolSize ?? postgresLimits.poolSize,
    connectionTimeoutMillis: postgresLimits.connectTime,
    idleTimeoutMillis: postgresLimits.idleTime,
    keepAlive: true,
    statement_timeout: postgresLimits.statementTime,
    query_timeout: postgresLimits.statementTime + postgresLimits.networkTime,
    idle_in_transaction_session_timeout: transactionTime ?? postgresLimits.transactionTime,
  };
  return { config, secrets: secretsOf(config) };
}

function tlsOptions({ ca, certificate, key, serverName }: PostgresTls): NonNullable<PoolConfig['ssl']> {
  return {
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca }),
    ...(certificate === undefined ? {} : { cert: certificate }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}

/**
 * Whom to be, where, and the rest. A password with `@` or `/` as they are would be read as a server's name, and then be told as
 * one; so there is one `@` at most, and none after the first `/`.
 */
const form = /^postgres(?:ql)?:\/\/(?:[^@/:]*(?::(?<password>[^@/]*))?@)?[^@]*$/;

/** The password as it is and as it is written in the URL. A client that is made but not connected reads the URL. */
function secretsOf(config: PoolConfig): readonly string[] {
  try {
    const match = form.exec(config.connectionString ?? '');
    if (match === null) throw new Error('another form');
    const { password } = new Client(config);
    return [password, match.groups?.['password']].filter((text) => typeof text === 'string' && text !== '') as string[];
  } catch {
    throw new StoreError(
      'STORE_SETTING_INVALID',
      'The URL of the database cannot be read; write postgresql://user:password@host:port/database, with what is special in it percent-encoded',
    );
  }
}
