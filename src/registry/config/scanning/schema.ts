import { z } from 'zod';
import { count, duration, flag, path, secret, secretFields, size, type Paths } from '../value/schema.ts';
import type { ScanningConfig } from './model.ts';

const tebibyte = 2 ** 40;

/** {@link ScanningConfig}. */
export function scanningSchema(paths: Paths): z.ZodType<ScanningConfig> {
  return z
    .strictObject({
      enabled: flag.prefault('false').describe('whether images are scanned, in processes of their own'),
      database: path(paths)
        .exactOptional()
        .describe('folder of the vulnerability database: vulndb in a --cache-dir (default: the one that commands use)'),
      workers: count(1, 64).prefault('1').describe('images that each process scans at a time'),
      memory: size(256 * 2 ** 20, tebibyte)
        .prefault('2GiB')
        .describe('memory of one scan; a process that takes more is killed'),
      time: duration(1000, 3_600_000).prefault('10m').describe('how long one scan may take'),
      imageBytes: size(1, tebibyte).prefault('20GiB').describe('largest image that is scanned, as it is stored'),
      cache: size(0, tebibyte).prefault('1GiB').describe('how much is remembered of layers; 0 for nothing'),
      attach: flag.prefault('true').describe('whether bills of materials and findings are attached to images'),
      key: path(paths).exactOptional().describe('private key that signs what is attached (default: it is not signed)'),
      ...secretFields('keyPassword', paths, 'password of the key'),
    })
    .transform((given, context): ScanningConfig => {
      const { memory, time, cache, key, database, enabled, workers, imageBytes, attach } = given;
      const password = secret(given, 'keyPassword', context);
      if (key === undefined && password !== undefined) context.addIssue('has a password without a key; add key');
      return {
        enabled,
        ...(database === undefined ? {} : { database }),
        workers,
        memoryBytes: memory,
        timeMs: time,
        imageBytes,
        cacheBytes: cache,
        attach,
        ...(key === undefined ? {} : { key: { file: key, ...(password === undefined ? {} : { password }) } }),
      };
    })
    .prefault({});
}
