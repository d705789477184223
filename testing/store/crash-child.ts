import { writeSync } from 'node:fs';
import type { UploadState } from '../../src/store/blob/blob-store.ts';
import { openFilesystemBlobStore } from '../../src/store/blob/filesystem/open.ts';
import { append, digestOf, newUpload, someBytes, stored } from './blob-data.ts';
import { type FileStep, watchFileSystem } from './watched-file-system.ts';

/**
 * A process that uses a blob folder and is killed at a step of it, given as `folder scenario step`. It tells what it was told
 * in lines of JSON, as a server that answers its client does.
 */
const [folder = '', scenario = '', last = ''] = process.argv.slice(2);

let step = 0;
let counting = scenario === 'open';

async function before({ call, half }: FileStep): Promise<void> {
  if (!counting) return;
  step += 1;
  if (step !== Number(last)) return;
  if (call === 'write') await half?.();
  tell({ killed: call });
  process.kill(process.pid, 'SIGKILL');
  // The signal may take a moment; nothing may happen in it.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

function tell(fact: object): void {
  writeSync(1, `${JSON.stringify(fact)}\n`);
}

const store = await openFilesystemBlobStore({ folder, files: watchFileSystem(before) });
counting = true;
if (scenario === 'push') {
  const bytes = someBytes(2_500_000, 'pushed');
  let upload: UploadState = newUpload('crash-upload');
  for (const end of [1_200_000, 1_200_100, bytes.length]) {
    upload = stored(await append(store, upload, bytes.subarray(upload.offset, end)));
    tell({ upload });
  }
  await store.commit(upload, digestOf(bytes));
  tell({ committed: digestOf(bytes) });
}
if (scenario === 'put') {
  const bytes = someBytes(3000, 'put');
  await store.put(digestOf(bytes), bytes);
  tell({ committed: digestOf(bytes) });
  const again = await append(store, newUpload('crash-upload'), bytes);
  tell({ upload: again });
  await store.commit(again, digestOf(bytes));
  await store.remove(digestOf(bytes));
}
tell({ done: step });
