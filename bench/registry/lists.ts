import { Agent, get } from 'node:http';
import { median } from '../measure.ts';
import type { Line } from '../workspace.ts';
import { tagAt } from './fill.ts';
import { authorization, type Server } from './server.ts';

/** Tags of the repository that is listed, and manifests that name one subject. */
export const listSizes = { tags: 100_000, referrers: 10_000 } as const;

const repeats = 60;

/** Pages of long lists, one after another over one connection: medians of what a client waits for. */
export async function lists(server: Server, subject: string): Promise<Line[]> {
  const { tags, referrers } = listSizes;
  const pages = [];
  for (const [where, at] of [
    ['start', 0],
    ['middle', tags / 2],
    ['end', tags - 101],
  ] as const) {
    const path = `/v2/tagged/tags/list?n=100&last=${tagAt(at)}`;
    pages.push({ where, time: await waitFor(server, path, '"tags":["') });
  }
  const slowest = Math.max(...pages.map(({ time }) => time));
  const rare = encodeURIComponent('application/vnd.bench.rare');
  const filtered = await waitFor(server, `/v2/referred/referrers/${subject}?artifactType=${rare}`, 'vnd.bench.rare');
  return [
    ...pages.map(({ where, time }) => ({
      label: `page of 100 among ${tags} tags, ${where}`,
      value: `${time.toFixed(2)} ms`,
    })),
    { label: 'the slowest of these', value: `${slowest.toFixed(2)} ms`, bar: '< 3', met: slowest < 3 },
    {
      label: `filtered page among ${referrers} referrers`,
      value: `${filtered.toFixed(2)} ms`,
      bar: '< 10',
      met: filtered < 10,
    },
  ];
}

async function waitFor(server: Server, path: string, expected: string): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const times: number[] = [];
  for (let round = 0; round < repeats; round += 1) {
    const before = performance.now();
    const text = await read(`http://${server.host}${path}`, agent);
    times.push(performance.now() - before);
    if (!text.includes(expected)) throw new Error(`${path} was answered ${text.slice(0, 200)}`);
  }
  agent.destroy();
  return median(times);
}

function read(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent, headers: { authorization } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(text)).on('error', reject);
    }).on('error', reject);
  });
}
