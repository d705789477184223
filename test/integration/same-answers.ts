import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launcher } from '../end-to-end/program.ts';
import { layoutFiles, writeFiles } from '../../testing/image/image-files.ts';
import { sampleImage, type Workplace } from '../end-to-end/sample.ts';

/** Why it cannot be asked here, where it cannot. */
export const noSpecialFiles: string | false = !existsSync('/dev/full') && 'there is no /dev/full';

const dockerfile = 'FROM alpine:3.19\nUSER root\n';

const pod = `
apiVersion: v1
kind: Pod
metadata: { name: app }
spec: { containers: [{ name: app, image: "app:latest" }] }
`;

/** Of each kind of command one that works or one that does not, and what a shell may do to it. All end at once, and say the same each time. */
const scripts: readonly string[] = [
  'seaworthy --help',
  'seaworthy verify --help',
  'seaworthy imag',
  'seaworthy verify --no-such-flag',
  'seaworthy image oci-dir:image --exit-code 9',
  'seaworthy image oci-dir:none',
  'seaworthy sbom oci-dir:image -f spdx-json -o sbom.json && cat sbom.json',
  'seaworthy config . --exit-code 9',
  'seaworthy generate-key-pair && seaworthy verify --key cosign.pub --insecure-ignore-tlog --local-image image',
  'seaworthy verify --key none.pub app:1',
  'seaworthy verify --key k8s://none/none --kubeconfig none app:1',
  'seaworthy policy lint pod.yaml',
  'seaworthy registry gc --data none',
  'seaworthy operator serve --kubeconfig none --listen 127.0.0.1:0',
  'seaworthy admission serve --kubeconfig none --listen 127.0.0.1:0',
  'seaworthy triage CVE-2024-0003 --registry 127.0.0.1:1 --plain-http 127.0.0.1:1',
  // More than a pipe holds, read late, and by nobody.
  'seaworthy policy schema | (sleep 1; cksum)',
  'seaworthy policy schema | true',
  'seaworthy policy schema > /dev/full',
  'seaworthy verify --help >&-',
  'export NODE_OPTIONS="--disable-proto=throw --max-old-space-size=300" && seaworthy image oci-dir:image && seaworthy verify',
  'cd gone && rmdir "$PWD" && seaworthy db path',
  'HOME= XDG_CACHE_HOME= seaworthy verify --help | head -1 && ls -A',
];

interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What lies in its folder at the end. */
  readonly files: readonly string[];
}

/** Asserts that a program that was built answers to all of it as its sources do, whether it finds code that it kept or not. */
export async function assertSameAnswers(place: Workplace, built: readonly string[]): Promise<void> {
  const [sources, other] = ['sources-', 'built-'].map((name) => mkdtempSync(join(place.path, name))) as [
    string,
    string,
  ];
  for (const script of scripts) {
    const [seen, expected] = await Promise.all([
      answer(place, other, built, script),
      answer(place, sources, [process.execPath, launcher], script),
    ]);
    assert.deepEqual(seen, expected, script);
  }
}

function answer(place: Workplace, home: string, program: readonly string[], script: string): Promise<Answer> {
  const cwd = mkdtempSync(join(home, 'w ö '));
  return new Promise((resolve, reject) => {
    mkdirSync(join(cwd, 'gone'));
    writeFiles(join(cwd, 'image'), layoutFiles([{ content: sampleImage() }]));
    writeFileSync(join(cwd, 'Dockerfile'), dockerfile);
    writeFileSync(join(cwd, 'pod.yaml'), pod);
    const env = {
      ...place.env,
      PATH: process.env['PATH'],
      HOME: home,
      COSIGN_PASSWORD: 'hold-fast',
      NO_COLOR: '1',
      SOURCE_DATE_EPOCH: '0',
    };
    const child = spawn(
      'sh',
      ['-c', `seaworthy() { ${program.map((word) => `'${word}'`).join(' ')} "$@"; }\n${script}`],
      {
        cwd,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: 60_000,
        killSignal: 'SIGKILL',
      },
    );
    const said = ['', ''];
    for (const [at, stream] of [child.stdout, child.stderr].entries()) {
      stream.setEncoding('utf8').on('data', (text: string) => (said[at] += text));
    }
    child.on('error', reject).on('close', (status) => {
      const [stdout = '', stderr = ''] = said.map((text) => text.replaceAll(cwd, '$PWD'));
      resolve({ status, stdout, stderr, files: readdirSync(cwd).toSorted() });
    });
  });
}
