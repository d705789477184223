import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram } from '../../testing/registry/find-program.ts';
import type { Line } from '../workspace.ts';
import { generate } from './generate.ts';
import { inTurns, ratioLine, type Servers } from './reading.ts';
import { processTree, type Server } from './server.ts';

/** Images whose syncs are counted. */
const counted = 50;

/** Pushes of small images, by one client and by sixteen, all in turns. */
export async function pushes(servers: Servers): Promise<Line[]> {
  const lines: Line[] = [];
  const all = [servers.one, servers.two, ...servers.peers];
  const [yardstick] = servers.peers;
  for (const connections of [1, 16]) {
    const rates = await inTurns(all, async (server) => {
      const { count, seconds } = await generate(server, { kind: 'push', path: 'pushed', seconds: 3, connections });
      return count / seconds;
    });
    const rate = (server: Server): number => rates.get(server) as number;
    const what = `small push, ${connections} at a time`;
    lines.push(
      ...all.map((server) => ({ label: `${what}, ${server.name}`, value: `${rate(server).toFixed(0)} images/s` })),
      ...ratioLine(`${what}, one process`, rate(servers.one), yardstick && rate(yardstick), yardstick, 3),
    );
  }
  for (const server of [servers.one, ...servers.peers.slice(0, 1)]) {
    const syncs = await countSyncs(server);
    const isOurs = server === servers.one;
    lines.push({
      label: `syncs of the disk for an image, ${server.name}`,
      value: syncs === undefined ? 'not counted: strace is not on PATH' : syncs.toFixed(2),
      ...(isOurs && syncs !== undefined ? { bar: '<= 4', met: syncs <= 4 } : {}),
    });
  }
  return lines;
}

/** Calls that wait for the disk, for each image of a client that pushes one after another. */
async function countSyncs(server: Server): Promise<number | undefined> {
  const strace = findProgram('strace');
  if (strace === undefined) return undefined;
  const targets = processTree(server.pid).flatMap((pid) => ['-p', String(pid)]);
  const child = spawn(strace, ['-f', '-c', '-e', 'trace=fsync,fdatasync,sync_file_range,syncfs,sync', ...targets], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await sleep(1000);
  const task = { kind: 'push', path: 'counted', seconds: 60, connections: 1, most: counted } as const;
  const { count } = await generate(server, task);
  child.kill('SIGINT');
  await once(child, 'close');
  const calls = [...text.matchAll(/^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s.*sync/gm)].map((match) => Number(match[1]));
  return calls.reduce((sum, call) => sum + call, 0) / count;
}
