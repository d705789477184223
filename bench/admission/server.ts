/**
 * A webhook to be measured, a process of its own: `node server.ts own|echo FOLDER` with `tls.crt` and `tls.key` in the folder. It writes
 * its port, and what it used so far for each line that it reads. `echo` is the least that Node could do: it answers every body the same way.
 */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Registry } from 'prom-client';
import { openMountedCertificates } from '../../src/admission/certificates/mounted-certificates.ts';
import { AdmissionMetrics } from '../../src/admission/metrics.ts';
import { plainAllowance } from '../../src/admission/review/answer.ts';
import { openAdmissionServer } from '../../src/admission/server/open-admission-server.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { systemClock } from '../../src/net/clock.ts';

const [, , kind, folder = '.'] = process.argv;
process.stdout.write(`${kind === 'echo' ? await echo() : await own()}\n`);
for await (const _ of createInterface(process.stdin)) {
  const { user, system } = process.cpuUsage();
  process.stdout.write(
    `${JSON.stringify({ cpu: (user + system) / 1000, memory: process.memoryUsage.rss() / 1_048_576 })}\n`,
  );
}
process.exit();

async function own(): Promise<number> {
  const metrics = new AdmissionMetrics(new Registry());
  const logger = silentLogger;
  const tls = await openMountedCertificates({ folder, clock: systemClock, logger, metrics });
  const listen = { host: '127.0.0.1', port: 0 };
  const server = await openAdmissionServer({ listen, tls, judge: () => plainAllowance, logger, metrics });
  return server.address.port;
}

async function echo(): Promise<number> {
  const files = { cert: readFileSync(join(folder, 'tls.crt')), key: readFileSync(join(folder, 'tls.key')) };
  const answer = Buffer.from(
    JSON.stringify({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: '0', allowed: true },
    }),
  );
  const headers = { 'content-type': 'application/json', 'content-length': answer.length };
  const server = createServer(files, (request, response) => {
    request.on('end', () => response.writeHead(200, headers).end(answer)).resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
