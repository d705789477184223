import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { makeCertificate } from '../../../testing/registry/certificate.ts';
import { silentLogger } from '../../base/logger.ts';
import { systemClock } from '../../net/clock.ts';
import { keepMountedAuthority } from './mounted-authority.ts';

const [one, two] = [makeCertificate('one'), makeCertificate('two')];

test('what lies beside certificates is published at each look, and nothing that is no authority', async () => {
  using folder = temporaryDirectory();
  const ended = new AbortController();
  const published: string[] = [];
  const warned: string[] = [];
  const steps: readonly (() => unknown)[] = [
    () => undefined,
    () => folder.write('ca.crt', 'nothing'),
    () => folder.write('ca.crt', one.cert),
    () => undefined,
    () => folder.write('ca.crt', `${two.cert}${two.key}`),
    () => folder.write('ca.crt', two.cert),
    () => rmSync(join(folder.path, 'ca.crt')),
    () => ended.abort(),
  ];
  let at = 0;
  const clock = {
    ...systemClock,
    async sleep() {
      steps[at]?.();
      at += 1;
    },
  };
  const publish = async (bundle: string): Promise<boolean> => {
    published.push(bundle);
    return true;
  };
  const logger = { ...silentLogger, warn: (message: string) => void warned.push(message) };
  await keepMountedAuthority({ folder: folder.path, publish, clock, logger }, ended.signal);
  assert.deepEqual(published, [one.cert, one.cert, two.cert]);
  // Twice that it is not there, once that it is none, once that there is a key in it, and again that it is not there.
  assert.equal(warned.length, 4);
});
