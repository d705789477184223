import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openNetwork } from '../../src/net/open-network.ts';
import { findProgram } from '../registry/find-program.ts';
import { clientOf, type S3Bucket } from './s3-place.ts';
import { freePort } from '../free-port.ts';

/** A versitygw of this test, with an empty bucket. */
export interface Versitygw extends AsyncDisposable {
  readonly bucket: S3Bucket;
}

const startMs = 20_000;

/** Starts versitygw, which keeps objects as files, on a free port of loopback. */
export async function startVersitygw(): Promise<Versitygw> {
  const folder = await mkdtemp(join(tmpdir(), 'seaworthy-versitygw-'));
  for (const name of ['objects', 'facts']) await mkdir(join(folder, name));
  const port = await freePort();
  const credentials = { accessKeyId: 'AKIDSEAWORTHY', secretAccessKey: 'hold/fast+to=this' };
  const child = spawn(
    findProgram('versitygw') ?? 'versitygw',
    [
      ['--port', `127.0.0.1:${port}`, '--access', credentials.accessKeyId, '--secret', credentials.secretAccessKey],
      ['--region', 'eu-test-1', '--quiet', '--keep-alive'],
      // Not every file system has extended attributes.
      ['posix', '--sidecar', join(folder, 'facts'), join(folder, 'objects')],
    ].flat(),
    { stdio: 'ignore' },
  );
  const network = openNetwork({ widthPerHost: 100 });
  const dispose = async (): Promise<void> => {
    await network[Symbol.asyncDispose]();
    await stop(child);
    await rm(folder, { recursive: true, force: true });
  };
  const endpoint = `http://127.0.0.1:${port}`;
  const bucket = { network, endpoint, region: 'eu-test-1', bucket: 'blobs-of-a-test', credentials };
  try {
    await makeBucket(bucket, child);
  } catch (error) {
    await dispose();
    throw error;
  }
  return { bucket, [Symbol.asyncDispose]: dispose };
}

async function makeBucket(bucket: S3Bucket, child: ChildProcess): Promise<void> {
  const end = performance.now() + startMs;
  for (;;) {
    try {
      return void (await clientOf(bucket).act({ method: 'PUT' }));
    } catch (error) {
      if (child.exitCode !== null || performance.now() > end) throw error;
    }
    await wait(50);
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await over;
}
