import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { freePort } from '../free-port.ts';

const run = promisify(execFile);

/** A PostgreSQL server of its own in a temporary folder, on a loopback port. Nothing in it survives a power cut. */
export interface PostgresServer extends AsyncDisposable {
  readonly port: number;
  readonly password: string;
  /** Makes an empty database and gives its URL. */
  createDatabase(): Promise<string>;
  /** Stops the server as a crash would, and starts it again. */
  restart(): Promise<void>;
  /** Stops it as a crash would, until it is started. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** The folder of PostgreSQL's programs, the newest version first, or undefined where there are none. */
function findPostgres(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian) : [];
  const folders = [
    ...versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(debian, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
}

/** Runs one of PostgreSQL's programs, such as `pg_dump`, and gives what it printed. @throws Error with what it said when it fails */
export async function runPostgresProgram(name: string, args: readonly string[]): Promise<string> {
  return (await run(join(findPostgres() ?? '', name), args)).stdout;
}

/** For the `skip` of a test: why there is no server, or false. */
export function postgresMissing(): string | false {
  if (findPostgres() === undefined) return 'PostgreSQL is not installed';
  return process.getuid?.() === 0 && userId() === undefined
    ? 'PostgreSQL refuses root, and there is no other user'
    : false;
}

/** Starts a server. TLS is on when a certificate and its key are given, in PEM. */
export async function startPostgres(tls?: { certificate: string; key: string }): Promise<PostgresServer> {
  const programs = findPostgres();
  if (programs === undefined) throw new Error('PostgreSQL is not installed');
  const folder = mkdtempSync(join(tmpdir(), 'seaworthy-postgres-'));
  const own = ownership();
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    if (own !== undefined) chownSync(path, own.uid, own.gid);
    return path;
  };
  if (own !== undefined) chownSync(folder, own.uid, own.gid);
  const password = `p@ss/${randomBytes(9).toString('hex')}`;
  const data = join(folder, 'data');
  const auth = ['-U', 'seaworthy', '-A', 'scram-sha-256', '--pwfile', write('password', password)];
  await run(join(programs, 'initdb'), ['-D', data, '--no-sync', '-E', 'UTF8', '--locale=C', ...auth], {
    ...own,
    cwd: folder,
  });
  const port = await freePort();
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: folder,
    fsync: 'off',
    full_page_writes: 'off',
    max_connections: '60',
    shared_buffers: '16MB',
  };
  if (tls !== undefined) {
    settings['ssl'] = 'on';
    settings['ssl_cert_file'] = write('server.crt', tls.certificate);
    settings['ssl_key_file'] = write('server.key', tls.key);
  }
  const start = async (): Promise<ChildProcess> => {
    const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const log = join(folder, 'log');
    const child = spawn(
      '/bin/sh',
      ['-c', 'log=$1; shift; exec "$@" >>"$log" 2>&1', 'sh', log, join(programs, 'postgres'), '-D', data, ...options],
      { ...own, cwd: folder, stdio: 'ignore' },
    );
    await ready(child, url('postgres'), log);
    return child;
  };
  const url = (database: string): string =>
    `postgresql://seaworthy:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
  let server = await start();
  let databases = 0;
  return {
    port,
    password,
    async createDatabase() {
      databases += 1;
      const name = `test_${databases}`;
      await query(url('postgres'), `CREATE DATABASE ${name}`);
      return url(name);
    },
    async restart() {
      await stop(server);
      server = await start();
    },
    stop: () => stop(server),
    async start() {
      server = await start();
    },
    async [Symbol.asyncDispose]() {
      await stop(server);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL refuses to run as root, so it becomes somebody else. */
function ownership(): { readonly uid: number; readonly gid: number } | undefined {
  return process.getuid?.() === 0 ? userId() : undefined;
}

function userId(): { readonly uid: number; readonly gid: number } | undefined {
  const users = existsSync('/etc/passwd') ? readFileSync('/etc/passwd', 'utf8').split('\n') : [];
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = users.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
}

async function ready(child: ChildProcess, url: string, log: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (child.exitCode !== null) break;
    try {
      await query(url, 'SELECT 1');
      return;
    } catch {
      await sleep(50);
    }
  }
  child.kill('SIGKILL');
  throw new Error(`PostgreSQL did not start:\n${existsSync(log) ? readFileSync(log, 'utf8') : ''}`);
}

/** The quick stop ends all sessions without waiting for them, as a crash does; what was committed is there again. */
async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  const ended = once(server, 'exit');
  server.kill('SIGQUIT');
  await ended;
}

async function query(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  // The server may end the connection while it is being closed here.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
