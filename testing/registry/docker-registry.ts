import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openNetwork } from '../../src/net/open-network.ts';
import { findProgram } from './find-program.ts';
import { freePort } from '../free-port.ts';

/** bcrypt of the password `hold-fast`, which is all that docker-registry reads. */
const passwordFile = 'sailor:$2b$05$abcdefghijklmnopqrstuur6eqDcmOYo55cwHXfAdSwU6FtsrxC.6\n';

/** A running docker-registry. */
export interface DockerRegistry extends AsyncDisposable {
  /** Host and port on loopback. */
  readonly host: string;
  /** The folder in which it keeps what is pushed. */
  readonly storage: string;
}

/** Starts Debian's docker-registry over a temporary folder. With a password, its user is `sailor`. */
export async function startDockerRegistry(
  options: { readonly password?: boolean; readonly tls?: { readonly cert: string; readonly key: string } } = {},
): Promise<DockerRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'docker-registry-'));
  const host = `127.0.0.1:${await freePort()}`;
  const { password = false, tls } = options;
  if (tls !== undefined) {
    await writeFile(join(folder, 'cert.pem'), tls.cert);
    await writeFile(join(folder, 'key.pem'), tls.key);
  }
  await writeFile(join(folder, 'users'), passwordFile);
  const config = {
    version: 0.1,
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: join(folder, 'data') } },
    http: {
      addr: host,
      ...(tls === undefined ? {} : { tls: { certificate: join(folder, 'cert.pem'), key: join(folder, 'key.pem') } }),
    },
    ...(password ? { auth: { htpasswd: { realm: 'test', path: join(folder, 'users') } } } : {}),
  };
  await writeFile(join(folder, 'config.yml'), JSON.stringify(config));
  const program = findProgram('docker-registry') as string;
  const child = spawn(program, ['serve', join(folder, 'config.yml')], { stdio: 'ignore' });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  await using network = openNetwork({ tls: { insecureHosts: [host] } });
  const url = `${tls === undefined ? 'http' : 'https'}://${host}/v2/`;
  for (let tries = 0; ; tries += 1) {
    try {
      (await network.request({ url })).discard();
      break;
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return {
    host,
    storage: join(folder, 'data'),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}
