/**
 * The least that Node could do, a process of its own: `node echo.ts FOLDER` with `tls.crt` and `tls.key` in the folder writes its port.
 * It answers every body the same way.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

const folder = process.argv[2] as string;
const files = { cert: readFileSync(join(folder, 'tls.crt')), key: readFileSync(join(folder, 'tls.key')) };
const response = { uid: '0', allowed: true };
const answer = Buffer.from(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }));
const headers = { 'content-type': 'application/json', 'content-length': answer.length };
const server = createServer(files, (request, reply) => {
  request.on('end', () => reply.writeHead(200, headers).end(answer)).resume();
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
