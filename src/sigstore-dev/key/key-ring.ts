import { createPrivateKey } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyType } from '../../signing/key/key-type.ts';
import { SigstoreDevError } from '../error.ts';
import { type DevKey, devKeyOf, makeDevKey } from './dev-key.ts';

/** Where services have their keys, and the documents that must stay as long as those, from. */
export interface KeyRing {
  /** The key of a name, made when it is asked for the first time. */
  readonly key: (name: string, type: KeyType) => DevKey;
  /** The document of a name, made when it is asked for the first time. */
  readonly document: (name: string, make: () => Buffer) => Buffer;
}

/** Keys that end with the process and never touch a disk. */
export function freshKeyRing(): KeyRing {
  const keys = new Map<string, DevKey>();
  const documents = new Map<string, Buffer>();
  return {
    key: (name, type) => {
      const key = keys.get(name) ?? makeDevKey(type);
      keys.set(name, key);
      return key;
    },
    document: (name, make) => {
      const bytes = documents.get(name) ?? make();
      documents.set(name, bytes);
      return bytes;
    },
  };
}

/**
 * Keys that are kept in a folder, so that what was signed yesterday verifies tomorrow: readable by their owner alone,
 * and encrypted when there is a password (PKCS#8, AES-256-CBC).
 *
 * @throws SigstoreDevError KEYS_UNREADABLE
 */
export function keptKeyRing(folder: string, password?: string): KeyRing {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const kept = (name: string, make: () => string | Buffer): Buffer => {
    const path = join(folder, name);
    try {
      return readFileSync(path);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw unreadable(path, cause);
    }
    const made = make();
    writeFileSync(path, made, { mode: 0o600, flag: 'wx' });
    return Buffer.from(made);
  };
  return {
    key: (name, type) => {
      const file = `${name}.key`;
      const pem = kept(file, () => exportKey(makeDevKey(type), password));
      try {
        const key = devKeyOf(
          createPrivateKey({ key: pem, ...(password === undefined ? {} : { passphrase: password }) }),
        );
        if (key.type === type) return key;
      } catch {
        // What OpenSSL says of a wrong password tells nobody anything, and may quote the file.
        throw unreadable(join(folder, file));
      }
      throw unreadable(join(folder, file));
    },
    document: kept,
  };
}

function exportKey({ privateKey }: DevKey, password: string | undefined): string | Buffer {
  const protection = password === undefined ? {} : { cipher: 'aes-256-cbc', passphrase: password };
  return privateKey.export({ type: 'pkcs8', format: 'pem', ...protection });
}

function unreadable(path: string, cause?: unknown): SigstoreDevError {
  const message = `${path} cannot be read: give its password in SEAWORTHY_PASSWORD, or remove the folder for new keys`;
  return new SigstoreDevError('KEYS_UNREADABLE', message, { cause });
}
