import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { serveTasks } from './serve-tasks.ts';

/** The channel to whoever it works for, who opened it as this file. */
const channel = 3;

/**
 * Ends this process when whoever started it is gone, however busy it is: a scan may keep the main thread, and nobody would be left
 * to count its time.
 */
const watch = `
const parent = process.ppid;
setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL'); }, 1000);
`;

const socket = new Socket({ fd: channel, readable: true, writable: true });
socket.on('close', () => process.kill(process.pid, 'SIGKILL'));
new Worker(watch, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 8 } }).unref();
serveTasks(socket);
