import { silentProgress, type ProgressTask } from '../../base/progress.ts';
import type { Settings } from '../config/settings.ts';
import type { Host } from '../host.ts';
import { progressOf } from '../progress.ts';

/** Shows how far the scan of a cluster has come, where somebody watches. */
export interface ScanProgress {
  /** The same host: what it says on stderr does not run into what is shown. */
  readonly host: Host;
  /** Runs the listing of a cluster; `observe` hears of objects that came. */
  listing<Result>(cluster: string, list: (observe: (objects: number) => void) => Promise<Result>): Promise<Result>;
  /** Runs the reading of images; `observe` hears how many of them are done. */
  reading<Result>(read: (observe: (done: number, all: number) => void) => Promise<Result>): Promise<Result>;
}

/** Opens it: silent in a pipe, and where the user wants none. */
export function openScanProgress(settings: Settings, host: Host): ScanProgress {
  const terminal = progressOf(settings, host);
  const progress = terminal ?? silentProgress;
  const { stderr } = host;
  const told: Host['stderr'] = {
    isTerminal: stderr.isTerminal,
    get columns() {
      return stderr.columns;
    },
    write: async (text) => {
      terminal?.clear();
      await stderr.write(text);
    },
  };
  return {
    host: terminal === undefined ? host : { ...host, stderr: told },
    async listing(cluster, list) {
      const task = progress.start(`listing ${cluster}`);
      try {
        return await list((objects) => task.advance(objects));
      } finally {
        task.finish();
      }
    },
    async reading(read) {
      let task: ProgressTask | undefined;
      let shown = 0;
      try {
        return await read((done, all) => {
          task ??= progress.start('images', { total: all });
          task.advance(done - shown);
          shown = done;
        });
      } finally {
        task?.finish();
      }
    },
  };
}
