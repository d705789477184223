import { get as httpGet, type IncomingMessage } from 'node:http';

/** Begins to read what a registry sends, and leaves it to the caller to go on. Connections of its own are made for it. */
export function beginDownload(url: string, range?: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = range === undefined ? {} : { range };
    httpGet(url, { headers, agent: false }, resolve).on('error', reject);
  });
}

/** Reads on until so many bytes came, or all. */
export async function readSome(answer: IncomingMessage, length: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let got = 0;
  for await (const chunk of answer.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk as Buffer);
    got += (chunk as Buffer).length;
    if (got >= length) break;
  }
  return Buffer.concat(chunks);
}
