import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '../image/temporary-directory.ts';

/** A program `docker-credential-NAME` for tests. */
export interface FakeHelper extends Disposable {
  /** The environment in which it is found. */
  readonly env: { readonly PATH: string };
  /** The servers that it was asked about, in order. */
  asked(): readonly string[];
  /** What it answers from now on. */
  set(username: string, secret: string): void;
}

/** Makes one, as the helpers of ECR and Google answer (docker-credential-helpers, "Protocol"). */
export function makeHelper(name: string, username: string, secret: string): FakeHelper {
  const folder = temporaryDirectory();
  const at = (file: string): string => join(folder.path, file);
  folder.write('asked', '');
  const program = folder.write(
    `docker-credential-${name}`,
    `#!/bin/sh\nread -r server\necho "$1 $server" >> '${at('asked')}'\ncat '${at('answer')}'\n`,
  );
  chmodSync(program, 0o755);
  const set = (user: string, password: string): void => {
    writeFileSync(at('answer'), JSON.stringify({ ServerURL: '', Username: user, Secret: password }));
  };
  set(username, secret);
  return {
    env: { PATH: `${folder.path}:/usr/bin:/bin` },
    asked: () => readFileSync(at('asked'), 'utf8').split('\n').slice(0, -1),
    set,
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}
