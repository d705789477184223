import type { FileHandle } from 'node:fs/promises';
import { type FileSystem, nodeFileSystem } from '../../src/store/blob/filesystem/file-system.ts';

/** One call of the file system, before it is made. */
export interface FileStep {
  /** The function's name, such as `rename` or `sync`. */
  readonly call: string;
  /** The file it is about; for `rename` the old name. */
  readonly path: string;
  /** For `rename` and `copyFile` the new name. */
  readonly to?: string;
  /** For `write`: does a half of it. */
  readonly half?: () => Promise<void>;
}

/** The machine's file system, with a word before each call, those on open files included. */
export function watchFileSystem(before: (step: FileStep) => Promise<void> | void): FileSystem {
  const wrapped = Object.entries(nodeFileSystem).map(([call, act]) => {
    const run = async (path: string, ...rest: unknown[]): Promise<unknown> => {
      const to = call === 'rename' || call === 'copyFile' ? { to: String(rest[0]) } : {};
      await before({ call, path, ...to });
      const result = await (act as (...all: unknown[]) => Promise<unknown>)(path, ...rest);
      return call === 'open' ? watchHandle(result as FileHandle, path, before) : result;
    };
    return [call, run] as const;
  });
  return Object.fromEntries(wrapped) as unknown as FileSystem;
}

function watchHandle(file: FileHandle, path: string, before: (step: FileStep) => Promise<void> | void): FileHandle {
  return new Proxy(file, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function' || typeof name !== 'string') return value;
      return async (...rest: unknown[]): Promise<unknown> => {
        const [bytes, offset, length, position] = rest as [Uint8Array, number, number, number];
        const half = async (): Promise<void> => {
          await target.write(bytes, offset, Math.floor(length / 2), position);
        };
        await before({ call: name, path, ...(name === 'write' ? { half } : {}) });
        return await (value as (...all: unknown[]) => Promise<unknown>).apply(target, rest);
      };
    },
  });
}
