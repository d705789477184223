import { readCappedFile } from '../base/capped-file.ts';
import type { CloudDeps } from './cloud-deps.ts';
import { CloudError } from './error.ts';
import { cloudLimits } from './limits.ts';

/** What clouds need of the world, with the files of this machine. */
export function machineDeps(parts: Omit<CloudDeps, 'readFile'>): CloudDeps {
  return { ...parts, readFile: readMachineFile };
}

async function readMachineFile(path: string): Promise<Buffer> {
  const bytes = await readCappedFile(path, cloudLimits.fileBytes);
  if (bytes !== undefined) return bytes;
  throw new CloudError('CREDENTIALS_INVALID', `${path} has more than ${cloudLimits.fileBytes} bytes; check the path`);
}
