import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fetcher } from 'tuf-js';
import { DownloadHTTPError } from 'tuf-js/dist/error.js';
import type { Network } from '../../../net/network.ts';

/** Lets the TUF client fetch through the one door to the network. */
export function tufFetcher(network: Network, folder: string, signal: AbortSignal | undefined): Fetcher {
  const downloadBytes = async (url: string, maxLength: number): Promise<Buffer> => {
    const response = await network.request({ url, signal, limits: { maxBodyBytes: maxLength } });
    if (response.status !== 200) {
      response.discard();
      // The client ends the chain of roots where the next one is not there: 403 or 404.
      throw new DownloadHTTPError(`${response.url.host} answered ${response.status}`, response.status);
    }
    const chunks: Uint8Array[] = [];
    for await (const chunk of response.body) chunks.push(chunk);
    return Buffer.concat(chunks);
  };
  return {
    downloadBytes,
    async downloadFile(url, maxLength, handler) {
      const file = join(folder, `${randomBytes(8).toString('hex')}.part`);
      try {
        await writeFile(file, await downloadBytes(url, maxLength), { flag: 'wx' });
        return await handler(file);
      } finally {
        await rm(file, { force: true });
      }
    },
  };
}
